/*
 * Logarithm of softmax over the last dimension.
 *
 *     y_i = x_i - ln s                          s = sum over j of e^(x_j)
 *     dx_i = dy_i - e^(y_i) d                   d = sum over j of dy_j
 *          = dy_i - d - (e^(y_i) - 1) d         for the largest y, where e^y is perhaps near 1
 */
#include <math.h>

#include "core/base/parallel.h"
#include "core/kernels/kernels.h"
#include "core/ops.h"
#include "core/ops/shared/softmax.h"

static void log_softmax_backward(const tarn_node *node)
{
    const tarn_real *y = node->output->values, *dy = tarn_gradients(node->output);
    tarn_real *dx = tarn_op_gradient(node->inputs[0]);
    const tarn__kernels *kernels = tarn__kernels_in_use();
    int64_t rows, columns;
    if (!dx || !tarn__rows("log_softmax", node->output, &rows, &columns))
        return;
#pragma omp parallel for schedule(static) if (rows * columns >= TARN__PARALLEL_MIN)
    for (int64_t r = 0; r < rows; r++) {
        const int64_t end = (r + 1) * columns;
        const int64_t m = r * columns + tarn__index_of_largest(y + r * columns, columns);
        const tarn_real before = dx[m];
        double sum = 0;
        for (int64_t i = r * columns; i < end; i++)
            sum += dy[i];
        for (int64_t first = r * columns; first < end; first += TARN__CHUNK) {
            const int64_t count = tarn__chunk(first, end);
            tarn_real p[TARN__CHUNK]; /* e^y */
            kernels->exp(count, y + first, p);
            for (int64_t i = 0; i < count; i++)
                dx[first + i] += (tarn_real)(dy[first + i] - p[i] * sum);
        }
        dx[m] = before + (tarn_real)(dy[m] - sum - expm1(y[m]) * sum);
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
    TARN__EACH_ROWS (r, rows, columns) {
        const int64_t count = tarn__row_count(r, rows);
        const tarn_real *in = x->values + r * columns;
        tarn_real *y = result->values + r * columns;
        tarn__row of[TARN__ROWS];
        tarn__exponentials(count, columns, in, y, of);
        for (int64_t k = 0; k < count; k++) {
            const double log_sum = log(of[k].sum);
            for (int64_t i = k * columns; i < (k + 1) * columns; i++)
                y[i] = (tarn_real)(in[i] - of[k].max - log_sum);
        }
    }
    return result;
}
