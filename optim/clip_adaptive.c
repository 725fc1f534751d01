/*
 * Adaptive clipping of gradients (Brock, De, Smith, Simonyan 2021, "High-performance large-scale
 * image recognition without normalization"): by the size of the weights that they move.
 *
 *     limit = max max(|w|, eps)
 *     g *= limit / |g|    if |g| > limit
 *
 * |w| and |g| are Euclidean norms over the weights that make one output. Columns are taken a few at
 * a time, whose sums fit on the stack; each is summed in double, in the order of its rows, so that
 * the number of threads does not show.
 */
#include <math.h>
#include <stdatomic.h>

#include "core/base/error.h"
#include "core/base/pool.h"
#include "optim/clip.h"

enum { COLUMNS = 32 };

typedef struct job {
    const tarn_real *w;
    tarn_real *g;
    int64_t rows, columns;
    double max, eps;
    _Atomic int64_t *changed;
} job;

/* The factor of a column, 1 where it stays. */
static double factor_of(const job *j, double weights, double gradients)
{
    const double limit = j->max * fmax(sqrt(weights), j->eps), norm = sqrt(gradients);
    return norm > limit && isfinite(norm) ? limit / norm : 1;
}

/* Columns first to before end, at most COLUMNS. */
static void clip_columns(const job *j, int64_t first, int64_t end)
{
    double weights[COLUMNS] = {0}, gradients[COLUMNS] = {0};
    for (int64_t r = 0; r < j->rows; r++)
        for (int64_t c = first; c < end; c++) {
            const double w = (double)j->w[r * j->columns + c], g = (double)j->g[r * j->columns + c];
            weights[c - first] += w * w;
            gradients[c - first] += g * g;
        }
    int64_t changed = 0;
    for (int64_t c = first; c < end; c++) {
        const double factor = factor_of(j, weights[c - first], gradients[c - first]);
        changed += factor < 1;
        for (int64_t r = 0; factor < 1 && r < j->rows; r++) {
            tarn_real *g = &j->g[r * j->columns + c];
            *g = (tarn_real)((double)*g * factor);
        }
    }
    *j->changed += changed;
}

static void clip_blocks(const void *context, int64_t first, int64_t end)
{
    const job *j = context;
    for (int64_t b = first; b < end; b++) {
        const int64_t last = (b + 1) * COLUMNS;
        clip_columns(j, b * COLUMNS, last < j->columns ? last : j->columns);
    }
}

static int64_t clip_tensor(tarn_tensor *t, double max, double eps)
{
    tarn_real *g = tarn_gradients(t);
    const int64_t size = tarn_size(t);
    if (!g || size == 0)
        return 0;
    const int64_t columns = tarn_ndim(t) >= 2 ? tarn_dim(t, tarn_ndim(t) - 1) : 1;
    _Atomic int64_t changed = 0;
    const job j = {tarn_values(t), g, size / columns, columns, max, eps, &changed};
    tarn__share((columns + COLUMNS - 1) / COLUMNS, size, clip_blocks, &j);
    return changed;
}

int64_t tarn_clip_grad_adaptive_with(tarn_clip_grad_adaptive_args args)
{
    const bool failed = args.params.count < 0;
    if (failed)
        tarn_fail_null("clip_grad: the list of parameters");
    else if (!(args.max > 0) || !(args.eps > 0 && isfinite(args.eps)))
        tarn_fail("clip_grad_adaptive: max is %g and eps %g, expects numbers above 0", args.max,
                  args.eps);
    else if (args.params.count > 0 && !args.params.tensors)
        tarn_fail("clip_grad_adaptive: the list of %d parameters is NULL", args.params.count);
    else {
        int64_t changed = 0;
        for (int i = 0; i < args.params.count; i++)
            changed += clip_tensor(args.params.tensors[i], args.max, args.eps);
        return changed;
    }
    return -1;
}
