/*
 * Averaged stochastic gradient descent (Polyak, Juditsky 1992; Bottou's code of 2007): a rate that
 * falls slowly, and the mean of the weights from step t0 on, which has less of the noise.
 *
 *     eta = lr / (1 + lambd lr (t - 1))^alpha        mu = 1 / max(1, t - 1 - t0)
 *     w -= eta lambd w
 *     w -= eta g
 *     a += mu (w - a)                                a is w before step t0
 *
 * Defaults lr 1e-2, lambd 1e-4, alpha 0.75, t0 1e6, as PyTorch: with these no average begins in a
 * short training. PyTorch's eta and mu are made at the end of the step before, so that they follow
 * a change of the rate one step late. tarn_optim_swap() puts a in the place of w.
 */
#include <tgmath.h>

#include "core/base/clones.h"
#include "optim/rule_internal.h"

TARN__CLONES static void asgd_update(const tarn_optim *base, const tarn_optim_piece *piece)
{
    const tarn_optim_asgd_args *o = piece->args;
    const double t = (double)(piece->step - 1), lr = piece->lr;
    const double eta = lr / pow(1 + o->lambd * lr * t, o->alpha);
    const tarn_real rate = (tarn_real)eta, shrink = (tarn_real)(eta * o->lambd);
    const tarn_real mu = (tarn_real)(1 / fmax(1, t - o->t0));
    tarn_real *restrict w = piece->weights, *restrict a = piece->state[0];
    const tarn_real *restrict g = piece->gradients;
    (void)base;

    for (int64_t i = 0; i < piece->count; i++) {
        w[i] -= shrink * w[i];
        w[i] -= rate * g[i];
    }
    for (int64_t i = 0; i < piece->count; i++)
        a[i] = mu == 1 ? w[i] : a[i] + mu * (w[i] - a[i]);
}

TARN__OPTIM_RULE(asgd, TARN_OPTIM_ASGD_OPTIONS, asgd_update, .average = 1);

tarn_optim *tarn_optim_asgd_with(tarn_optim_asgd_args args)
{
    if (!tarn_optim_check(&tarn__optim_asgd, &args))
        return NULL;
    return tarn_optim_new(&tarn__optim_asgd, sizeof(tarn_optim), 1, TARN_OPTIM_COMMON_OF(args));
}
