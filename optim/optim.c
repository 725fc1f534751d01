/*
 * The step that all optimizers share: penalties, pieces, threads. (rule.c makes an optimizer.)
 *
 * Every parameter is cut into pieces of fixed length, and the pieces of all are one list, which
 * threads share. A piece is decayed, its gradient gets the penalties, and the rule updates it, all
 * while it is in the cache: one pass over memory. Where a piece begins and ends does not depend on
 * the number of threads, and so neither do the bits.
 */
#include "optim/optim.h"

#include <math.h>
#include <stdlib.h>

#include "core/base/clones.h"
#include "core/base/denormals.h"
#include "core/base/error_internal.h"
#include "core/base/pool.h"
#include "core/op_internal.h"
#include "optim/optim_internal.h"
#include "optim/params_internal.h"
#include "optim/rule.h"
#include "optim/rule_internal.h"

/* Whether a watcher calls the function, which is a mistake. */
static bool watcher_calls(const tarn_optim *self, const char *function)
{
    const bool calls = self->observer && self->observer->is_calling;
    if (calls)
        tarn_fail("optim_%s: called by the watcher of the same optimizer, expects to be called "
                  "after the step",
                  function);
    return calls;
}

void tarn_optim_free(tarn_optim *self)
{
    if (!self || watcher_calls(self, "free"))
        return;
    if (self->rule->free)
        self->rule->free(self);
    tarn__optim_free_params(self->params, self->param_count);
    free(self->params);
    free(self->places);
    free(self->options);
    free(self->args);
    for (int g = 0; g < self->group_count; g++)
        free(self->group_args[g]);
    free(self->group_args);
    free(self->observer);
    free(self);
}

/* ---- The step */

/* Decoupled weight decay: w -= lr weight_decay w. PyTorch multiplies by 1 - lr weight_decay, which
   float rounds by up to a third of a percent of a decay of 1e-5. */
TARN__CLONES static void decay(tarn_real *w, int64_t count, tarn_real rate)
{
    for (int64_t i = 0; i < count; i++)
        w[i] -= rate * w[i];
}

/* w -= rate x */
typedef struct descent {
    tarn_real *w;
    const tarn_real *x;
    tarn_real rate;
} descent;

TARN__CLONES static void descend(tarn_real *restrict w, const tarn_real *restrict x, int64_t count,
                                 tarn_real rate)
{
    for (int64_t i = 0; i < count; i++)
        w[i] -= rate * x[i];
}

static void descend_elements(const void *context, int64_t first, int64_t end)
{
    const descent *d = context;
    tarn__denormals caller = tarn__flush_denormals();
    descend(d->w + first, d->x + first, end - first, d->rate);
    tarn__restore_denormals(caller);
}

void tarn__optim_descend(tarn_real *w, const tarn_real *x, int64_t count, double rate)
{
    tarn__share(count, count, descend_elements, &(descent){w, x, (tarn_real)rate});
}

/* to = sign g + l2 w + l1 sign(w), where sign(0) = 0; sign itself is 1 or -1 */
TARN__CLONES static void penalize(const tarn_real *restrict g, const tarn_real *restrict w,
                                  int64_t count, tarn_real sign, tarn_real l2, tarn_real l1,
                                  tarn_real *restrict to)
{
    for (int64_t i = 0; i < count; i++)
        to[i] = sign * g[i] + l2 * w[i];
    if (l1 > 0)
        for (int64_t i = 0; i < count; i++)
            to[i] += l1 * (tarn_real)((w[i] > 0) - (w[i] < 0));
}

/* The elements of a parameter from begin on, but its gradients. */
static tarn_optim_piece piece_of(const tarn_optim *self, tarn_optim_param *param, int64_t begin,
                                 int64_t count)
{
    tarn_optim_piece piece = {.count = count,
                              .step = param->step,
                              .lr = self->lr * param->lr_scale,
                              .weights = tarn_values(param->tensor) + begin,
                              .args = param->args ? param->args : self->args,
                              .param = param};
    for (int k = 0; k < TARN_OPTIM_MAX_STATE && param->state[k]; k++)
        piece.state[k] = param->state[k] + begin;
    return piece;
}

int64_t tarn__piece_count(const tarn_optim_place *place)
{
    const int64_t rest = tarn_size(place->param->tensor) - place->begin;
    return rest < TARN__PIECE ? rest : TARN__PIECE;
}

double tarn__optim_decay(const tarn_optim *self, const tarn_optim_piece *piece)
{
    const double rate = self->independent ? self->lr / self->first_lr : piece->lr;
    return rate * piece->param->weight_decay;
}

void tarn__optim_shrink(const tarn_optim *self, const tarn_optim_piece *piece)
{
    decay(piece->weights, piece->count, (tarn_real)tarn__optim_decay(self, piece));
}

