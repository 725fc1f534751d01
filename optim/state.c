#include "optim/state.h"

#include <stdio.h>

#include "core/base/format.h"
#include "optim/numbers_internal.h"

static void add_param(tarn_optim *self, int i, const char *prefix, tarn__state *state)
{
    tarn_optim_param *param = &self->params[i];
    const tarn_shape shape = tarn_shape_get(param->tensor);
    char name[96];
    snprintf(name, sizeof name, "%s:%d", prefix, i);
    tarn__state_setting(state, name, "%s %s, rate %s, weight_decay %s, l1 %s",
                        param->name ? param->name : "a parameter", tarn_shape_to_text(shape).text,
                        tarn__digits_of(param->lr_scale).text,
                        tarn__digits_of(param->weight_decay).text, tarn__digits_of(param->l1).text);
    tarn__state_count(state, &param->step, name, "step");
    for (int k = 0; k < TARN_OPTIM_MAX_STATE && param->state[k]; k++)
        tarn__state_slot(state, TARN__REAL, shape, param->state[k], "%s:state%d", name, k);
}

void tarn__optim_state(tarn_optim *self, const char *prefix, tarn__state *state)
{
    int count = 0;
    double *numbers = self->rule->numbers ? self->rule->numbers(self, &count) : NULL;
    tarn__state_setting(state, prefix, "%s of %d parameters%s%s%s", self->rule->name,
                        self->param_count, self->options ? ": " : "",
                        self->options ? self->options : "", self->decoupled ? "; decoupled" : "");
    tarn__state_rate(state, &self->lr, prefix, "lr");
    tarn__optim_numbers_state(self, prefix, state);
    if (self->rule->average > 0)
        tarn__state_count(state, &self->swapped, prefix, "swapped");
    if (count > 0)
        tarn__state_slot(state, TARN__DOUBLE, tarn_shape(count), numbers, "%s:numbers", prefix);
    for (int i = 0; i < self->param_count; i++)
        add_param(self, i, prefix, state);
}

void tarn__plateau_state(tarn_plateau *p, const char *prefix, tarn__state *state)
{
    const tarn_plateau_args *o = &p->options;
    tarn__state_setting(
        state, prefix, "patience %lld, factor %s, threshold %s, cooldown %lld, min %s%s%s",
        (long long)o->patience, tarn__digits_of(o->factor).text, tarn__digits_of(o->threshold).text,
        (long long)o->cooldown, tarn__digits_of(o->min).text, o->maximize ? ", maximize" : "",
        o->absolute ? ", absolute" : "");
    tarn__state_number(state, &p->best, prefix, "best");
    tarn__state_rate(state, &p->scale, prefix, "scale");
    tarn__state_count(state, &p->waited, prefix, "waited");
    tarn__state_count(state, &p->pause, prefix, "pause");
}

void tarn__early_stopping_state(tarn_early_stopping *s, const char *prefix, tarn__state *state)
{
    const tarn_early_stopping_args *o = &s->options;
    tarn__state_setting(state, prefix, "patience %lld, min_delta %s%s", (long long)o->patience,
                        tarn__digits_of(o->min_delta).text, o->maximize ? ", maximize" : "");
    tarn__state_number(state, &s->best, prefix, "best");
    tarn__state_slot(state, TARN__INT64, tarn_shape(), &s->best_step, "%s:best_step", prefix);
    tarn__state_count(state, &s->steps, prefix, "steps");
}
