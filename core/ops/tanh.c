/*
 * Hyperbolic tangent.
 *
 *     y = tanh(x)
 *     dx = dy (1 - y^2)
 */
#include <tgmath.h>

#include "core/op.h"
#include "core/ops.h"
#include "core/parallel.h"

static void tanh_backward(const tarn_node *node)
{
    const tarn_real *y = tarn_values(node->output), *dy = tarn_gradients(node->output);
    tarn_real *dx = tarn_op_gradient(node->inputs[0]);
    if (!dx)
        return;
    TARN__EACH (i, tarn_size(node->output))
        dx[i] += dy[i] * (1 - y[i] * y[i]);
}

static const tarn_op tanh_op = {"tanh", tanh_backward};

tarn_tensor *tarn_tanh(tarn_tensor *x)
{
    tarn_tensor *result = tarn_op_result(&tanh_op, tarn_shape_get(x), x);
    if (!result)
        return NULL;
    const tarn_real *in = tarn_values(x);
    tarn_real *y = tarn_values(result);
    TARN__EACH (i, tarn_size(x))
        y[i] = tanh(in[i]);
    return result;
}
