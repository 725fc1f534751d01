/*
 * LARS (You, Gitman, Ginsburg 2017, "Large batch training of convolutional networks"): momentum,
 * with a rate for each parameter in proportion to the size of its weights, so that none moves by
 * more than a small part of itself.
 *
 *     q = trust |w| / (|g| + weight_decay |w| + eps)     1 where |w| or |g| is 0
 *     v = momentum v + lr q (g + weight_decay w)
 *     w -= v
 *
 * |x| is the Euclidean norm of a whole parameter. Defaults momentum 0.9 and trust 1e-3 as the
 * paper; lr 1, which has rates up to 32 there, warmed up; eps 1e-8, against a division by 0, as
 * most code. Biases and scales of normalization have small norms that say little: q is 1 for
 * parameters of fewer than two dimensions, as most code has it too, but not the paper.
 */
#include <math.h>

#include "core/base/clones.h"
#include "optim/clip_internal.h"
#include "optim/rule_internal.h"

/* Leaves the gradients to finish(). */
static void lars_update(const tarn_optim *base, const tarn_optim_piece *piece)
{
    (void)base;
    for (int64_t i = 0; i < piece->count; i++)
        piece->state[1][i] = piece->gradients[i];
}

static double trust_of(const tarn_optim_piece *whole, const tarn_real *g)
{
    const tarn_optim_lars_args *o = whole->args;
    if (tarn_ndim(whole->param->tensor) < 2 && !o->vectors)
        return 1;
    const double weights =
        sqrt(tarn__sum_of_products(whole->weights, whole->weights, whole->count));
    const double gradients = sqrt(tarn__sum_of_products(g, g, whole->count));
    if (weights == 0 || gradients == 0)
        return 1;
    return o->trust * weights / (gradients + whole->param->weight_decay * weights + o->eps);
}

TARN__CLONES static void move(const tarn_optim_piece *whole, tarn_real rate, tarn_real momentum)
{
    const tarn_real decay = (tarn_real)whole->param->weight_decay;
    tarn_real *restrict w = whole->weights, *restrict v = whole->state[0];
    const tarn_real *restrict g = whole->state[1];
    for (int64_t i = 0; i < whole->count; i++) {
        v[i] = momentum * v[i] + rate * (g[i] + decay * w[i]);
        w[i] -= v[i];
    }
}

static void lars_finish(tarn_optim *base, const tarn_optim_piece *whole)
{
    const tarn_optim_lars_args *o = whole->args;
    (void)base;
    const double q = trust_of(whole, whole->state[1]);
    move(whole, (tarn_real)(whole->lr * q), (tarn_real)o->momentum);
}

TARN__OPTIM_RULE(lars, TARN_OPTIM_LARS_OPTIONS, lars_update, .finish = lars_finish, .decays = true);

tarn_optim *tarn_optim_lars_with(tarn_optim_lars_args args)
{
    if (!tarn_optim_check(&tarn__optim_lars, &args))
        return NULL;
    return tarn_optim_new(&tarn__optim_lars, sizeof(tarn_optim), 2, TARN__OPTIM_OWN_DECAY_OF(args));
}
