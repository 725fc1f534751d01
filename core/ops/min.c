/*
 * The smallest of all elements, or along one axis; NaN wins.
 *
 *     y = x[k], k the first place of the smallest element, or of a NaN
 *     dx[k] = dy, 0 elsewhere
 */
#include "core/error.h"
#include "core/ops.h"
#include "core/ops/extreme.h"

static const tarn_op min = {"min", tarn__extreme_backward};

tarn_tensor *tarn_min(tarn_tensor *x)
{
    if (!x)
        return NULL;
    if (x->size == 0)
        return tarn_fail("min: input %s is empty: the min of nothing",
                         tarn_shape_to_text(x->shape).text);
    return tarn__extreme_result(&min, TARN__SMALLEST, x, tarn_shape(), tarn__reduce_all(x));
}

tarn_tensor *tarn_min_axis(tarn_tensor *x, int axis)
{
    const int i = x ? tarn__extreme_axis("min_axis", x, axis) : -1;
    if (i < 0)
        return NULL;
    return tarn__extreme_result(&min, TARN__SMALLEST, x, tarn__shape_without(x->shape, i),
                                tarn__reduce_axis(x, i));
}
