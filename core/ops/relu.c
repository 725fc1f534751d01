/*
 * Rectified linear unit.
 *
 *     y = 0 if x <= 0, else x       so NaN stays NaN
 *     dx = 0 if y <= 0, else dy
 */
#include "core/base/parallel.h"
#include "core/op.h"
#include "core/ops.h"

static void relu_backward(const tarn_node *node)
{
    const tarn_real *y = tarn_values(node->output), *dy = tarn_gradients(node->output);
    bool add;
    tarn_real *dx = tarn_op_gradient_to_write(node->inputs[0], &add);
    if (!dx)
        return;
    /* dy is read in any case and the question asked outside, so that the loops become vectors: the
       signs of y cannot be predicted. */
    const int64_t size = tarn_size(node->output);
    if (add)
        TARN__EACH (i, size) {
            tarn_real d = dy[i];
            dx[i] += y[i] <= 0 ? 0 : d;
        }
    else
        TARN__EACH (i, size) {
            tarn_real d = dy[i];
            dx[i] = y[i] <= 0 ? 0 : d;
        }
}

static const tarn_op relu = {"relu", relu_backward};

tarn_tensor *tarn_relu(tarn_tensor *x)
{
    tarn_tensor *result = tarn_op_result(&relu, tarn_shape_get(x), x);
    if (!result)
        return NULL;
    const tarn_real *in = tarn_values(x);
    tarn_real *y = tarn_values(result);
    TARN__EACH (i, tarn_size(x))
        y[i] = in[i] <= 0 ? 0 : in[i];
    return result;
}
