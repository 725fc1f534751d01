/*
 * Where the largest or the smallest element along one axis is: the first of equals, and the first
 * NaN if there is one. Not an operation: nothing is recorded, and there is no gradient.
 */
#include "core/base/error.h"
#include "core/ops.h"
#include "core/ops/shared/extreme.h"

static bool find(const char *op, tarn__extreme which, const tarn_tensor *x, int axis,
                 int32_t *indices)
{
    const int i = x ? tarn__extreme_axis(op, x, axis) : -1;
    if (i < 0 || !tarn__usable(op, "the input", x))
        return false;
    if (!indices)
        return tarn_fail("%s: the array for the indices of input %s is NULL", op,
                         tarn_shape_to_text(x->shape).text);
    const tarn__reduce_plan r = tarn__reduce_axis(x, i);
    tarn__extreme_find(which, &r, x->values, NULL, indices);
    return true;
}

bool tarn_argmax_axis(const tarn_tensor *x, int axis, int32_t *indices)
{
    return find("argmax_axis", TARN__LARGEST, x, axis, indices);
}

bool tarn_argmin_axis(const tarn_tensor *x, int axis, int32_t *indices)
{
    return find("argmin_axis", TARN__SMALLEST, x, axis, indices);
}
