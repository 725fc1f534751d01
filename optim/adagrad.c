/*
 * Adagrad (Duchi, Hazan, Singer 2011): each weight has its own rate, which falls with the gradients
 * it has seen.
 *
 *     s += g^2                              s starts at initial_accumulator
 *     w -= lr g / (sqrt(s) + eps)           lr / (1 + (t - 1) lr_decay) in its place
 *
 * Defaults lr 1e-2, eps 1e-10, no lr_decay and s from 0, as PyTorch. eps stands outside of the
 * root, as in the paper and in PyTorch; Keras has sqrt(s + eps) with eps 1e-7, starts s at 0.1, and
 * lr 1e-3.
 */
#include <tgmath.h>

#include "core/base/clones.h"
#include "optim/rule_internal.h"

TARN__CLONES static void adagrad_update(const tarn_optim *base, const tarn_optim_piece *piece)
{
    const tarn_optim_adagrad_args *o = piece->args;
    (void)base;
    const double fall = 1 + (double)(piece->step - 1) * o->lr_decay;
    const tarn_real lr = (tarn_real)(piece->lr / fall), eps = (tarn_real)o->eps;
    tarn_real *restrict w = piece->weights, *restrict s = piece->state[0];
    const tarn_real *restrict g = piece->gradients;

    if (piece->step == 1)
        for (int64_t i = 0; i < piece->count; i++)
            s[i] = (tarn_real)o->initial_accumulator;
    for (int64_t i = 0; i < piece->count; i++) {
        s[i] += g[i] * g[i];
        w[i] -= lr * g[i] / (sqrt(s[i]) + eps);
    }
}

TARN__OPTIM_RULE(adagrad, TARN_OPTIM_ADAGRAD_OPTIONS, adagrad_update);

tarn_optim *tarn_optim_adagrad_with(tarn_optim_adagrad_args args)
{
    if (!tarn_optim_check(&tarn__optim_adagrad, &args))
        return NULL;
    return tarn_optim_new(&tarn__optim_adagrad, sizeof(tarn_optim), 1, TARN_OPTIM_COMMON_OF(args));
}
