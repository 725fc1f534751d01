/*
 * Adagrad (Duchi, Hazan, Singer 2011): each weight has its own rate, which falls with the gradients
 * it has seen.
 *
 *     s += g^2
 *     w -= lr g / (sqrt(s) + eps)
 *
 * Defaults lr 1e-2, eps 1e-10, as PyTorch. eps stands outside of the root, as in the paper and in
 * PyTorch; Keras has sqrt(s + eps) with eps 1e-7, starts s at 0.1, and lr 1e-3.
 */
#include <tgmath.h>

#include "core/base/clones.h"
#include "optim/rule_internal.h"

typedef struct adagrad {
    tarn_optim base;
    double eps;
} adagrad;

TARN__CLONES static void adagrad_update(const tarn_optim *base, const tarn_optim_piece *piece)
{
    const adagrad *self = (const adagrad *)base;
    const tarn_real lr = (tarn_real)piece->lr, eps = (tarn_real)self->eps;
    tarn_real *restrict w = piece->weights, *restrict s = piece->state[0];
    const tarn_real *restrict g = piece->gradients;

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
    adagrad *self =
        tarn_optim_new(&tarn__optim_adagrad, sizeof *self, 1, TARN_OPTIM_COMMON_OF(args));
    if (!self)
        return NULL;
    self->eps = args.eps;
    return &self->base;
}
