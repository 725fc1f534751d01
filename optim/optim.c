/*
 * What all optimizers share: the list of parameters and their state, the penalties, the step.
 *
 * Every parameter is cut into pieces of fixed length, and the pieces of all are one list, which
 * threads share. A piece is decayed, its gradient gets the penalties, and the rule updates it, all
 * while it is in the cache: one pass over memory. Where a piece begins and ends does not depend on
 * the number of threads, and so neither do the bits.
 */
#include "optim/optim.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/clones.h"
#include "core/base/denormals.h"
#include "core/base/error.h"
#include "core/base/parallel.h"
#include "core/op_internal.h"
#include "optim/internal.h"
#include "optim/rule.h"

/* ---- Making one */

bool tarn_optim_check(const tarn_optim_rule *rule, const void *args)
{
    if (!rule || !args)
        return tarn_fail("optim_check: the %s NULL", rule ? "arguments are" : "rule is");
    char who[64];
    snprintf(who, sizeof who, "optim_%s", rule->name);
    return tarn_options_check(who, rule->options, args);
}

static bool check_numbers(const tarn_optim_rule *rule, size_t size, int state_count,
                          const tarn_optim_common *common)
{
    if (size < sizeof(tarn_optim))
        return tarn_fail("optim_%s: its size is %zu, expects at least sizeof(tarn_optim), %zu",
                         rule->name, size, sizeof(tarn_optim));
    if (state_count < 0 || state_count > TARN_OPTIM_MAX_STATE)
        return tarn_fail("optim_%s: %d arrays of state, expects 0 to %d", rule->name, state_count,
                         TARN_OPTIM_MAX_STATE);
    typedef tarn_optim_common tarn_option_args;
    static const tarn_option options[] = {TARN_OPTION(double, lr, 0, AT_LEAST_0)
                                              TARN_OPTIM_PENALTIES(TARN_OPTION)};
    char who[64];
    snprintf(who, sizeof who, "optim_%s", rule->name);
    if (!tarn_options_check(who, (tarn_option_list)TARN_OPTION_LIST(options), common))
        return false;
    if (common->decoupled && common->weight_decay == 0)
        return tarn_fail("optim_%s: decoupled is set, but weight_decay is 0", rule->name);
    return true;
}

/* Whether parameter i of the list is a tensor that stays and, if trained, can be. */
static bool check_param(const char *who, tarn_params params, int i, bool trained)
{
    char label[128];
    const char *name = params.names ? params.names[i] : NULL;
    snprintf(label, sizeof label, name ? "%s: parameter %d (%s)" : "%s: parameter %d", who, i,
             name);

    const tarn_tensor *t = params.tensors[i];
    if (!t)
        return tarn_fail("%s is NULL", label);
    if (t->tape)
        return tarn_fail("%s has shape %s and is the result of an operation, expects a tensor made "
                         "by a constructor",
                         label, tarn_shape_to_text(t->shape).text);
    if (trained && !t->requires_grad)
        return tarn_fail("%s has shape %s and requires no gradient, expects one that "
                         "tarn_requires_grad() was called for",
                         label, tarn_shape_to_text(t->shape).text);
    for (int j = 0; j < i; j++)
        if (params.tensors[j] == t)
            return tarn_fail("%s is the same tensor as parameter %d, expects each once", label, j);
    return true;
}

bool tarn__check_params(const char *who, tarn_params params, bool trained)
{
    if (params.count < 0)
        return false;
    if (params.count == 0 || !params.tensors)
        return tarn_fail("%s: the list of parameters is empty, expects at least one", who);
    for (int i = 0; i < params.count; i++)
        if (!check_param(who, params, i, trained))
            return false;
    return true;
}

/* Makes the state of a parameter. False when memory runs out. */
static bool add_state(tarn_optim_param *param, int state_count)
{
    size_t bytes = (size_t)tarn_size(param->tensor) * sizeof(tarn_real);
    for (int k = 0; k < state_count; k++) {
        param->state[k] = tarn__block_alloc(bytes);
        if (!param->state[k])
            return false;
        memset(param->state[k], 0, bytes);
    }
    return true;
}

/* Copies the list, with its names, and makes the state. False when memory runs out. */
static bool add_params(tarn_optim *self, tarn_params params, int state_count)
{
    self->params = calloc((size_t)params.count, sizeof *self->params);
    if (!self->params)
        return false;
    self->param_count = params.count;
    for (int i = 0; i < params.count; i++) {
        const char *name = params.names ? params.names[i] : NULL;
        tarn_optim_param *param = &self->params[i];
        *param = (tarn_optim_param){.tensor = params.tensors[i],
                                    .name = name ? strdup(name) : NULL,
                                    .lr_scale = 1,
                                    .weight_decay = self->weight_decay,
                                    .l1 = self->l1};
        if ((name && !param->name) || !add_state(param, state_count))
            return false;
    }
    return true;
}

