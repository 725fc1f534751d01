/*
 * Square root.
 *
 *     y = sqrt(x)        NaN below 0
 *     dx = dy / (2 y)    infinite at 0
 */
#include <tgmath.h>

#include "core/op.h"
#include "core/ops.h"
#include "core/parallel.h"

static void sqrt_backward(const tarn_node *node)
{
    const tarn_real *y = tarn_values(node->output), *dy = tarn_gradients(node->output);
    tarn_real *dx = tarn_op_gradient(node->inputs[0]);
    if (!dx)
        return;
    TARN__EACH (i, tarn_size(node->output))
        dx[i] += dy[i] / (2 * y[i]);
}

static const tarn_op sqrt_op = {"sqrt", sqrt_backward};

tarn_tensor *tarn_sqrt(tarn_tensor *x)
{
    tarn_tensor *result = tarn_op_result(&sqrt_op, tarn_shape_get(x), x);
    if (!result)
        return NULL;
    const tarn_real *in = tarn_values(x);
    tarn_real *y = tarn_values(result);
    TARN__EACH (i, tarn_size(x))
        y[i] = sqrt(in[i]);
    return result;
}
