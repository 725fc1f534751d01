/*
 * RAdam (Liu et al. 2020): Adam whose first steps do not trust v, a mean of few squares then.
 *
 *     m = beta1 m + (1 - beta1) g          mhat = m / (1 - beta1^t)
 *     v = beta2 v + (1 - beta2) g^2
 *     r = 2 / (1 - beta2) - 1              how many squares v is a mean of in the end
 *     r_t = r - 2 t beta2^t / (1 - beta2^t)   and so far
 *     r_t > 5   c = sqrt((r_t - 4) (r_t - 2) r / ((r - 4) (r - 2) r_t))
 *               w -= lr c mhat sqrt(1 - beta2^t) / (sqrt(v) + eps)
 *     else      w -= lr mhat
 *
 * With the defaults the first five steps are those of momentum, and c grows from 0.026 in the sixth
 * to 1: a warm-up of the rate that needs no schedule. With beta2 up to 2/3, r is at most 5 and v
 * never used.
 *
 * Defaults lr 1e-3, betas 0.9 and 0.999, eps 1e-8, and the bound 5, as PyTorch; the paper has r_t >
 * 4 and no eps. eps stands beside the uncorrected root, other than in Adam.
 */
#include <tgmath.h>

#include "core/base/clones.h"
#include "optim/rule_internal.h"

/* c sqrt(1 - beta2^t), or 0 where v is not to be trusted. */
static double trust(double beta2, double t)
{
    const double power = pow(beta2, t), r = 2 / (1 - beta2) - 1;
    const double r_t = r - 2 * t * power / (1 - power);
    if (r_t <= 5)
        return 0;
    return sqrt((r_t - 4) * (r_t - 2) * r / ((r - 4) * (r - 2) * r_t) * (1 - power));
}

TARN__CLONES static void radam_update(const tarn_optim *base, const tarn_optim_piece *piece)
{
    const tarn_optim_radam_args *o = piece->args;
    (void)base;
    const double t = (double)piece->step, trusted = trust(o->beta2, t);
    const bool by_root = trusted > 0;
    const double lr = piece->lr / (1 - pow(o->beta1, t));
    const tarn_real rate = (tarn_real)(by_root ? lr * trusted : lr);
    const tarn_real eps = (tarn_real)o->eps;
    const tarn_real beta1 = (tarn_real)o->beta1, rest1 = (tarn_real)(1 - o->beta1);
    const tarn_real beta2 = (tarn_real)o->beta2, rest2 = (tarn_real)(1 - o->beta2);
    tarn_real *restrict w = piece->weights;
    tarn_real *restrict m = piece->state[0], *restrict v = piece->state[1];
    const tarn_real *restrict g = piece->gradients;

    for (int64_t i = 0; i < piece->count; i++) {
        m[i] = beta1 * m[i] + rest1 * g[i];
        v[i] = beta2 * v[i] + rest2 * g[i] * g[i];
        w[i] -= rate * m[i] / (by_root ? sqrt(v[i]) + eps : 1); /* v may be infinite */
    }
}

TARN__OPTIM_RULE(radam, TARN_OPTIM_RADAM_OPTIONS, radam_update);

tarn_optim *tarn_optim_radam_with(tarn_optim_radam_args args)
{
    if (!tarn_optim_check(&tarn__optim_radam, &args))
        return NULL;
    return tarn_optim_new(&tarn__optim_radam, sizeof(tarn_optim), 2, TARN_OPTIM_COMMON_OF(args));
}
