/*
 * Hyperbolic tangent.
 *
 *     y = tanh(x)
 *     dx = dy (1 - y^2)
 */
#include "core/ops.h"
#include "core/ops/map.h"
#include "core/parallel.h"

static void tanh_backward(const tarn_node *node)
{
    const tarn_real *y = tarn_values(node->output), *dy = tarn_gradients(node->output);
    bool add;
    tarn_real *dx = tarn_op_gradient_to_write(node->inputs[0], &add);
    if (!dx)
        return;
    TARN__EACH (i, tarn_size(node->output)) {
        tarn_real passed = dy[i] * (1 - y[i] * y[i]);
        dx[i] = add ? dx[i] + passed : passed;
    }
}

static const tarn_op tanh_op = {"tanh", tanh_backward};

tarn_tensor *tarn_tanh(tarn_tensor *x)
{
    return tarn__map(&tanh_op, x, tarn__kernels_in_use()->tanh);
}
