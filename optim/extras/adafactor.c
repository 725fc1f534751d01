/*
 * Adafactor (Shazeer, Stern 2018): Adam without m, whose v of a matrix is kept as a column r of
 * means over its rows and a row c of means over its columns.
 *
 *     b = t^beta2_decay
 *     r += b (mean over columns of g^2 - r)          c += b (mean over rows of g^2 - c)
 *     v = r c / max(mean of r, eps1)                 fewer than two dimensions: v += b (g^2 - v)
 *     u = g / max(sqrt(v), eps1)
 *     w -= lr weight_decay w
 *     w -= min(lr, 1 / sqrt(t)) max(eps2, rms(w)) u / max(1, rms(u) / clip)
 *
 * rms is the root of the mean square, of w before the decay. Defaults lr 1e-2, beta2_decay -0.8,
 * eps1 the precision of the type, eps2 1e-3, clip 1 (d there), as PyTorch; the paper has eps1 1e-30
 * within the square. A kernel is a matrix (kh kw in, out) here; PyTorch takes the last two of its
 * dimensions, which are kh and kw, and keeps means for each in and out.
 */
#include <math.h>
#include <stdlib.h>

#include "core/base/error.h"
#include "optim/clip_internal.h"
#include "optim/optim_internal.h"
#include "optim/params_internal.h"
#include "optim/rule_internal.h"

typedef struct adafactor {
    tarn_optim base;
    tarn__param_numbers means; /* r and c, or v, of each parameter */
} adafactor;

typedef struct matrix {
    int64_t rows, columns; /* columns 0: no matrix, and v has as many numbers as there are rows */
} matrix;

static matrix matrix_of(const tarn_tensor *t)
{
    const int64_t last = tarn_ndim(t) >= 2 ? tarn_dim(t, tarn_ndim(t) - 1) : 0;
    return (matrix){last > 0 ? tarn_size(t) / last : tarn_size(t), last};
}

static int64_t mean_count(const tarn_tensor *t)
{
    const matrix m = matrix_of(t);
    return m.rows + m.columns;
}

/* What a step of one parameter needs. */
typedef struct step {
    matrix m;
    const tarn_real *w, *g; /* as backward left it */
    double sign, l1;
    double *r, *c; /* r is v where there is no matrix */
    double mean, eps;
} step;

static double gradient_at(const step *s, int64_t i)
{
    const double w = (double)s->w[i];
    return s->sign * (double)s->g[i] + s->l1 * ((w > 0) - (w < 0));
}

static void move_means(step *s, double b)
{
    const int64_t rows = s->m.rows, columns = s->m.columns;
    for (int64_t i = 0; i < rows; i++)
        s->r[i] *= 1 - b;
    for (int64_t j = 0; j < columns; j++)
        s->c[j] *= 1 - b;
    const int64_t wide = columns > 0 ? columns : 1;
    for (int64_t i = 0; i < rows; i++)
        for (int64_t j = 0; j < wide; j++) {
            const double g = gradient_at(s, i * wide + j);
            s->r[i] += b * g * g / (double)wide;
            if (columns > 0)
                s->c[j] += b * g * g / (double)rows;
        }
    s->mean = 0;
    for (int64_t i = 0; columns > 0 && i < rows; i++)
        s->mean += s->r[i] / (double)rows;
}

static double update_at(const step *s, int64_t i)
{
    const int64_t columns = s->m.columns;
    const double v =
        columns > 0 ? s->r[i / columns] * s->c[i % columns] / fmax(s->mean, s->eps) : s->r[i];
    const double root = sqrt(v);
    return gradient_at(s, i) / (root < s->eps ? s->eps : root); /* NaN stays NaN */
}

/* All of it in finish(), which sees a whole parameter. */
static void nothing(const tarn_optim *base, const tarn_optim_piece *piece)
{
    (void)base;
    (void)piece;
}

static void adafactor_finish(tarn_optim *base, const tarn_optim_piece *whole)
{
    const tarn_optim_adafactor_args *o = whole->args;
    const tarn_optim_param *param = whole->param;
    const double t = (double)whole->step, n = (double)whole->count;
    step s = {.m = matrix_of(param->tensor),
              .w = whole->weights,
              .g = param->gradients,
              .sign = base->maximize ? -1 : 1,
              .l1 = param->l1,
              .r = tarn__param_numbers_of(&((adafactor *)base)->means, base, param),
              .eps = o->eps1};
    s.c = s.r + s.m.rows;
    move_means(&s, pow(t, o->beta2_decay));
    double squares = 0;
    for (int64_t i = 0; i < whole->count; i++)
        squares += update_at(&s, i) * update_at(&s, i);
    const double size = sqrt(tarn__sum_of_products(s.w, s.w, whole->count) / n);
    const double rate =
        fmin(whole->lr, 1 / sqrt(t)) * fmax(o->eps2, size) / fmax(1, sqrt(squares / n) / o->clip);
    const double decay = tarn__optim_decay(base, whole);
    for (int64_t i = 0; i < whole->count; i++) {
        const double w = (double)s.w[i], u = update_at(&s, i);
        whole->weights[i] = (tarn_real)(w - decay * w - rate * u);
    }
}

static double *adafactor_numbers(tarn_optim *base, int *count)
{
    tarn__param_numbers *means = &((adafactor *)base)->means;
    *count = (int)means->count;
    return means->numbers;
}

static bool adafactor_prepare(tarn_optim *base)
{
    return tarn__param_numbers_grow(&((adafactor *)base)->means, base, mean_count);
}

static void adafactor_free(tarn_optim *base)
{
    free(((adafactor *)base)->means.numbers);
}

TARN__OPTIM_RULE(adafactor, TARN_OPTIM_ADAFACTOR_OPTIONS, nothing, .finish = adafactor_finish,
                 .numbers = adafactor_numbers, .prepare = adafactor_prepare, .free = adafactor_free,
                 .decays = true);

tarn_optim *tarn_optim_adafactor_with(tarn_optim_adafactor_args args)
{
    if (!tarn_optim_check(&tarn__optim_adafactor, &args))
        return NULL;
    if (args.beta2_decay > 0)
        return tarn_fail("optim_adafactor: beta2_decay is %g, expects a number of at most 0",
                         args.beta2_decay);
    return tarn_optim_new(&tarn__optim_adafactor, sizeof(adafactor), 0,
                          TARN__OPTIM_OWN_DECAY_OF(args));
}
