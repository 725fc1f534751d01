/*
 * Natural logarithm.
 *
 *     y = ln(x)        -infinity at 0, NaN below
 *     dx = dy / x
 */
#include "core/ops.h"
#include "core/ops/map.h"
#include "core/parallel.h"

static void log_backward(const tarn_node *node)
{
    const tarn_real *x = tarn_values(node->inputs[0]), *dy = tarn_gradients(node->output);
    bool add;
    tarn_real *dx = tarn_op_gradient_to_write(node->inputs[0], &add);
    if (!dx)
        return;
    TARN__EACH (i, tarn_size(node->output)) {
        tarn_real passed = dy[i] / x[i];
        dx[i] = add ? dx[i] + passed : passed;
    }
}

static const tarn_op log_op = {"log", log_backward};

tarn_tensor *tarn_log(tarn_tensor *x)
{
    return tarn__map(&log_op, x, tarn__kernels_in_use()->log);
}
