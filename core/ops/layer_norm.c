/*
 * Layer normalization (Ba, Kiros and Hinton 2016): each row of the last dimensions is a set of
 * core/ops/shared/norm.h, which has the formulas; gamma and beta have a number for each of its
 * columns.
 */
#include <string.h>

#include "core/base/clones.h"
#include "core/base/error.h"
#include "core/kernels/vector.h"
#include "core/ops/extras.h"
#include "core/ops/shared/norm.h"

/* As AVX2 has them; without it the compiler makes two of each. */
enum { WIDE_BYTES = 32, WIDE = WIDE_BYTES / sizeof(tarn_real) };
typedef tarn_real wide
    __attribute__((vector_size(WIDE_BYTES), aligned(sizeof(tarn_real)), may_alias));

/* Four vectors of sums run beside each other, which hides the latency of an addition. After a
   chunk, and for the columns after some rows, sums go on in double. */
enum { VECTORS = 4, WAYS = VECTORS * WIDE, CHUNK = 64 * WAYS, ROWS = 32 };

typedef struct sums {
    double p, pd;
} sums;

ALWAYS_INLINE void add_lanes(const wide from[VECTORS], double *to)
{
    for (int v = 0; v < VECTORS; v++)
        for (int i = 0; i < WIDE; i++)
            *to += (double)from[v][i];
}

/* No function: one that returns such a vector is another without AVX. */
#define AT(from) (*(const wide *)(from))

/* The sums of p and of p d, where p = gamma dy, of a row, whose dy and dy xhat are added to dbeta
   and dgamma. */
TARN__CLONES static sums sum_gradients(const tarn__set *s, int64_t columns, const tarn_real *x,
                                       const tarn_real *gamma, const tarn_real *dy,
                                       tarn_real *restrict dgamma, tarn_real *restrict dbeta)
{
    const tarn_real scale = (tarn_real)s->inverse, shift = (tarn_real)(-s->rest * s->inverse);
    const tarn_real centre = s->centre;
    sums total = {0};
    int64_t i = 0;
    while (i + WAYS <= columns) {
        const int64_t end = columns - i < CHUNK ? columns : i + CHUNK;
        wide p_sum[VECTORS] = {{0}}, pd_sum[VECTORS] = {{0}};
        for (; i + WAYS <= end; i += WAYS)
            UNROLLED_FOR (int v = 0; v < VECTORS; v++) {
                const int64_t k = i + v * WIDE;
                const wide d = AT(x + k) - centre, p = AT(gamma + k) * AT(dy + k);
                p_sum[v] += p;
                pd_sum[v] += p * d;
                *(wide *)(dgamma + k) += AT(dy + k) * (d * scale + shift);
                *(wide *)(dbeta + k) += AT(dy + k);
            }
        add_lanes(p_sum, &total.p);
        add_lanes(pd_sum, &total.pd);
    }
    for (; i < columns; i++) {
        const tarn_real d = x[i] - centre;
        total.p += (double)gamma[i] * (double)dy[i];
        total.pd += (double)gamma[i] * (double)dy[i] * (double)d;
        dgamma[i] += dy[i] * (d * scale + shift);
        dbeta[i] += dy[i];
    }
    return total;
}

/* Around the first number, so that a large mean costs no digits. */
static tarn__set statistics(const tarn_real *x, int64_t columns, double eps)
{
    const tarn__kernels *kernels = tarn__kernels_in_use();
    const double n = (double)columns, origin = x[0],
                 distance = kernels->sum(columns, x, origin) / n;
    const double variance = kernels->sum_of_squares(columns, x, origin + distance) / n;
    return tarn__set_of(x[0], distance, variance, eps);
}

TARN__CLONES static void forward(const tarn__norm *norm, const tarn__norm_part *part,
                                 const tarn_real *restrict x, const tarn_real *restrict gamma,
                                 const tarn_real *restrict beta, tarn_real *restrict y)
{
    for (int64_t r = part->first; r < part->end; r++) {
        const int64_t at = r * norm->size;
        const tarn__set s = norm->sets[r] = statistics(x + at, norm->size, norm->eps);
        const tarn_real scale = (tarn_real)s.inverse, shift = (tarn_real)(-s.rest * s.inverse);
        for (int64_t i = 0; i < norm->size; i++)
            y[at + i] = ((x[at + i] - s.centre) * scale + shift) * gamma[i] + beta[i];
    }
}

TARN__CLONES static void input_gradient(const tarn__set *s, sums of, int64_t columns,
                                        const tarn_real *restrict x,
                                        const tarn_real *restrict gamma,
                                        const tarn_real *restrict dy, tarn_real *restrict dx,
                                        bool add)
{
    const tarn__set_back back = tarn__set_back_of(s, (double)columns, of.p, of.pd);
    const tarn_real scale = (tarn_real)s->inverse, centre = s->centre;
    /* Two loops: one that asks each time would not become vectors. */
    if (add)
        for (int64_t i = 0; i < columns; i++)
            dx[i] += dy[i] * gamma[i] * scale + ((x[i] - centre) * back.of_x + back.constant);
    else
        for (int64_t i = 0; i < columns; i++)
            dx[i] = dy[i] * gamma[i] * scale + ((x[i] - centre) * back.of_x + back.constant);
}

static void backward(const tarn__norm *norm, const tarn__norm_part *part, const tarn_real *x,
                     const tarn_real *gamma, const tarn_real *dy, tarn__target dx)
{
    const int64_t columns = norm->size;
    tarn_real *dgamma = part->workspace, *dbeta = dgamma + columns;
    for (int64_t first = part->first; first < part->end; first += ROWS) {
        memset(dgamma, 0, norm->workspace);
        for (int64_t r = first; r < first + ROWS && r < part->end; r++) {
            const tarn_real *row = x + r * columns, *dy_row = dy + r * columns;
            const sums of =
                sum_gradients(&norm->sets[r], columns, row, gamma, dy_row, dgamma, dbeta);
            if (dx.values)
                input_gradient(&norm->sets[r], of, columns, row, gamma, dy_row,
                               dx.values + r * columns, dx.add);
        }
        for (int64_t i = 0; i < columns; i++) {
            part->dgamma[i] += (double)dgamma[i];
            part->dbeta[i] += (double)dbeta[i];
        }
    }
}

static const tarn_op layer_norm = {"layer_norm", tarn__norm_backward};

tarn_tensor *tarn_layer_norm_with(tarn_layer_norm_args a)
{
    if (!a.x || !a.gamma || !a.beta)
        return NULL;
    const tarn_shape x = a.x->shape, gamma = a.gamma->shape;
    if (gamma.ndim < 1 || gamma.ndim > x.ndim)
        return tarn_fail("layer_norm: gamma %s, input %s expects the shape of its last dimensions, "
                         "one or more",
                         tarn_shape_to_text(gamma).text, tarn_shape_to_text(x).text);
    const tarn_shape last = tarn_shape_of(gamma.ndim, x.dim + x.ndim - gamma.ndim);
    const int64_t columns = a.gamma->size;
    return tarn__normalize(&layer_norm, a.x, a.gamma, a.beta, last,
                           (tarn__norm){.items = columns ? a.x->size / columns : 0,
                                        .size = columns,
                                        .channels = columns,
                                        .groups = 1,
                                        .eps = a.eps,
                                        .workspace = (size_t)columns * 2 * sizeof(tarn_real),
                                        .forward = forward,
                                        .backward = backward});
}
