/*
 * Root mean square normalization (Zhang and Sennrich 2019): each row of the last dimensions, as
 * many as gamma has.
 *
 *     y = gamma x r,  r = 1 / sqrt((sum of x^2) / n + eps)        for rows of n elements
 *     dx = r (gamma dy - x r^2 (sum of gamma dy x) / n)
 *     dgamma = the sum over the rows of dy x r
 */
#include <math.h>

#include "core/base/clones.h"
#include "core/base/error.h"
#include "core/base/pool.h"
#include "core/kernels/kernels.h"
#include "core/op_internal.h"
#include "core/ops/extras.h"

/* The sums of dgamma are taken in so many parts, whatever the number of threads. */
enum { PARTS = 16 };

typedef struct rms_state {
    int64_t rows, columns;
    double eps;
    double r[]; /* of each row */
} rms_state;

typedef struct job {
    rms_state *s;
    const tarn_real *x, *gamma, *dy;
    tarn_real *to;     /* y, or dx, which may be NULL */
    double *sums;      /* (PARTS, columns): dgamma */
    tarn_real *scaled; /* (PARTS, columns): gamma dy of a row */
} job;

TARN__CLONES static void scale_row(int64_t n, const tarn_real *restrict x,
                                   const tarn_real *restrict gamma, tarn_real r,
                                   tarn_real *restrict y)
{
    for (int64_t i = 0; i < n; i++)
        y[i] = x[i] * r * gamma[i];
}

static void forward_rows(const void *context, int64_t first, int64_t end)
{
    const job *j = context;
    rms_state *s = j->s;
    const int64_t n = s->columns;
    for (int64_t k = first; k < end; k++) {
        const tarn_real *x = j->x + k * n;
        s->r[k] = 1 / sqrt(tarn__kernels_in_use()->sum_of_squares(n, x, 0) / (double)n + s->eps);
        scale_row(n, x, j->gamma, (tarn_real)s->r[k], j->to + k * n);
    }
}

TARN__CLONES static void add_to_sums(int64_t n, const tarn_real *restrict x,
                                     const tarn_real *restrict dy, double r, double *restrict sums)
{
    for (int64_t i = 0; i < n; i++)
        sums[i] += (double)dy[i] * ((double)x[i] * r);
}

TARN__CLONES static void add_to_input(int64_t n, const tarn_real *restrict x,
                                      const tarn_real *restrict scaled, double r, double sum,
                                      tarn_real *restrict dx)
{
    const tarn_real by = (tarn_real)r, of_x = (tarn_real)(r * r * r * sum / (double)n);
    for (int64_t i = 0; i < n; i++)
        dx[i] += by * scaled[i] - of_x * x[i];
}

static void backward_parts(const void *context, int64_t first, int64_t end)
{
    const job *j = context;
    const rms_state *s = j->s;
    const int64_t n = s->columns;
    for (int64_t part = first; part < end; part++) {
        double *sums = j->sums + part * n;
        tarn_real *scaled = j->scaled + part * n;
        for (int64_t i = 0; i < n; i++)
            sums[i] = 0;
        for (int64_t k = s->rows * part / PARTS; k < s->rows * (part + 1) / PARTS; k++) {
            const tarn_real *x = j->x + k * n, *dy = j->dy + k * n;
            add_to_sums(n, x, dy, s->r[k], sums);
            if (!j->to)
                continue;
            scale_row(n, dy, j->gamma, 1, scaled);
            const double product = tarn__kernels_in_use()->dot(n, x, 0, scaled);
            add_to_input(n, x, scaled, s->r[k], product, j->to + k * n);
        }
    }
}

static void rms_norm_backward(const tarn_node *node)
{
    tarn_tensor *x = node->inputs[0], *gamma = node->inputs[1];
    job j = {.s = node->saved,
             .x = x->values,
             .gamma = gamma->values,
             .dy = tarn_gradients(node->output)};
    j.to = tarn_op_gradient(x);
    tarn_real *dgamma = tarn_op_gradient(gamma);
    const int64_t n = j.s->columns;
    tarn__arena_position mark = tarn__scratch_push();
    j.sums = tarn__scratch_take(PARTS * (size_t)n * sizeof *j.sums);
    j.scaled = tarn__scratch_take(PARTS * (size_t)n * sizeof *j.scaled);
    if (j.sums && j.scaled) {
        tarn__share(PARTS, x->size, backward_parts, &j);
        for (int64_t i = 0; dgamma && i < n; i++) {
            double sum = 0;
            for (int part = 0; part < PARTS; part++)
                sum += j.sums[part * n + i];
            dgamma[i] += (tarn_real)sum;
        }
    }
    tarn__scratch_pop(mark);
}

static const tarn_op rms_norm = {"rms_norm", rms_norm_backward};

static bool check(const tarn_rms_norm_args *a)
{
    const tarn_shape x = a->x->shape, gamma = a->gamma->shape;
    if (gamma.ndim < 1 || gamma.ndim > x.ndim ||
        !tarn_shape_equal(gamma, tarn_shape_of(gamma.ndim, x.dim + x.ndim - gamma.ndim)))
        return tarn_fail("rms_norm: gamma %s, input %s expects the shape of its last dimensions, "
                         "one or more",
                         tarn_shape_to_text(gamma).text, tarn_shape_to_text(x).text);
    if (!(a->eps >= 0 && a->eps < INFINITY))
        return tarn_fail("rms_norm: eps is %g, expects a finite number of at least 0", a->eps);
    return true;
}

tarn_tensor *tarn_rms_norm_with(tarn_rms_norm_args a)
{
    if (!a.x || !a.gamma || !check(&a))
        return NULL;
    tarn_tensor *result = tarn_op_result(&rms_norm, a.x->shape, a.x, a.gamma);
    const int64_t columns = a.gamma->size, rows = columns ? a.x->size / columns : 0;
    rms_state *s = result ? tarn_op_save(result, sizeof *s + (size_t)rows * sizeof *s->r) : NULL;
    if (!s)
        return NULL;
    s->rows = rows;
    s->columns = columns;
    s->eps = a.eps;
    tarn_op_operations(result, 4 * (double)a.x->size);
    tarn__share(rows, a.x->size, forward_rows,
                &(job){.s = s, .x = a.x->values, .gamma = a.gamma->values, .to = result->values});
    return result;
}
