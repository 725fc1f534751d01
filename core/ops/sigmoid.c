/*
 * Logistic function.
 *
 *     y = 1 / (1 + e^-x)
 *     dx = dy y (1 - y)
 */
#include "core/ops.h"
#include "core/ops/map.h"
#include "core/parallel.h"

static void sigmoid_backward(const tarn_node *node)
{
    const tarn_real *y = tarn_values(node->output), *dy = tarn_gradients(node->output);
    bool add;
    tarn_real *dx = tarn_op_gradient_to_write(node->inputs[0], &add);
    if (!dx)
        return;
    TARN__EACH (i, tarn_size(node->output)) {
        tarn_real passed = dy[i] * y[i] * (1 - y[i]);
        dx[i] = add ? dx[i] + passed : passed;
    }
}

static const tarn_op sigmoid = {"sigmoid", sigmoid_backward};

tarn_tensor *tarn_sigmoid(tarn_tensor *x)
{
    return tarn__map(&sigmoid, x, tarn__kernels_in_use()->sigmoid);
}