static void update_piece(const tarn_optim *self, const tarn_optim_place *place)
{
    tarn_optim_param *param = place->param;
    if (!param->gradients)
        return;
    tarn_optim_piece piece = piece_of(self, param, place->begin, tarn__piece_count(place));
    piece.gradients = param->gradients + place->begin;

    if (self->decoupled && !self->rule->decays)
        tarn__optim_shrink(self, &piece);
    const tarn_real l2 = self->decoupled || self->rule->decays ? 0 : (tarn_real)param->weight_decay;
    const tarn_real l1 = (tarn_real)param->l1;
    tarn_real penalized[TARN__PIECE];
    if (l2 > 0 || l1 > 0 || self->maximize) {
        const tarn_real sign = self->maximize ? -1 : 1;
        penalize(piece.gradients, piece.weights, piece.count, sign, l2, l1, penalized);
        piece.gradients = penalized;
    }
    self->rule->update(self, &piece);
}

/* Lets the rule finish each parameter that takes part. */
static void finish_params(tarn_optim *self)
{
    for (int p = 0; p < self->param_count; p++) {
        tarn_optim_param *param = &self->params[p];
        const int64_t size = tarn_size(param->tensor);
        if (param->gradients && size > 0) {
            const tarn_optim_piece whole = piece_of(self, param, 0, size);
            self->rule->finish(self, &whole);
        }
    }
}

/* Settles which parameters take part. Returns how many elements these have. */
static int64_t begin_step(tarn_optim *self)
{
    int64_t elements = 0;
    for (int p = 0; p < self->param_count; p++) {
        tarn_optim_param *param = &self->params[p];
        param->gradients = param->tensor->requires_grad ? tarn_gradients(param->tensor) : NULL;
        if (!param->gradients)
            continue;
        param->step++;
        elements += tarn_size(param->tensor);
    }
    return elements;
}

static void update_pieces(const void *context, int64_t first, int64_t end)
{
    const tarn_optim *self = context;
    tarn__denormals caller = tarn__flush_denormals();
    for (int64_t i = first; i < end; i++)
        update_piece(self, &self->places[i]);
    tarn__restore_denormals(caller);
}

/* Changes the parameters that take part, which have so many elements. */
static void update_params(tarn_optim *self, int64_t elements)
{
    tarn__share(self->place_count, elements, update_pieces, self);
    if (self->rule->finish)
        finish_params(self);
}

/* Whether an element can hold the rate of each parameter; else 0 times it would be NaN. */
static bool check_rates(const tarn_optim *self)
{
    for (int p = 0; p < self->param_count; p++)
        if (!isfinite((tarn_real)(self->lr * self->params[p].lr_scale)))
            return tarn_fail(
                "optim_step: the rate %g times a group's lr_scale of %g is beyond what "
                "an element can be",
                self->lr, self->params[p].lr_scale);
    return true;
}

void tarn_optim_step(tarn_optim *self)
{
    if (!self)
        tarn_fail_null("optim_step: the optimizer");
    else if (tarn__backward_incomplete())
        tarn__fail_of("optim_step: the gradients",
                      "are not complete, since memory ran out in tarn_backward()");
    if (!self || tarn__backward_incomplete())
        return;
    if (watcher_calls(self, "step") || !check_rates(self))
        return;
    if (self->swapped) {
        tarn_fail("optim_step: the averages are in the place of the weights, expects "
                  "tarn_optim_swap() before");
        return;
    }
    const int64_t elements = begin_step(self);
    if (self->observer)
        self->observer->before(self);
    if (elements > 0)
        update_params(self, elements);
    if (self->observer)
        self->observer->after(self);
}

void tarn_optim_zero_grad(tarn_optim *self)
{
    if (!self)
        tarn_fail_null("optim_zero_grad: the optimizer");
    for (int i = 0; self && i < self->param_count; i++)
        tarn_zero_grad(self->params[i].tensor);
}

void tarn_optim_set_lr(tarn_optim *self, double lr)
{
    if (!self)
        return;
    if (!(lr >= 0 && isfinite((tarn_real)lr)))
        tarn_fail("optim_set_lr: lr is %g, expects a number of at least 0 in the "
                  "range of an element",
                  lr);
    else
        self->lr = lr;
}

double tarn_optim_lr(const tarn_optim *self)
{
    return self ? self->lr : NAN;
}

int64_t tarn_optim_state_bytes(const tarn_optim *self)
{
    int64_t elements = 0;
    for (int i = 0; self && i < self->param_count; i++)
        for (int k = 0; k < TARN_OPTIM_MAX_STATE && self->params[i].state[k]; k++)
            elements += tarn_size(self->params[i].tensor);
    return elements * (int64_t)sizeof(tarn_real);
}
