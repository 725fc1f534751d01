/*
 * Product with a number.
 *
 *     y = factor x
 *     dx = factor dy
 */
#include <math.h>

#include "core/base/error.h"
#include "core/base/parallel.h"
#include "core/op.h"
#include "core/ops.h"

static void scale_backward(const tarn_node *node)
{
    const tarn_real *dy = tarn_gradients(node->output);
    const tarn_real factor = *(const tarn_real *)node->saved;
    tarn_real *dx = tarn_op_gradient(node->inputs[0]);
    if (!dx)
        return;
    TARN__EACH (i, tarn_size(node->output))
        dx[i] += factor * dy[i];
}

static const tarn_op scale = {"scale", scale_backward};

tarn_tensor *tarn_scale(tarn_tensor *x, double factor)
{
    if (x && isfinite(factor) && !isfinite((tarn_real)factor))
        return tarn_fail("scale: the factor is %g, beyond what an element can be", factor);
    tarn_tensor *result = tarn_op_result(&scale, tarn_shape_get(x), x);
    tarn_real *saved = result ? tarn_op_save(result, sizeof *saved) : NULL;
    if (!saved)
        return NULL;
    const tarn_real by = *saved = (tarn_real)factor;
    const tarn_real *in = tarn_values(x);
    tarn_real *y = tarn_values(result);
    TARN__EACH (i, tarn_size(x))
        y[i] = by * in[i];
    return result;
}
