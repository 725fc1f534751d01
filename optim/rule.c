/* Making an optimizer of a rule: checks, and what it holds beside its parameters (params.c). */
#include "optim/rule.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/error.h"
#include "core/state.h"
#include "core/tensor_internal.h"
#include "optim/params_internal.h"
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
    if (common->independent && (!common->decoupled || common->lr == 0))
        return tarn_fail("optim_%s: independent is set, but %s is 0, expects a decoupled decay and "
                         "a rate above 0 with it",
                         rule->name,
                         common->weight_decay == 0 ? "weight_decay"
                         : common->lr == 0         ? "lr"
                                                   : "decoupled");
    return true;
}

/* False when memory runs out. */
static bool fill(tarn_optim *self, const tarn_optim_rule *rule, int state_count,
                 const tarn_optim_common *common)
{
    *self = (tarn_optim){.rule = rule,
                         .lr = common->lr,
                         .first_lr = common->lr,
                         .weight_decay = common->weight_decay,
                         .l1 = common->l1,
                         .decoupled = common->decoupled,
                         .independent = common->independent,
                         .maximize = common->maximize,
                         .state_count = state_count};
    if (common->args) {
        self->options = tarn__options_text(rule->options, common->args);
        if (!self->options)
            return false;
    }
    if (common->args && rule->args_size > 0) {
        self->args = malloc(rule->args_size);
        if (!self->args)
            return false;
        memcpy(self->args, common->args, rule->args_size);
    }
    return tarn__optim_add_params(self, common->params);
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
    if (!self || !fill(self, rule, state_count, &common)) {
        tarn_set_error("optim_%s: out of memory for the state of %d parameters", rule->name,
                       common.params.count);
        tarn_optim_free(self);
        return NULL;
    }
    return self;
}
