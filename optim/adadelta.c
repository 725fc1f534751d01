/*
 * Adadelta (Zeiler 2012): the ratio of two running averages takes the place of the rate, so that
 * steps have the unit of the weights.
 *
 *     v = rho v + (1 - rho) g^2
 *     d = sqrt(u + eps) / sqrt(v + eps) g
 *     u = rho u + (1 - rho) d^2
 *     w -= lr d
 *
 * Defaults lr 1, rho 0.9, eps 1e-6, as PyTorch. The paper has no lr (that is, 1) and rho 0.95;
 * Keras has lr 1e-3, rho 0.95, eps 1e-7. All three agree on where eps stands. The first steps are
 * of the size lr sqrt(eps / (1 - rho)): a smaller eps starts slower.
 */
#include <tgmath.h>

#include "core/base/clones.h"
#include "optim/rule_internal.h"

TARN__CLONES static void adadelta_update(const tarn_optim *base, const tarn_optim_piece *piece)
{
    const tarn_optim_adadelta_args *o = piece->args;
    (void)base;
    const tarn_real lr = (tarn_real)piece->lr, eps = (tarn_real)o->eps;
    const tarn_real rho = (tarn_real)o->rho, rest = (tarn_real)(1 - o->rho);
    tarn_real *restrict w = piece->weights;
    tarn_real *restrict v = piece->state[0], *restrict u = piece->state[1];
    const tarn_real *restrict g = piece->gradients;

    for (int64_t i = 0; i < piece->count; i++) {
        v[i] = rho * v[i] + rest * g[i] * g[i];
        tarn_real d = sqrt(u[i] + eps) / sqrt(v[i] + eps) * g[i];
        u[i] = rho * u[i] + rest * d * d;
        w[i] -= lr * d;
    }
}

TARN__OPTIM_RULE(adadelta, TARN_OPTIM_ADADELTA_OPTIONS, adadelta_update);

tarn_optim *tarn_optim_adadelta_with(tarn_optim_adadelta_args args)
{
    if (!tarn_optim_check(&tarn__optim_adadelta, &args))
        return NULL;
    return tarn_optim_new(&tarn__optim_adadelta, sizeof(tarn_optim), 2, TARN_OPTIM_COMMON_OF(args));
}
