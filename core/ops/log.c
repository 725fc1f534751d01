/*
 * Natural logarithm.
 *
 *     y = ln(x)        -infinity at 0, NaN below
 *     dx = dy / x
 */
#include <tgmath.h>

#include "core/op.h"
#include "core/ops.h"
#include "core/parallel.h"

static void log_backward(const tarn_node *node)
{
    const tarn_real *x = tarn_values(node->inputs[0]), *dy = tarn_gradients(node->output);
    tarn_real *dx = tarn_op_gradient(node->inputs[0]);
    if (!dx)
        return;
    TARN__EACH (i, tarn_size(node->output))
        dx[i] += dy[i] / x[i];
}

static const tarn_op log_op = {"log", log_backward};

tarn_tensor *tarn_log(tarn_tensor *x)
{
    tarn_tensor *result = tarn_op_result(&log_op, tarn_shape_get(x), x);
    if (!result)
        return NULL;
    const tarn_real *in = tarn_values(x);
    tarn_real *y = tarn_values(result);
    TARN__EACH (i, tarn_size(x))
        y[i] = log(in[i]);
    return result;
}
