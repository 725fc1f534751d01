/*
 * RMSprop (Hinton 2012, lecture 6e of his course): Adagrad with a sum that forgets.
 *
 *     v = rho v + (1 - rho) g^2
 *     d = g / (sqrt(v) + eps)
 *     centered (Graves 2013)    m = rho m + (1 - rho) g,  d = g / (sqrt(v - m^2) + eps)
 *         where v - m^2 = c,    c = rho (c + (1 - rho) (g - m)^2) with the m of before
 *     w -= lr d;  with momentum  b = momentum b + d,  w -= lr b
 *
 * Defaults lr 1e-2, rho 0.99, eps 1e-8, as PyTorch, which calls rho alpha; Hinton has rho 0.9 and
 * no eps. eps stands outside of the root, as in PyTorch; Keras has sqrt(v + eps) with eps 1e-7, rho
 * 0.9, lr 1e-3, keeps the rate inside of b, and so moves on by the old rate after a change; Graves
 * has sqrt(v - m^2 + eps).
 *
 * c takes the place of v: the difference v - m^2 cancels where g hardly changes, and gives a step
 * of any size, or NaN in PyTorch. So would m, moved by two factors that, rounded, do not add up
 * to 1.
 */
#include <tgmath.h>

#include "core/base/clones.h"
#include "optim/rule_internal.h"

/* Inline, so that each call below gets its own loop without branches. */
static inline __attribute__((always_inline)) void update(const tarn_optim_rmsprop_args *o,
                                                         const tarn_optim_piece *piece,
                                                         bool centered, bool with_momentum)
{
    const tarn_real lr = (tarn_real)piece->lr, eps = (tarn_real)o->eps;
    const tarn_real rho = (tarn_real)o->rho, rest = (tarn_real)(1 - o->rho);
    const tarn_real momentum = (tarn_real)o->momentum;
    tarn_real *restrict w = piece->weights, *restrict v = piece->state[0]; /* or c */
    tarn_real *restrict b = piece->state[1], *restrict m = piece->state[1 + with_momentum];
    const tarn_real *restrict g = piece->gradients;

    for (int64_t i = 0; i < piece->count; i++) {
        if (centered) {
            const tarn_real change = g[i] - m[i];
            m[i] += rest * change;
            v[i] = rho * (v[i] + rest * change * change);
        } else {
            v[i] = rho * v[i] + rest * g[i] * g[i];
        }
        tarn_real d = g[i] / (sqrt(v[i]) + eps);
        if (with_momentum)
            d = b[i] = momentum * b[i] + d;
        w[i] -= lr * d;
    }
}

TARN__CLONES static void rmsprop_update(const tarn_optim *base, const tarn_optim_piece *piece)
{
    const tarn_optim_rmsprop_args *o = piece->args;
    (void)base;
    if (o->centered && o->momentum > 0)
        update(o, piece, true, true);
    else if (o->centered)
        update(o, piece, true, false);
    else if (o->momentum > 0)
        update(o, piece, false, true);
    else
        update(o, piece, false, false);
}

TARN__OPTIM_RULE(rmsprop, TARN_OPTIM_RMSPROP_OPTIONS, rmsprop_update);

tarn_optim *tarn_optim_rmsprop_with(tarn_optim_rmsprop_args args)
{
    if (!tarn_optim_check(&tarn__optim_rmsprop, &args))
        return NULL;
    const int state_count = 1 + args.centered + (args.momentum > 0);
    return tarn_optim_new(&tarn__optim_rmsprop, sizeof(tarn_optim), state_count,
                          TARN_OPTIM_COMMON_OF(args));
}
