/*
 * Adam (Kingma, Ba 2015): RMSprop with momentum, both averages corrected for their start at 0.
 *
 *     m = beta1 m + (1 - beta1) g          mhat = m / (1 - beta1^t)
 *     v = beta2 v + (1 - beta2) g^2        vhat = v / (1 - beta2^t)
 *     w -= lr mhat / (sqrt(vhat) + eps)
 *
 * t counts the steps of this parameter, as in PyTorch: one that gets its first gradient late is
 * corrected as if it began then. Without bias correction, mhat = m and vhat = v.
 *
 * Defaults lr 1e-3, betas 0.9 and 0.999, eps 1e-8, as in the paper's Algorithm 1 and PyTorch. Keras
 * (eps 1e-7) has the form at the end of the paper's section 2, with an "epsilon hat":
 * w -= lr sqrt(1 - beta2^t) / (1 - beta1^t) m / (sqrt(v) + eps), where the same eps weighs more in
 * the first steps, by 1 / sqrt(1 - beta2^t).
 *
 * AdamW (Loshchilov, Hutter 2019) decays the weights beside the rule, where Adam with weight_decay
 * would divide the penalty by sqrt(vhat) too. As in PyTorch and Keras the decay of a step is lr
 * weight_decay; in the paper it follows the schedule of the rate but not the rate itself. Default
 * weight_decay 1e-2, as PyTorch; Keras has 4e-3.
 */
#include <tgmath.h>

#include "core/clones.h"
#include "optim/rule.h"

typedef struct adam {
    tarn_optim base;
    double beta1, beta2, eps;
    bool bias_correction;
} adam;

TARN__CLONES static void adam_update(const tarn_optim *base, const tarn_optim_piece *piece)
{
    const adam *self = (const adam *)base;
    const double t = (double)piece->step;
    const double correction1 = self->bias_correction ? 1 - pow(self->beta1, t) : 1;
    const double correction2 = self->bias_correction ? 1 - pow(self->beta2, t) : 1;
    const tarn_real rate = (tarn_real)(piece->lr / correction1), eps = (tarn_real)self->eps;
    const tarn_real scale = (tarn_real)(1 / sqrt(correction2));
    const tarn_real beta1 = (tarn_real)self->beta1, rest1 = (tarn_real)(1 - self->beta1);
    const tarn_real beta2 = (tarn_real)self->beta2, rest2 = (tarn_real)(1 - self->beta2);
    tarn_real *restrict w = piece->weights;
    tarn_real *restrict m = piece->state[0], *restrict v = piece->state[1];
    const tarn_real *restrict g = piece->gradients;

    for (int64_t i = 0; i < piece->count; i++) {
        m[i] = beta1 * m[i] + rest1 * g[i];
        v[i] = beta2 * v[i] + rest2 * g[i] * g[i];
        w[i] -= rate * m[i] / (sqrt(v[i]) * scale + eps);
    }
}

static tarn_optim *new_adam(const tarn_optim_rule *rule, tarn_optim_adam_args args)
{
    if (!tarn_optim_fraction(rule, "beta1", &args.beta1, 0.9) ||
        !tarn_optim_fraction(rule, "beta2", &args.beta2, 0.999) ||
        !tarn_optim_positive(rule, "eps", &args.eps, 1e-8))
        return NULL;
    adam *self = tarn_optim_new(rule, sizeof *self, 2, TARN_OPTIM_COMMON_OF(args), 1e-3);
    if (!self)
        return NULL;
    self->beta1 = args.beta1;
    self->beta2 = args.beta2;
    self->eps = args.eps;
    self->bias_correction = !args.no_bias_correction;
    return &self->base;
}

tarn_optim *tarn_optim_adam_with(tarn_optim_adam_args args)
{
    static const tarn_optim_rule rule = {"adam", adam_update};
    return new_adam(&rule, args);
}

tarn_optim *tarn_optim_adamw_with(tarn_optim_adam_args args)
{
    static const tarn_optim_rule rule = {"adamw", adam_update};
    if (!tarn_optim_positive(&rule, "weight_decay", &args.weight_decay, 1e-2))
        return NULL;
    args.decoupled = true;
    return new_adam(&rule, args);
}
