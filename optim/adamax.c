/*
 * Adamax (Kingma, Ba 2015, section 7): Adam with the largest of the gradients, older ones fading,
 * where Adam has the root of their mean square.
 *
 *     m = beta1 m + (1 - beta1) g
 *     u = max(beta2 u, |g| + eps)
 *     w -= lr m / ((1 - beta1^t) u)
 *
 * u needs no correction for its start at 0: the first gradient sets it.
 *
 * Defaults lr 2e-3, betas 0.9 and 0.999, eps 1e-8, as PyTorch, which adds eps to |g| inside of the
 * maximum, so that u is never 0. The paper has no eps; Keras has u + eps below the line, eps 1e-7
 * and lr 1e-3.
 */
#include <tgmath.h>

#include "core/base/clones.h"
#include "optim/rule_internal.h"

TARN__CLONES static void adamax_update(const tarn_optim *base, const tarn_optim_piece *piece)
{
    const tarn_optim_adamax_args *o = piece->args;
    (void)base;
    const double correction = 1 - pow(o->beta1, (double)piece->step);
    const tarn_real rate = (tarn_real)(piece->lr / correction), eps = (tarn_real)o->eps;
    const tarn_real beta1 = (tarn_real)o->beta1, rest1 = (tarn_real)(1 - o->beta1);
    const tarn_real beta2 = (tarn_real)o->beta2;
    tarn_real *restrict w = piece->weights;
    tarn_real *restrict m = piece->state[0], *restrict u = piece->state[1];
    const tarn_real *restrict g = piece->gradients;

    for (int64_t i = 0; i < piece->count; i++) {
        const tarn_real old = beta2 * u[i], new = fabs(g[i]) + eps;
        m[i] = beta1 * m[i] + rest1 * g[i];
        u[i] = old > new ? old : new;
        w[i] -= rate * m[i] / u[i];
    }
}

TARN__OPTIM_RULE(adamax, TARN_OPTIM_ADAMAX_OPTIONS, adamax_update);

tarn_optim *tarn_optim_adamax_with(tarn_optim_adamax_args args)
{
    if (!tarn_optim_check(&tarn__optim_adamax, &args))
        return NULL;
    return tarn_optim_new(&tarn__optim_adamax, sizeof(tarn_optim), 2, TARN_OPTIM_COMMON_OF(args));
}
