/*
 * Schedule-free gradient descent, see schedule_free.c:
 *
 *     z -= lr (g + weight_decay w)
 *     x += c (z - x)
 *     w = momentum x + (1 - momentum) z
 */
#include "core/base/clones.h"
#include "optim/extras/schedule_free.h"

TARN__CLONES static void sgd_update(const tarn_optim *base, const tarn_optim_piece *piece)
{
    const tarn_optim_schedule_free_sgd_args *o = piece->args;
    const tarn_real lr = (tarn_real)piece->lr,
                    c = (tarn_real)tarn__schedule_free_begin(base, piece);
    const tarn_real decay = (tarn_real)piece->param->weight_decay;
    const tarn_real rest = (tarn_real)(1 - o->momentum);
    tarn_real *restrict w = piece->weights;
    tarn_real *restrict x = piece->state[0], *restrict z = piece->state[1];
    const tarn_real *restrict g = piece->gradients;

    for (int64_t i = 0; i < piece->count; i++) {
        z[i] -= lr * (g[i] + decay * w[i]);
        x[i] += c * (z[i] - x[i]);
        w[i] = x[i] + rest * (z[i] - x[i]);
    }
}

TARN__OPTIM_RULE(schedule_free_sgd, TARN_OPTIM_SCHEDULE_FREE_SGD_OPTIONS, sgd_update,
                 TARN__SCHEDULE_FREE);

tarn_optim *tarn_optim_schedule_free_sgd_with(tarn_optim_schedule_free_sgd_args args)
{
    if (!tarn_optim_check(&tarn__optim_schedule_free_sgd, &args))
        return NULL;
    return tarn_optim_new(&tarn__optim_schedule_free_sgd, sizeof(tarn__schedule_free), 2,
                          TARN__OPTIM_OWN_DECAY_OF(args));
}
