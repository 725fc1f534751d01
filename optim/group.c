/*
 * Groups of parameters. Each parameter of an optimizer holds its own scale of the rate, its own
 * penalties and, if its group has them, numbers of the rule, see piece_of() in optim.c; making a
 * group is setting them for some.
 */
#include <fnmatch.h>
#include <math.h>

#include "core/base/error.h"
#include "optim/numbers_internal.h"

typedef struct group {
    double lr_scale, weight_decay, l1;
    const char *options;
    void *args; /* the optimizer's with these options; NULL: the optimizer's */
} group;

#define GROUP_OF(args)                                                                             \
    ((group){(args).lr_scale, (args).weight_decay, (args).l1, (args).options, NULL})

static bool check_number(const char *function, const char *name, double value)
{
    return (value >= 0 && isfinite((tarn_real)value)) ||
           tarn_fail("optim_%s: %s is %g, expects a finite number of at least 0", function, name,
                     value);
}

static bool check_penalty(const char *function, const char *name, double value)
{
    return value == TARN_OPTIM_SAME || check_number(function, name, value);
}

static bool check(tarn_optim *self, const char *function, group *g)
{
    return check_number(function, "lr_scale", g->lr_scale) &&
           check_penalty(function, "weight_decay", g->weight_decay) &&
           check_penalty(function, "l1", g->l1) &&
           tarn__optim_group_args(self, function, g->options, &g->args);
}

static void join(const tarn_optim *self, tarn_optim_param *param, const group *g)
{
    param->lr_scale = g->lr_scale;
    param->args = g->args;
    param->weight_decay = g->weight_decay == TARN_OPTIM_SAME ? self->weight_decay : g->weight_decay;
    param->l1 = g->l1 == TARN_OPTIM_SAME ? self->l1 : g->l1;
}

int tarn_optim_group_with(tarn_optim_group_args args)
{
    tarn_optim *self = args.optimizer;
    group g = GROUP_OF(args);
    if (!self || !check(self, "group", &g))
        return 0;
    if (!args.pattern || !self->params[0].name) {
        tarn_fail(args.pattern ? "optim_group: the optimizer's parameters have no names, expects "
                                 "those of tarn_nn_parameters(); tarn_optim_group_of() takes "
                                 "tensors instead"
                               : "optim_group: the pattern is NULL");
        return 0;
    }
    int matched = 0;
    for (int i = 0; i < self->param_count; i++) {
        tarn_optim_param *param = &self->params[i];
        if (param->name && fnmatch(args.pattern, param->name, 0) == 0) {
            join(self, param, &g);
            matched++;
        }
    }
    if (matched == 0)
        tarn_fail("optim_group: \"%s\" matches none of the %d parameters, expects a pattern of "
                  "names such as \"%s\"",
                  args.pattern, self->param_count, self->params[0].name);
    return matched;
}

/* NULL if it is not one of the optimizer's. */
static tarn_optim_param *find(const tarn_optim *self, const tarn_tensor *tensor)
{
    for (int i = 0; i < self->param_count; i++)
        if (self->params[i].tensor == tensor)
            return &self->params[i];
    return NULL;
}

int tarn_optim_group_of_with(tarn_optim_group_of_args args)
{
    tarn_optim *self = args.optimizer;
    group g = GROUP_OF(args);
    if (!self || args.params.count < 0 || !check(self, "group_of", &g))
        return 0;
    if (args.params.count == 0 || !args.params.tensors) {
        tarn_fail("optim_group_of: the list of parameters is empty, expects at least one");
        return 0;
    }
    for (int i = 0; i < args.params.count; i++)
        if (!find(self, args.params.tensors[i])) {
            tarn_fail("optim_group_of: parameter %d of the list is not one of the optimizer's", i);
            return 0;
        }
    for (int i = 0; i < args.params.count; i++)
        join(self, find(self, args.params.tensors[i]), &g);
    return args.params.count;
}
