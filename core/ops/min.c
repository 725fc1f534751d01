/*
 * The smallest of all elements, or along one axis; NaN wins.
 *
 *     y = x[k], k the first place of the smallest element, or of a NaN
 *     dx[k] = dy, 0 elsewhere
 */
#include "core/ops.h"
#include "core/ops/shared/extreme.h"

static const tarn_op min = {"min", tarn__extreme_backward};

tarn_tensor *tarn_min(tarn_tensor *x)
{
    return tarn__extreme_of_all(&min, TARN__SMALLEST, x);
}

tarn_tensor *tarn_min_axis(tarn_tensor *x, int axis)
{
    return tarn__extreme_of_axis(&min, "min_axis", TARN__SMALLEST, x, axis);
}

tarn_tensor *tarn_min_axes_with(tarn_reduce_args args)
{
    return tarn__extreme_of_axes(&min, TARN__SMALLEST, args);
}
