/*
 * LAMB (You et al. 2020, "Large batch optimization for deep learning: training BERT in 76
 * minutes"): what LARS does for momentum, for Adam.
 *
 *     m, v, mhat and vhat as Adam's
 *     r = mhat / (sqrt(vhat) + eps) + weight_decay w
 *     w -= lr q r,  q = |w| / |r|                       1 where |w| or |r| is 0
 *
 * |x| is the Euclidean norm of a whole parameter. Defaults lr 1e-3, betas 0.9 and 0.999, eps 1e-6,
 * as the paper, which decays by 0.01; here none is the default.
 */
#include <tgmath.h>

#include "core/base/clones.h"
#include "optim/clip_internal.h"
#include "optim/optim_internal.h"
#include "optim/rule_internal.h"

/* Leaves r to finish(). */
TARN__CLONES static void lamb_update(const tarn_optim *base, const tarn_optim_piece *piece)
{
    const tarn_optim_lamb_args *o = piece->args;
    const double t = (double)piece->step;
    const tarn_real of_m = (tarn_real)(1 / (1 - pow(o->beta1, t))), eps = (tarn_real)o->eps;
    const tarn_real scale = (tarn_real)(1 / sqrt(1 - pow(o->beta2, t)));
    const tarn_real beta1 = (tarn_real)o->beta1, rest1 = (tarn_real)(1 - o->beta1);
    const tarn_real beta2 = (tarn_real)o->beta2, rest2 = (tarn_real)(1 - o->beta2);
    const tarn_real decay = (tarn_real)piece->param->weight_decay;
    const tarn_real *restrict w = piece->weights, *restrict g = piece->gradients;
    tarn_real *restrict m = piece->state[0], *restrict v = piece->state[1];
    tarn_real *restrict r = piece->state[2];
    (void)base;

    for (int64_t i = 0; i < piece->count; i++) {
        m[i] = beta1 * m[i] + rest1 * g[i];
        v[i] = beta2 * v[i] + rest2 * g[i] * g[i];
        r[i] = of_m * m[i] / (sqrt(v[i]) * scale + eps) + decay * w[i];
    }
}

static void lamb_finish(tarn_optim *base, const tarn_optim_piece *whole)
{
    const tarn_real *r = whole->state[2];
    (void)base;
    const double weights =
        sqrt(tarn__sum_of_products(whole->weights, whole->weights, whole->count));
    const double step = sqrt(tarn__sum_of_products(r, r, whole->count));
    const double q = weights > 0 && step > 0 ? weights / step : 1;
    tarn__optim_descend(whole->weights, r, whole->count, whole->lr * q);
}

TARN__OPTIM_RULE(lamb, TARN_OPTIM_LAMB_OPTIONS, lamb_update, .finish = lamb_finish, .decays = true);

tarn_optim *tarn_optim_lamb_with(tarn_optim_lamb_args args)
{
    if (!tarn_optim_check(&tarn__optim_lamb, &args))
        return NULL;
    return tarn_optim_new(&tarn__optim_lamb, sizeof(tarn_optim), 3, TARN__OPTIM_OWN_DECAY_OF(args));
}
