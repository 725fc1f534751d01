/* The averages that a rule keeps, in the place of the weights: see tarn_optim_rule.average. */
#include "core/base/error.h"
#include "optim/extras.h"
#include "optim/rule.h"

bool tarn_optim_swap(tarn_optim *self)
{
    if (!self || self->rule->average == 0)
        return false;
    for (int p = 0; p < self->param_count; p++) {
        const tarn_optim_param *param = &self->params[p];
        tarn_real *w = tarn_values(param->tensor), *average = param->state[self->rule->average - 1];
        for (int64_t i = 0; param->step > 0 && i < tarn_size(param->tensor); i++) {
            const tarn_real weight = w[i];
            w[i] = average[i];
            average[i] = weight;
        }
    }
    self->swapped = !self->swapped;
    return true;
}
