/*
 * Softmax over the last dimension.
 *
 *     y_i = e^(x_i) / s        s = sum over j of e^(x_j)
 *     dx_i = y_i (d_i - sum over j of d_j y_j)        d_i = dy_i - dy_m, y_m the largest y
 *
 * Whatever is subtracted of all dy alike drops out. Without it, dx_m would be a difference of
 * nearly equal numbers where y_m is near 1.
 */
#include "core/ops/shared/softmax.h"
#include "core/ops.h"

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
        const double base = dy[first + tarn__index_of_largest(y + first, columns)];
        double dot = 0;
        for (int64_t i = first; i < end; i++)
            dot += (dy[i] - base) * y[i];
        for (int64_t i = first; i < end; i++)
            dx[i] += (tarn_real)(y[i] * (dy[i] - base - dot));
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
    TARN__EACH_ROWS (r, rows, columns) {
        const int64_t count = tarn__row_count(r, rows);
        tarn_real *y = result->values + r * columns;
        tarn__row of[TARN__ROWS];
        tarn__exponentials(count, columns, x->values + r * columns, y, of);
        for (int64_t k = 0; k < count; k++) {
            const double inverse = 1 / of[k].sum;
            for (int64_t i = k * columns; i < (k + 1) * columns; i++)
                y[i] = (tarn_real)(y[i] * inverse);
        }
    }
    return result;
}
