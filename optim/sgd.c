/*
 * Stochastic gradient descent (Robbins, Monro 1951) with momentum (Polyak 1964) as an option.
 *
 *     plain                  w -= lr g
 *     momentum, sum form     v = momentum v + g                   w -= lr v
 *     momentum, EMA form     v = momentum v + (1 - momentum) g    w -= lr v
 *     dampening              v = momentum v + (1 - dampening) g   w -= lr v;  at first v = g
 *     Nesterov               v as above, g' what was added to it   w -= lr (g' + momentum v)
 *
 * A constant gradient g makes v go to g / (1 - momentum) in the sum form and to g in the EMA form:
 * one is the other with the rate divided by 1 - momentum.
 *
 * Default lr 1e-2, as Keras (PyTorch had none before 2.0, then 1e-3). The sum form is PyTorch's,
 * and so is dampening: since it takes all of g in the first step, dampening = momentum is not quite
 * the EMA form. Keras and Polyak keep the rate inside of v,
 * v = momentum v - lr g, w += v: the same until the rate changes, when theirs still moves by the
 * old rate for a while. Sutskever et al. (2013) take Nesterov's gradient at w + momentum v; here,
 * as in PyTorch and Keras, w is that point already, and the gradient is the one at w.
 */
#include "core/base/clones.h"
#include "core/base/error.h"
#include "optim/rule_internal.h"

/* How much of a gradient is added to v. */
static double gain_of(const tarn_optim_sgd_args *o, int64_t step)
{
    if (o->ema)
        return 1 - o->momentum;
    return step == 1 ? 1 : 1 - o->dampening;
}

TARN__CLONES static void sgd_update(const tarn_optim *base, const tarn_optim_piece *piece)
{
    const tarn_optim_sgd_args *o = piece->args;
    const tarn_real lr = (tarn_real)piece->lr, momentum = (tarn_real)o->momentum;
    const tarn_real gain = (tarn_real)gain_of(o, piece->step);
    (void)base;
    tarn_real *restrict w = piece->weights, *restrict v = piece->state[0];
    const tarn_real *restrict g = piece->gradients;

    if (!v)
        for (int64_t i = 0; i < piece->count; i++)
            w[i] -= lr * g[i];
    else if (!o->nesterov)
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
    if ((args.nesterov || args.ema || args.dampening > 0) && args.momentum == 0)
        return tarn_fail(
            "optim_sgd: %s is set, but momentum is 0, expects a momentum above 0 with it",
            args.nesterov ? "nesterov"
            : args.ema    ? "ema"
                          : "dampening");
    if (args.dampening > 0 && (args.nesterov || args.ema))
        return tarn_fail("optim_sgd: dampening is set, and %s too, expects one of the two",
                         args.nesterov ? "nesterov" : "ema");
    const int state_count = args.momentum > 0 ? 1 : 0;
    return tarn_optim_new(&tarn__optim_sgd, sizeof(tarn_optim), state_count,
                          TARN_OPTIM_COMMON_OF(args));
}
