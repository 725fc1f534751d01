/*
 * The logarithm of the sum of exponentials, over the last dimension: a maximum without a kink.
 *
 *     y = ln(sum of e^x_i) = m + ln(sum of e^(x_i - m)),  m the largest
 *     dx_i = dy softmax(x)_i                                    = dy e^(x_i - y)
 *
 * Where y is infinity the gradient is NaN at the x that are, too, and 0 elsewhere.
 */
#include <math.h>

#include "core/ops.h"
#include "core/ops/shared/axes.h"
#include "core/ops/shared/softmax.h"

typedef struct job {
    int64_t columns;
    const tarn__row *rows;
    const tarn_real *e, *dy;
    tarn_real *dx;
} job;

typedef struct logsumexp_state {
    tarn__row *rows;
    tarn_real *e; /* as x: e^(x - max) */
} logsumexp_state;

static void backward_rows(const void *context, int64_t first, int64_t end)
{
    const job *j = context;
    for (int64_t r = first; r < end; r++) {
        const double slope = (double)j->dy[r] / j->rows[r].sum;
        for (int64_t i = r * j->columns; i < (r + 1) * j->columns; i++)
            j->dx[i] += (tarn_real)(slope * j->e[i]);
    }
}

static void logsumexp_backward(const tarn_node *node)
{
    const logsumexp_state *s = node->saved;
    const tarn_tensor *x = node->inputs[0];
    const job j = {x->shape.dim[x->shape.ndim - 1], s->rows, s->e, tarn_gradients(node->output),
                   tarn_op_gradient(node->inputs[0])};
    if (j.dx)
        tarn__share(node->output->size, x->size, backward_rows, &j);
}

static const tarn_op logsumexp = {"logsumexp", logsumexp_backward};

/* An infinity less itself is NaN, but if nothing else is NaN the sum is infinite. */
static double value_of(const tarn_real *x, int64_t columns, tarn__row row)
{
    double value = row.max + log(row.sum);
    if (row.max == INFINITY) {
        value = INFINITY;
        for (int64_t i = 0; i < columns; i++)
            value = isnan(x[i]) ? NAN : value;
    }
    return value;
}

tarn_tensor *tarn_logsumexp(tarn_tensor *x)
{
    int64_t rows, columns;
    if (!x || !tarn__rows("logsumexp", x, &rows, &columns))
        return NULL;
    const tarn_shape shape = tarn__shape_without(x->shape, x->shape.ndim - 1);
    tarn_tensor *result = tarn_op_result(&logsumexp, shape, x);
    logsumexp_state *s =
        result ? tarn_op_save(result, sizeof *s + (size_t)result->size * sizeof *s->rows +
                                          (size_t)x->size * sizeof *s->e)
               : NULL;
    if (!s)
        return NULL;
    s->rows = (tarn__row *)(s + 1);
    s->e = (tarn_real *)(s->rows + result->size);
    tarn__all_exponentials(result->size, columns, x->values, s->e, s->rows);
    for (int64_t r = 0; r < result->size; r++) {
        const double value = value_of(x->values + r * columns, columns, s->rows[r]);
        if (value == INFINITY)
            s->rows[r].sum = 1; /* not NaN, which only the exponentials of infinities are */
        result->values[r] = (tarn_real)value;
    }
    return result;
}
