/*
 * The largest of all elements, or along one axis; NaN wins.
 *
 *     y = x[k], k the first place of the largest element, or of a NaN
 *     dx[k] = dy, 0 elsewhere
 */
#include "core/ops.h"
#include "core/ops/shared/extreme.h"

static const tarn_op max = {"max", tarn__extreme_backward};

tarn_tensor *tarn_max(tarn_tensor *x)
{
    return tarn__extreme_of_all(&max, TARN__LARGEST, x);
}

tarn_tensor *tarn_max_axis(tarn_tensor *x, int axis)
{
    return tarn__extreme_of_axis(&max, "max_axis", TARN__LARGEST, x, axis);
}

tarn_tensor *tarn_max_axes_with(tarn_reduce_args args)
{
    return tarn__extreme_of_axes(&max, TARN__LARGEST, args);
}
