/*
 * Adam (Kingma, Ba 2015): RMSprop with momentum, both averages corrected for their start at 0.
 *
 *     m = beta1 m + (1 - beta1) g          mhat = m / (1 - beta1^t)
 *     v = beta2 v + (1 - beta2) g^2        vhat = v / (1 - beta2^t)
 *     w -= lr mhat / (sqrt(vhat) + eps)
 *
 * t counts the steps of this parameter, as in PyTorch: one that gets its first gradient late is
 * corrected as if it began then. Without bias correction, mhat = m and vhat = v.
 *
 * Defaults lr 1e-3, betas 0.9 and 0.999, eps 1e-8, as in the paper's Algorithm 1 and PyTorch. Keras
 * (eps 1e-7) has the form at the end of the paper's section 2, with an "epsilon hat":
 * w -= lr sqrt(1 - beta2^t) / (1 - beta1^t) m / (sqrt(v) + eps), where the same eps weighs more in
 * the first steps, by 1 / sqrt(1 - beta2^t).
 *
 * AMSGrad (Reddi, Kale, Kumar 2018): the rate of a weight never grows again, for the root is taken
 * of the largest v so far, as PyTorch does, which corrects it afterwards like v:
 *
 *     vmax = max(vmax, v)                  vhat = vmax / (1 - beta2^t)
 *
 * The paper corrects neither average; Keras has it as PyTorch does.
 */
#include <tgmath.h>

#include "core/base/clones.h"
#include "optim/adam.h"
#include "optim/rule.h"
#include "optim/rule_internal.h"

/* Inline, so that each call below gets its own loop without branches. */
static inline __attribute__((always_inline)) void
update(const tarn__adam_numbers *numbers, const tarn_optim_piece *piece, bool amsgrad)
{
    const double t = (double)piece->step;
    const double correction1 = numbers->bias_correction ? 1 - pow(numbers->beta1, t) : 1;
    const double correction2 = numbers->bias_correction ? 1 - pow(numbers->beta2, t) : 1;
    const tarn_real rate = (tarn_real)(piece->lr / correction1), eps = (tarn_real)numbers->eps;
    const tarn_real scale = (tarn_real)(1 / sqrt(correction2));
    const tarn_real beta1 = (tarn_real)numbers->beta1, rest1 = (tarn_real)(1 - numbers->beta1);
    const tarn_real beta2 = (tarn_real)numbers->beta2, rest2 = (tarn_real)(1 - numbers->beta2);
    tarn_real *restrict w = piece->weights, *restrict largest = piece->state[2];
    tarn_real *restrict m = piece->state[0], *restrict v = piece->state[1];
    const tarn_real *restrict g = piece->gradients;

    for (int64_t i = 0; i < piece->count; i++) {
        m[i] = beta1 * m[i] + rest1 * g[i];
        v[i] = beta2 * v[i] + rest2 * g[i] * g[i];
        tarn_real variance = v[i];
        if (amsgrad)
            variance = largest[i] = largest[i] > v[i] ? largest[i] : v[i];
        w[i] -= rate * m[i] / (sqrt(variance) * scale + eps);
    }
}

TARN__CLONES static void choose_update(const tarn__adam_numbers *numbers,
                                       const tarn_optim_piece *piece)
{
    if (numbers->amsgrad)
        update(numbers, piece, true);
    else
        update(numbers, piece, false);
}

void tarn__adam_update(const tarn__adam_numbers *numbers, const tarn_optim_piece *piece)
{
    choose_update(numbers, piece);
}

static void adam_update(const tarn_optim *base, const tarn_optim_piece *piece)
{
    const tarn_optim_adam_args *o = piece->args;
    (void)base;
    choose_update(&TARN__ADAM_NUMBERS_OF(o), piece);
}

TARN__OPTIM_RULE(adam, TARN_OPTIM_ADAM_OPTIONS, adam_update);

tarn_optim *tarn_optim_adam_with(tarn_optim_adam_args args)
{
    if (!tarn_optim_check(&tarn__optim_adam, &args))
        return NULL;
    return tarn_optim_new(&tarn__optim_adam, sizeof(tarn_optim), 2 + args.amsgrad,
                          TARN_OPTIM_COMMON_OF(args));
}
