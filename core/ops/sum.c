/*
 * Sum over all elements, one axis or several.
 *
 *     y = sum of x
 *     dx = dy at every element that was summed
 */
#include "core/ops.h"
#include "core/ops/shared/reduce.h"

static const tarn_op sum = {"sum", tarn__scaled_sum_backward};

static tarn_tensor *reduce(tarn_tensor *x, tarn_shape shape, tarn__reduce_plan r)
{
    return tarn__scaled_sum(&sum, x, shape, r, 1);
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

tarn_tensor *tarn_sum_axes_with(tarn_reduce_args a)
{
    tarn_shape shape;
    tarn__reduce_plan r;
    if (!a.x || !tarn__reduce_axes("sum", a.x, a.axes, a.keepdims, &shape, &r))
        return NULL;
    return reduce(a.x, shape, r);
}
