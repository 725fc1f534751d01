/*
 * Schedule-free AdamW, see schedule_free.c:
 *
 *     v = beta2 v + (1 - beta2) g^2,  vhat = v / (1 - beta2^t)
 *     z -= lr (g / (sqrt(vhat) + eps) + weight_decay w)
 *     x += c (z - x)
 *     w = beta1 x + (1 - beta1) z
 */
#include <tgmath.h>

#include "core/base/clones.h"
#include "optim/extras/schedule_free.h"

TARN__CLONES static void adamw_update(const tarn_optim *base, const tarn_optim_piece *piece)
{
    const tarn_optim_schedule_free_adamw_args *o = piece->args;
    const tarn_real lr = (tarn_real)piece->lr,
                    c = (tarn_real)tarn__schedule_free_begin(base, piece);
    const tarn_real decay = (tarn_real)piece->param->weight_decay, eps = (tarn_real)o->eps;
    const tarn_real rest = (tarn_real)(1 - o->beta1);
    const tarn_real beta2 = (tarn_real)o->beta2, rest2 = (tarn_real)(1 - o->beta2);
    const tarn_real scale = (tarn_real)(1 / sqrt(1 - pow(o->beta2, (double)piece->step)));
    tarn_real *restrict w = piece->weights, *restrict v = piece->state[2];
    tarn_real *restrict x = piece->state[0], *restrict z = piece->state[1];
    const tarn_real *restrict g = piece->gradients;

    for (int64_t i = 0; i < piece->count; i++) {
        v[i] = beta2 * v[i] + rest2 * g[i] * g[i];
        z[i] -= lr * (g[i] / (sqrt(v[i]) * scale + eps) + decay * w[i]);
        x[i] += c * (z[i] - x[i]);
        w[i] = x[i] + rest * (z[i] - x[i]);
    }
}

TARN__OPTIM_RULE(schedule_free_adamw, TARN_OPTIM_SCHEDULE_FREE_ADAMW_OPTIONS, adamw_update,
                 TARN__SCHEDULE_FREE);

tarn_optim *tarn_optim_schedule_free_adamw_with(tarn_optim_schedule_free_adamw_args args)
{
    if (!tarn_optim_check(&tarn__optim_schedule_free_adamw, &args))
        return NULL;
    return tarn_optim_new(&tarn__optim_schedule_free_adamw, sizeof(tarn__schedule_free), 3,
                          TARN__OPTIM_OWN_DECAY_OF(args));
}
