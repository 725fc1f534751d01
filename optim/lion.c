/*
 * Lion (Chen et al. 2023, "Symbolic Discovery of Optimization Algorithms"): of the momentum only
 * the signs are followed, so that every weight moves by the same amount.
 *
 *     c = beta1 m + (1 - beta1) g
 *     w -= lr (sign(c) + weight_decay w)       sign(0) = 0
 *     m = beta2 m + (1 - beta2) g
 *
 * The sign is of a momentum that weighs the present gradient more than the one that is kept does.
 * The decay stands beside the sign, which would swallow it: it is always the decoupled one.
 *
 * Defaults lr 1e-4, betas 0.9 and 0.99, as the paper and its authors' code, and no decay. The
 * authors advise a rate 3 to 10 times smaller than AdamW's, and a decay as many times larger.
 */
#include "core/base/clones.h"
#include "optim/rule_internal.h"

TARN__CLONES static void lion_update(const tarn_optim *base, const tarn_optim_piece *piece)
{
    const tarn_optim_lion_args *o = piece->args;
    (void)base;
    const tarn_real lr = (tarn_real)piece->lr;
    const tarn_real beta1 = (tarn_real)o->beta1, rest1 = (tarn_real)(1 - o->beta1);
    const tarn_real beta2 = (tarn_real)o->beta2, rest2 = (tarn_real)(1 - o->beta2);
    tarn_real *restrict w = piece->weights, *restrict m = piece->state[0];
    const tarn_real *restrict g = piece->gradients;

    for (int64_t i = 0; i < piece->count; i++) {
        const tarn_real c = beta1 * m[i] + rest1 * g[i];
        m[i] = beta2 * m[i] + rest2 * g[i];
        w[i] -= lr * (c > 0 ? 1 : c < 0 ? -1 : c); /* NaN stays NaN */
    }
}

TARN__OPTIM_RULE(lion, TARN_OPTIM_LION_OPTIONS, lion_update);

tarn_optim *tarn_optim_lion_with(tarn_optim_lion_args args)
{
    if (!tarn_optim_check(&tarn__optim_lion, &args))
        return NULL;
    tarn_optim *self =
        tarn_optim_new(&tarn__optim_lion, sizeof *self, 1, TARN__OPTIM_DECOUPLED_OF(args));
    if (self)
        self->decoupled = true;
    return self;
}
