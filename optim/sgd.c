/*
 * Stochastic gradient descent (Robbins, Monro 1951) with momentum (Polyak 1964) as an option.
 *
 *     plain                  w -= lr g
 *     momentum, sum form     v = momentum v + g                   w -= lr v
 *     momentum, EMA form     v = momentum v + (1 - momentum) g    w -= lr v
 *     Nesterov               v as above, g' what was added to it   w -= lr (g' + momentum v)
 *
 * A constant gradient g makes v go to g / (1 - momentum) in the sum form and to g in the EMA form:
 * one is the other with the rate divided by 1 - momentum.
 *
 * Default lr 1e-2, as Keras (PyTorch had none before 2.0, then 1e-3). The sum form is PyTorch's
 * with dampening 0. PyTorch's dampening d adds (1 - d) g, but all of g in the first step, so that
 * dampening = momentum is not quite the EMA form. Keras and Polyak keep the rate inside of v,
 * v = momentum v - lr g, w += v: the same until the rate changes, when theirs still moves by the
 * old rate for a while. Sutskever et al. (2013) take Nesterov's gradient at w + momentum v; here,
 * as in PyTorch and Keras, w is that point already, and the gradient is the one at w.
 */
#include "core/base/clones.h"
#include "core/base/error.h"
#include "optim/rule_internal.h"

typedef struct sgd {
    tarn_optim base;
    double momentum;
    bool nesterov, ema;
} sgd;

TARN__CLONES static void sgd_update(const tarn_optim *base, const tarn_optim_piece *piece)
{
    const sgd *self = (const sgd *)base;
    const tarn_real lr = (tarn_real)piece->lr, momentum = (tarn_real)self->momentum;
    const tarn_real gain = self->ema ? (tarn_real)(1 - self->momentum) : 1;
    tarn_real *restrict w = piece->weights, *restrict v = piece->state[0];
    const tarn_real *restrict g = piece->gradients;

    if (!v)
        for (int64_t i = 0; i < piece->count; i++)
            w[i] -= lr * g[i];
    else if (!self->nesterov)
        for (int64_t i = 0; i < piece->count; i++) {
            v[i] = momentum * v[i] + gain * g[i];
            w[i] -= lr * v[i];
        }
    else
        for (int64_t i = 0; i < piece->count; i++) {
            v[i] = momentum * v[i] + gain * g[i];
            w[i] -= lr * (gain * g[i] + momentum * v[i]);
        }
}

TARN__OPTIM_RULE(sgd, TARN_OPTIM_SGD_OPTIONS, sgd_update);

tarn_optim *tarn_optim_sgd_with(tarn_optim_sgd_args args)
{
    if (!tarn_optim_check(&tarn__optim_sgd, &args))
        return NULL;
    if ((args.nesterov || args.ema) && args.momentum == 0)
        return tarn_fail(
            "optim_sgd: %s is set, but momentum is 0, expects a momentum above 0 with it",
            args.nesterov ? "nesterov" : "ema");
    const int state_count = args.momentum > 0 ? 1 : 0;
    sgd *self =
        tarn_optim_new(&tarn__optim_sgd, sizeof *self, state_count, TARN_OPTIM_COMMON_OF(args));
    if (!self)
        return NULL;
    self->momentum = args.momentum;
    self->nesterov = args.nesterov;
    self->ema = args.ema;
    return &self->base;
}
