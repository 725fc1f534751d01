/*
 * Logarithm of softmax over the last dimension.
 *
 *     y_i = x_i - ln s                          s = sum over j of e^(x_j)
 *     dx_i = dy_i - e^(y_i) sum over j of dy_j
 */
#include <math.h>

#include "core/ops.h"
#include "core/ops/softmax.h"
#include "core/parallel.h"

static void log_softmax_backward(const tarn_node *node)
{
    const tarn_real *y = node->output->values, *dy = tarn_gradients(node->output);
    tarn_real *dx = tarn_op_gradient(node->inputs[0]);
    int64_t rows, columns;
    if (!dx || !tarn__rows("log_softmax", node->output, &rows, &columns))
        return;
#pragma omp parallel for schedule(static) if (rows * columns >= TARN__PARALLEL_MIN)
    for (int64_t r = 0; r < rows; r++) {
        const int64_t first = r * columns, end = first + columns;
        double sum = 0;
        for (int64_t i = first; i < end; i++)
            sum += dy[i];
        for (int64_t i = first; i < end; i++)
            dx[i] += (tarn_real)(dy[i] - exp(y[i]) * sum);
    }
}

static const tarn_op log_softmax = {"log_softmax", log_softmax_backward};

tarn_tensor *tarn_log_softmax(tarn_tensor *x)
{
    int64_t rows, columns;
    if (!x || !tarn__rows("log_softmax", x, &rows, &columns))
        return NULL;
    tarn_tensor *result = tarn_op_result(&log_softmax, x->shape, x);
    if (!result)
        return NULL;
#pragma omp parallel for schedule(static) if (rows * columns >= TARN__PARALLEL_MIN)
    for (int64_t r = 0; r < rows; r++) {
        const tarn_real *in = x->values + r * columns;
        double log_sum = tarn__log_sum_exp(in, columns);
        for (int64_t i = 0; i < columns; i++)
            result->values[r * columns + i] = (tarn_real)(in[i] - log_sum);
    }
    return result;
}
