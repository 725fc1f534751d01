/*
 * Mean over all elements, one axis or several. The mean of nothing is NaN.
 *
 *     y = (sum of the n elements x) / n
 *     dx = dy / n at every element that was summed
 */
#include "core/ops.h"
#include "core/ops/shared/reduce.h"

static const tarn_op mean = {"mean", tarn__scaled_sum_backward};

static tarn_tensor *reduce(tarn_tensor *x, tarn_shape shape, tarn__reduce_plan r)
{
    return tarn__scaled_sum(&mean, x, shape, r, 1.0 / (double)tarn__reduced_count(&r));
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

tarn_tensor *tarn_mean_axes_with(tarn_reduce_args a)
{
    tarn_shape shape;
    tarn__reduce_plan r;
    if (!a.x || !tarn__reduce_axes("mean", a.x, a.axes, a.keepdims, &shape, &r))
        return NULL;
    return reduce(a.x, shape, r);
}
