/*
 * Logistic function.
 *
 *     y = 1 / (1 + e^-x)        e^-x may overflow to infinity, and y is then 0, as it should
 *     dx = dy y (1 - y)
 */
#include <tgmath.h>

#include "core/op.h"
#include "core/ops.h"
#include "core/parallel.h"

static void sigmoid_backward(const tarn_node *node)
{
    const tarn_real *y = tarn_values(node->output), *dy = tarn_gradients(node->output);
    tarn_real *dx = tarn_op_gradient(node->inputs[0]);
    if (!dx)
        return;
    TARN__EACH (i, tarn_size(node->output))
        dx[i] += dy[i] * y[i] * (1 - y[i]);
}

static const tarn_op sigmoid = {"sigmoid", sigmoid_backward};

tarn_tensor *tarn_sigmoid(tarn_tensor *x)
{
    tarn_tensor *result = tarn_op_result(&sigmoid, tarn_shape_get(x), x);
    if (!result)
        return NULL;
    const tarn_real *in = tarn_values(x);
    tarn_real *y = tarn_values(result);
    TARN__EACH (i, tarn_size(x))
        y[i] = 1 / (1 + exp(-in[i]));
    return result;
}
