/* Making an optimizer of a rule: checks, the list of parameters, their state and pieces. */
#include "optim/rule.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/error.h"
#include "core/base/memory.h"
#include "core/state.h"
#include "core/tensor_internal.h"
#include "optim/optim_internal.h"
#include "optim/rule_internal.h"

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
        return tarn_fail(
            "optim_%s: decoupled is set, but weight_decay is 0, expects one above 0 with it",
            rule->name);
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
    if (self && common.args)
        self->options = tarn__options_text(rule->options, common.args);
    if (!self || (common.args && !self->options) || !add_params(self, common.params, state_count) ||
        !add_pieces(self)) {
        tarn_set_error("optim_%s: out of memory for the state of %d parameters", rule->name,
                       common.params.count);
        tarn_optim_free(self);
        return NULL;
    }
    return self;
}
