/*
 * Mean over all elements or one axis. The mean of nothing is NaN.
 *
 *     y = (sum of the n elements x) / n
 *     dx = dy / n at every element that was summed
 */
#include "core/ops.h"
#include "core/ops/reduce.h"

static void mean_backward(const tarn_node *node)
{
    const tarn__reduction *r = node->saved;
    tarn_real *dx = tarn_op_gradient(node->inputs[0]);
    if (dx)
        tarn__reduce_backward(*r, 1.0 / (double)r->count, tarn_gradients(node->output), dx);
}

static const tarn_op mean = {"mean", mean_backward};

static tarn_tensor *reduce(tarn_tensor *x, tarn_shape shape, tarn__reduction r)
{
    tarn_tensor *result = tarn_op_result(&mean, shape, x);
    tarn__reduction *saved = result ? tarn_op_save(result, sizeof *saved) : NULL;
    if (!saved)
        return NULL;
    *saved = r;
    tarn__reduce(r, 1.0 / (double)r.count, x->values, result->values);
    return result;
}

tarn_tensor *tarn_mean(tarn_tensor *x)
{
    return x ? reduce(x, tarn_shape(), tarn__reduce_all(x)) : NULL;
}

tarn_tensor *tarn_mean_axis(tarn_tensor *x, int axis)
{
    int i = x ? tarn__axis("mean_axis", x, axis) : -1;
    return i < 0 ? NULL : reduce(x, tarn__shape_without(x->shape, i), tarn__reduce_axis(x, i));
}
