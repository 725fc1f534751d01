/*
 * The largest of all elements, or along one axis; NaN wins.
 *
 *     y = x[k], k the first place of the largest element, or of a NaN
 *     dx[k] = dy, 0 elsewhere
 */
#include "core/error.h"
#include "core/ops.h"
#include "core/ops/extreme.h"

static const tarn_op max = {"max", tarn__extreme_backward};

tarn_tensor *tarn_max(tarn_tensor *x)
{
    if (!x)
        return NULL;
    if (x->size == 0)
        return tarn_fail("max: input %s is empty: the max of nothing",
                         tarn_shape_to_text(x->shape).text);
    return tarn__extreme_result(&max, TARN__LARGEST, x, tarn_shape(), tarn__reduce_all(x));
}

tarn_tensor *tarn_max_axis(tarn_tensor *x, int axis)
{
    const int i = x ? tarn__extreme_axis("max_axis", x, axis) : -1;
    if (i < 0)
        return NULL;
    return tarn__extreme_result(&max, TARN__LARGEST, x, tarn__shape_without(x->shape, i),
                                tarn__reduce_axis(x, i));
}
