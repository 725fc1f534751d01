/*
 * Sum over all elements or one axis.
 *
 *     y = sum of x
 *     dx = dy at every element that was summed
 */
#include "core/ops.h"
#include "core/ops/reduce.h"

static void sum_backward(const tarn_node *node)
{
    const tarn__reduction *r = node->saved;
    tarn_real *dx = tarn_op_gradient(node->inputs[0]);
    if (dx)
        tarn__reduce_backward(*r, 1, tarn_gradients(node->output), dx);
}

static const tarn_op sum = {"sum", sum_backward};

static tarn_tensor *reduce(tarn_tensor *x, tarn_shape shape, tarn__reduction r)
{
    tarn_tensor *result = tarn_op_result(&sum, shape, x);
    tarn__reduction *saved = result ? tarn_op_save(result, sizeof *saved) : NULL;
    if (!saved)
        return NULL;
    *saved = r;
    tarn__reduce(r, 1, x->values, result->values);
    return result;
}

tarn_tensor *tarn_sum(tarn_tensor *x)
{
    return x ? reduce(x, tarn_shape(), tarn__reduce_all(x)) : NULL;
}

tarn_tensor *tarn_sum_axis(tarn_tensor *x, int axis)
{
    int i = x ? tarn__axis("sum_axis", x, axis) : -1;
    return i < 0 ? NULL : reduce(x, tarn__shape_without(x->shape, i), tarn__reduce_axis(x, i));
}
