/*
 * NAdam (Dozat 2016): Adam with Nesterov's momentum, which looks ahead by adding the present
 * gradient once more where the old momentum would go.
 *
 *     mu_t = beta1 (1 - 0.96^(t psi) / 2)      p_t = mu_1 mu_2 ... mu_t
 *     m = beta1 m + (1 - beta1) g              v = beta2 v + (1 - beta2) g^2
 *     mhat = mu_(t+1) m / (1 - p_(t+1)) + (1 - mu_t) g / (1 - p_t)
 *     vhat = v / (1 - beta2^t)
 *     w -= lr mhat / (sqrt(vhat) + eps)
 *
 * mu, the momentum, grows from beta1 / 2 to beta1, the slower the smaller psi is, the
 * momentum_decay. It decides on mhat only: m fades by beta1, as in PyTorch and Keras; Dozat has
 * mu_t there too.
 *
 * Defaults lr 2e-3, betas 0.9 and 0.999, eps 1e-8, psi 4e-3, as PyTorch (before version 2 it had
 * mu_t twice in p_(t+1)). Keras has eps 1e-7, psi 1 and lr 1e-3.
 */
#include <stdlib.h>
#include <tgmath.h>

#include "core/base/clones.h"
#include "optim/params_internal.h"
#include "optim/rule_internal.h"

typedef struct nadam {
    tarn_optim base;
    tarn__param_numbers corrections; /* 1 - p_t of each parameter */
} nadam;

static double momentum(const tarn_optim_nadam_args *o, int64_t t)
{
    return o->beta1 * (1 - 0.5 * pow(0.96, (double)t * o->momentum_decay));
}

/* 1 - p mu, from 1 - p. */
static double next_correction(double correction, double mu)
{
    return correction + (1 - correction) * (1 - mu);
}

static double *correction_of(const nadam *self, const tarn_optim_param *param)
{
    return tarn__param_numbers_of(&self->corrections, &self->base, param);
}

TARN__CLONES static void nadam_update(const tarn_optim *base, const tarn_optim_piece *piece)
{
    const nadam *self = (const nadam *)base;
    const tarn_optim_nadam_args *o = piece->args;
    const double mu = momentum(o, piece->step), next = momentum(o, piece->step + 1);
    const double correction = next_correction(*correction_of(self, piece->param), mu);
    const double variance_correction = 1 - pow(o->beta2, (double)piece->step);
    const tarn_real of_m = (tarn_real)(piece->lr * next / next_correction(correction, next));
    const tarn_real of_g = (tarn_real)(piece->lr * (1 - mu) / correction);
    const tarn_real scale = (tarn_real)(1 / sqrt(variance_correction)), eps = (tarn_real)o->eps;
    const tarn_real beta1 = (tarn_real)o->beta1, rest1 = (tarn_real)(1 - o->beta1);
    const tarn_real beta2 = (tarn_real)o->beta2, rest2 = (tarn_real)(1 - o->beta2);
    tarn_real *restrict w = piece->weights;
    tarn_real *restrict m = piece->state[0], *restrict v = piece->state[1];
    const tarn_real *restrict g = piece->gradients;

    for (int64_t i = 0; i < piece->count; i++) {
        m[i] = beta1 * m[i] + rest1 * g[i];
        v[i] = beta2 * v[i] + rest2 * g[i] * g[i];
        w[i] -= (of_m * m[i] + of_g * g[i]) / (sqrt(v[i]) * scale + eps);
    }
}

static void nadam_finish(tarn_optim *base, const tarn_optim_piece *whole)
{
    const nadam *self = (const nadam *)base;
    double *correction = correction_of(self, whole->param);
    *correction = next_correction(*correction, momentum(whole->args, whole->step));
}

static double *nadam_numbers(tarn_optim *base, int *count)
{
    *count = base->param_count;
    return ((nadam *)base)->corrections.numbers;
}

static int64_t one(const tarn_tensor *t)
{
    (void)t;
    return 1;
}

static bool nadam_prepare(tarn_optim *base)
{
    return tarn__param_numbers_grow(&((nadam *)base)->corrections, base, one);
}

static void nadam_free(tarn_optim *base)
{
    free(((nadam *)base)->corrections.numbers);
}

TARN__OPTIM_RULE(nadam, TARN_OPTIM_NADAM_OPTIONS, nadam_update, .finish = nadam_finish,
                 .numbers = nadam_numbers, .prepare = nadam_prepare, .free = nadam_free);

tarn_optim *tarn_optim_nadam_with(tarn_optim_nadam_args args)
{
    if (!tarn_optim_check(&tarn__optim_nadam, &args))
        return NULL;
    return tarn_optim_new(&tarn__optim_nadam, sizeof(nadam), 2, TARN_OPTIM_COMMON_OF(args));
}
