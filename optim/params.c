/* The parameters of an optimizer: their state and pieces, and adding more of them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/error.h"
#include "core/base/memory.h"
#include "core/tensor_internal.h"
#include "optim/optim_internal.h"
#include "optim/params_internal.h"

/* ---- Lists of parameters */

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
    if (trained && !t->requires_grad && !t->lent) /* a module's is frozen, which is meant */
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
    bool any = !trained;
    for (int i = 0; i < params.count; i++) {
        if (!check_param(who, params, i, trained))
            return false;
        any |= params.tensors[i]->requires_grad;
    }
    return any || tarn_fail("%s: all %d parameters are frozen, expects one that is trained", who,
                            params.count);
}

/* ---- Those of an optimizer */

/* What an optimizer has for its parameters. */
typedef struct holding {
    int param_count;
    tarn_optim_param *params;
    int64_t place_count;
    tarn_optim_place *places;
} holding;

static holding holding_of(const tarn_optim *self)
{
    return (holding){self->param_count, self->params, self->place_count, self->places};
}

static void take(tarn_optim *self, const holding *h)
{
    self->param_count = h->param_count;
    self->params = h->params;
    self->place_count = h->place_count;
    self->places = h->places;
}

/* False when memory runs out. */
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

void tarn__optim_free_params(tarn_optim_param *params, int count)
{
    for (int i = 0; i < count; i++) {
        free(params[i].name);
        for (int k = 0; k < TARN_OPTIM_MAX_STATE; k++)
            tarn__block_free(params[i].state[k]);
    }
}

/* Copies the list behind what was there, with its names, and makes the state. False when memory
   runs out. */
static bool add_params(const tarn_optim *self, tarn_params list, holding *h)
{
    h->params = calloc((size_t)(self->param_count + list.count), sizeof *h->params);
    if (!h->params)
        return false;
    if (self->param_count > 0)
        memcpy(h->params, self->params, (size_t)self->param_count * sizeof *h->params);
    h->param_count = self->param_count;
    for (int i = 0; i < list.count; i++) {
        const char *name = list.names ? list.names[i] : NULL;
        tarn_optim_param *param = &h->params[h->param_count++];
        *param = (tarn_optim_param){.tensor = list.tensors[i],
                                    .name = name ? strdup(name) : NULL,
                                    .lr_scale = 1,
                                    .weight_decay = self->weight_decay,
                                    .l1 = self->l1};
        if ((name && !param->name) || !add_state(param, self->state_count))
            return false;
    }
    return true;
}

/* Cuts all parameters into pieces. False when memory runs out. */
static bool add_places(holding *h)
{
    int64_t count = 0;
    for (int i = 0; i < h->param_count; i++)
        count += (tarn_size(h->params[i].tensor) + TARN__PIECE - 1) / TARN__PIECE;
    h->places = malloc((size_t)(count + 1) * sizeof *h->places); /* never 0 bytes */
    if (!h->places)
        return false;
    for (int i = 0; i < h->param_count; i++)
        for (int64_t begin = 0; begin < tarn_size(h->params[i].tensor); begin += TARN__PIECE)
            h->places[h->place_count++] = (tarn_optim_place){&h->params[i], begin};
    return true;
}

bool tarn__optim_add_params(tarn_optim *self, tarn_params list)
{
    const holding before = holding_of(self);
    holding h = {0};
    bool complete = add_params(self, list, &h) && add_places(&h);
    if (complete) {
        take(self, &h);
        complete = !self->rule->prepare || self->rule->prepare(self);
    }
    const holding *gone = complete ? &before : &h;
    if (!complete && h.params) {
        take(self, &before);
        tarn__optim_free_params(h.params + before.param_count, h.param_count - before.param_count);
    }
    free(gone->params);
    free(gone->places);
    return complete;
}

bool tarn__param_numbers_grow(tarn__param_numbers *self, const tarn_optim *optimizer,
                              tarn__number_count *count_of)
{
    int64_t count = 0;
    for (int i = 0; i < optimizer->param_count; i++)
        count += count_of(optimizer->params[i].tensor);
    double *numbers = calloc((size_t)count + 1, sizeof *numbers); /* never 0 bytes */
    if (!numbers)
        return false;
    if (self->count > 0)
        memcpy(numbers, self->numbers, (size_t)self->count * sizeof *numbers);
    free(self->numbers);
    *self = (tarn__param_numbers){numbers, count, count_of};
    return true;
}

double *tarn__param_numbers_of(const tarn__param_numbers *self, const tarn_optim *optimizer,
                               const tarn_optim_param *param)
{
    int64_t before = 0;
    for (const tarn_optim_param *p = optimizer->params; p < param; p++)
        before += self->count_of(p->tensor);
    return self->numbers + before;
}

static bool has(const tarn_optim *self, const tarn_tensor *tensor)
{
    for (int i = 0; i < self->param_count; i++)
        if (self->params[i].tensor == tensor)
            return true;
    return false;
}

bool tarn_optim_add(tarn_optim *self, tarn_params params)
{
    if (!self || !tarn__check_params("optim_add", params, true))
        return false;
    if (self->observer)
        return tarn_fail("optim_add: the optimizer is watched, expects the watch to end before: "
                         "tarn_optim_watch(optimizer, NULL, NULL)");
    for (int i = 0; i < params.count; i++)
        if (has(self, params.tensors[i]))
            return tarn_fail(
                "optim_add: parameter %d of the list is one of the optimizer's already", i);
    return tarn__optim_add_params(self, params) ||
           tarn_set_error("optim_add: out of memory for the state of %d parameters", params.count);
}
