/*
 * The numbers of a rule (momentum, beta1, eps, ...) after its making: other ones for a group, and
 * new ones for all. Rules read them from the struct of arguments that a piece brings. A number that
 * asks for more or less state than there is, as momentum where there was none, is a mistake: the
 * constructor itself is asked, with a weight that is soon gone.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/error.h"
#include "optim/numbers_internal.h"

/* Rates and penalties are the optimizer's and the group's in other ways. */
static bool is_number_of_rule(const tarn_option *option)
{
    static const char *const others[] = {"lr", "adam_lr", "weight_decay", "l1"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (strcmp(option->name, others[i]) == 0)
            return false;
    return option->type != TARN_OPTION_bool;
}

/* The first option with another value in b, of those that may have, or of those that may not. */
static const tarn_option *first_change(const tarn_optim *self, const void *a, const void *b,
                                       bool may)
{
    const tarn_option_list list = self->rule->options;
    for (int i = 0; i < list.count; i++)
        if (is_number_of_rule(&list.options[i]) == may &&
            tarn_option_get(&list.options[i], a) != tarn_option_get(&list.options[i], b))
            return &list.options[i];
    return NULL;
}

/* Asks the constructor, which reports what it does not like. */
static bool needs_same_state(const tarn_optim *self, const char *function, void *args)
{
    tarn_params before;
    memcpy(&before, args, sizeof before);
    tarn_tensor *weight = tarn_requires_grad(tarn_zeros(tarn_shape(1, 1)), true);
    tarn_tensor *list[] = {weight};
    const tarn_params one = {1, list, NULL};
    memcpy(args, &one, sizeof one);
    tarn_optim *trial = weight ? self->rule->make(args) : NULL;
    const bool same = trial && trial->state_count == self->state_count;
    if (trial && !same)
        tarn_fail("optim_%s: a number needs %d arrays of state, expects one for the %d that there "
                  "are",
                  function, trial->state_count, self->state_count);
    tarn_optim_free(trial);
    tarn_free(weight);
    memcpy(args, &before, sizeof before);
    return same;
}

/* ---- For groups */

static bool read(const tarn_optim *self, const char *function, const char *text, void *args)
{
    if (!tarn_options_read(self->rule->name, self->rule->options, text, args))
        return tarn_fail("optim_%s: %s", function, tarn_error());
    const tarn_option *other = first_change(self, self->args, args, false);
    if (other)
        return tarn_fail("optim_%s: %s cannot be set by text for a group, expects numbers of the "
                         "rule; rate and penalties are options of the group",
                         function, other->name);
    return needs_same_state(self, function, args);
}

/* Frees those that no parameter has any more. */
static void sweep(tarn_optim *self)
{
    int kept = 0;
    for (int g = 0; g < self->group_count; g++) {
        bool used = false;
        for (int i = 0; i < self->param_count && !used; i++)
            used = self->params[i].args == self->group_args[g];
        if (used)
            self->group_args[kept++] = self->group_args[g];
        else
            free(self->group_args[g]);
    }
    self->group_count = kept;
}

bool tarn__optim_group_args(tarn_optim *self, const char *function, const char *text, void **to)
{
    *to = NULL;
    if (!text)
        return true;
    if (!self->args)
        return tarn_fail("optim_%s: the rule %s has no options to set by text", function,
                         self->rule->name);
    sweep(self);
    void **larger =
        realloc(self->group_args, ((size_t)self->group_count + 1) * sizeof *self->group_args);
    if (larger)
        self->group_args = larger;
    void *args = larger ? malloc(self->rule->args_size) : NULL;
    if (!args)
        return tarn_set_error("optim_%s: out of memory", function);
    memcpy(args, self->args, self->rule->args_size);
    if (!read(self, function, text, args)) {
        free(args);
        return false;
    }
    *to = self->group_args[self->group_count++] = args;
    return true;
}

/* ---- For all */

static const tarn_option *find(const tarn_optim *self, const char *name)
{
    const tarn_option_list list = self->rule->options;
    for (int i = 0; self->args && i < list.count; i++)
        if (strcmp(list.options[i].name, name) == 0 && is_number_of_rule(&list.options[i]))
            return &list.options[i];
    return NULL;
}

bool tarn_optim_set(tarn_optim *self, const char *name, double value)
{
    if (!self || !name)
        return self && tarn_fail("optim_set: the name is NULL");
    const tarn_option *option = find(self, name);
    if (!option)
        return tarn_fail("optim_set: %s has no number %s that can be set, expects one such as "
                         "momentum or beta1",
                         self->rule->name, name);
    const double before = tarn_option_get(option, self->args);
    if (!tarn_option_set(option, self->args, value))
        return tarn_fail("optim_set: %s is %g, expects %s", name, value,
                         tarn_range_text(option->range));
    if ((before == 0) != (value == 0) && !needs_same_state(self, "set", self->args)) {
        tarn_option_set(option, self->args, before);
        return false;
    }
    for (int g = 0; g < self->group_count; g++)
        tarn_option_set(option, self->group_args[g], value);
    return true;
}

double tarn_optim_get(const tarn_optim *self, const char *name)
{
    const tarn_option *option = self && name ? find(self, name) : NULL;
    return option ? tarn_option_get(option, self->args) : NAN;
}

void tarn__optim_numbers_state(tarn_optim *self, const char *prefix, tarn__state *state)
{
    const tarn_option_list list = self->rule->options;
    for (int g = -1; self->args && g < self->group_count; g++)
        for (int i = 0; i < list.count; i++) {
            if (!is_number_of_rule(&list.options[i]) || list.options[i].type != TARN_OPTION_double)
                continue;
            char *args = g < 0 ? self->args : self->group_args[g];
            double *number = (double *)(void *)(args + list.options[i].offset);
            char name[96];
            snprintf(name, sizeof name, g < 0 ? "%s" : "%s:group%d", prefix, g);
            tarn__state_number(state, number, name, list.options[i].name);
        }
}
