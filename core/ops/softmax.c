/*
 * Softmax over the last dimension.
 *
 *     y_i = e^(x_i) / s = e^(x_i - ln s)        s = sum over j of e^(x_j)
 *     dx_i = y_i (dy_i - sum over j of dy_j y_j)
 */
#include "core/ops/softmax.h"

#include <math.h>

#include "core/error.h"
#include "core/ops.h"
#include "core/parallel.h"

bool tarn__rows(const char *op, const tarn_tensor *x, int64_t *rows, int64_t *columns)
{
    if (x->shape.ndim < 1)
        return tarn_fail("%s: input () is a scalar, expects at least one dimension", op);
    *columns = x->shape.dim[x->shape.ndim - 1];
    *rows = *columns ? x->size / *columns : 0;
    return true;
}

double tarn__log_sum_exp(const tarn_real *x, int64_t columns)
{
    double max = -INFINITY, sum = 0;
    for (int64_t i = 0; i < columns; i++)
        max = x[i] > max ? x[i] : max;
    if (max == -INFINITY)
        max = 0; /* all are -infinity or NaN: -infinity - -infinity would be NaN */
    for (int64_t i = 0; i < columns; i++)
        sum += exp(x[i] - max);
    return max + log(sum);
}

static void softmax_backward(const tarn_node *node)
{
    const tarn_real *y = node->output->values, *dy = tarn_gradients(node->output);
    tarn_real *dx = tarn_op_gradient(node->inputs[0]);
    int64_t rows, columns;
    if (!dx || !tarn__rows("softmax", node->output, &rows, &columns))
        return;
#pragma omp parallel for schedule(static) if (rows * columns >= TARN__PARALLEL_MIN)
    for (int64_t r = 0; r < rows; r++) {
        const int64_t first = r * columns, end = first + columns;
        double dot = 0;
        for (int64_t i = first; i < end; i++)
            dot += (double)dy[i] * y[i];
        for (int64_t i = first; i < end; i++)
            dx[i] += y[i] * (dy[i] - (tarn_real)dot);
    }
}

static const tarn_op softmax = {"softmax", softmax_backward};

tarn_tensor *tarn_softmax(tarn_tensor *x)
{
    int64_t rows, columns;
    if (!x || !tarn__rows("softmax", x, &rows, &columns))
        return NULL;
    tarn_tensor *result = tarn_op_result(&softmax, x->shape, x);
    if (!result)
        return NULL;
#pragma omp parallel for schedule(static) if (rows * columns >= TARN__PARALLEL_MIN)
    for (int64_t r = 0; r < rows; r++) {
        const tarn_real *in = x->values + r * columns;
        double log_sum = tarn__log_sum_exp(in, columns);
        for (int64_t i = 0; i < columns; i++)
            result->values[r * columns + i] = (tarn_real)exp(in[i] - log_sum);
    }
    return result;
}