/* Cuts all parameters into pieces. False when memory runs out. */
static bool add_pieces(tarn_optim *self)
{
    int64_t count = 0;
    for (int i = 0; i < self->param_count; i++)
        count += (tarn_size(self->params[i].tensor) + TARN__PIECE - 1) / TARN__PIECE;
    self->places = malloc((size_t)(count + 1) * sizeof *self->places); /* never 0 bytes */
    if (!self->places)
        return false;
    for (int i = 0; i < self->param_count; i++)
        for (int64_t begin = 0; begin < tarn_size(self->params[i].tensor); begin += TARN__PIECE)
            self->places[self->place_count++] = (tarn_optim_place){&self->params[i], begin};
    return true;
}

void *tarn_optim_new(const tarn_optim_rule *rule, size_t size, int state_count,
                     tarn_optim_common common)
{
    if (!rule || !rule->name || !rule->update)
        return tarn_fail("optim_new: the rule has no name or no update function");
    char who[64];
    snprintf(who, sizeof who, "optim_%s", rule->name);
    if (!check_numbers(rule, size, state_count, &common) ||
        !tarn__check_params(who, common.params, true))
        return NULL;
    tarn_optim *self = calloc(1, size);
    if (self)
        *self = (tarn_optim){.rule = rule,
                             .lr = common.lr,
                             .weight_decay = common.weight_decay,
                             .l1 = common.l1,
                             .decoupled = common.decoupled};
    if (!self || !add_params(self, common.params, state_count) || !add_pieces(self)) {
        tarn_set_error("optim_%s: out of memory for the state of %d parameters", rule->name,
                       common.params.count);
        tarn_optim_free(self);
        return NULL;
    }
    return self;
}

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
    for (int i = 0; i < self->param_count; i++) {
        free(self->params[i].name);
        for (int k = 0; k < TARN_OPTIM_MAX_STATE; k++)
            free(self->params[i].state[k]);
    }
    free(self->params);
    free(self->places);
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

/* to = g + l2 w + l1 sign(w), where sign(0) = 0 */
TARN__CLONES static void penalize(const tarn_real *restrict g, const tarn_real *restrict w,
                                  int64_t count, tarn_real l2, tarn_real l1, tarn_real *restrict to)
{
    for (int64_t i = 0; i < count; i++)
        to[i] = g[i] + l2 * w[i];
    if (l1 > 0)
        for (int64_t i = 0; i < count; i++)
            to[i] += l1 * (tarn_real)((w[i] > 0) - (w[i] < 0));
}

/* The elements of a parameter from begin on, but its gradients. */
static tarn_optim_piece piece_of(const tarn_optim *self, tarn_optim_param *param, int64_t begin,
                                 int64_t count)
{
    const double scale = self->rule->lr_scale ? self->rule->lr_scale(self, param->tensor) : 1;
    tarn_optim_piece piece = {.count = count,
                              .step = param->step,
                              .lr = self->lr * param->lr_scale * scale,
                              .weights = tarn_values(param->tensor) + begin,
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

static void update_piece(const tarn_optim *self, const tarn_optim_place *place)
{
    tarn_optim_param *param = place->param;
    if (!param->gradients)
        return;
    tarn_optim_piece piece = piece_of(self, param, place->begin, tarn__piece_count(place));
    piece.gradients = param->gradients + place->begin;

    if (self->decoupled)
        decay(piece.weights, piece.count, (tarn_real)(piece.lr * param->weight_decay));
    const tarn_real l2 = self->decoupled ? 0 : (tarn_real)param->weight_decay;
    const tarn_real l1 = (tarn_real)param->l1;
    tarn_real penalized[TARN__PIECE];
    if (l2 > 0 || l1 > 0) {
        penalize(piece.gradients, piece.weights, piece.count, l2, l1, penalized);
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

/* Changes the parameters that take part, which have so many elements. */
static void update_params(tarn_optim *self, int64_t elements)
{
#pragma omp parallel if (elements >= TARN__PARALLEL_MIN)
    {
        tarn__denormals caller = tarn__flush_denormals();
#pragma omp for schedule(static) nowait
        for (int64_t i = 0; i < self->place_count; i++)
            update_piece(self, &self->places[i]);
        tarn__restore_denormals(caller);
    }
    if (self->rule->finish)
        finish_params(self);
}

void tarn_optim_step(tarn_optim *self)
{
    if (!self || tarn__backward_incomplete()) {
        tarn_fail_null("optim_step: the optimizer");
        return;
    }
    if (watcher_calls(self, "step"))
        return;
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
        tarn_fail("optim_set_lr: lr is %g, expects a finite number of at least 0", lr);
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
