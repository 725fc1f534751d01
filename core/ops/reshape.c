/*
 * The same elements in another shape. A view: no values move, and the gradient is the source's, so
 * that backward has nothing to do.
 */
#include "core/base/error.h"
#include "core/op_internal.h"
#include "core/ops.h"

static const tarn_op reshape = {"reshape", NULL};
static const tarn_op flatten = {"flatten", NULL};

tarn_tensor *tarn_reshape(tarn_tensor *x, tarn_shape shape)
{
    if (!x || shape.ndim < 0)
        return NULL; /* tarn_shape() has reported it */
    if (tarn_shape_size(shape) != x->size)
        return tarn_fail(
            "reshape: input %s has %lld elements, shape %s does not, expects one of as many",
            tarn_shape_to_text(x->shape).text, (long long)x->size, tarn_shape_to_text(shape).text);
    return tarn__view(&reshape, x, shape);
}

tarn_tensor *tarn_flatten(tarn_tensor *x)
{
    if (!x)
        return NULL;
    if (x->shape.ndim < 1)
        return tarn_fail("flatten: input () has no first dimension to keep, expects (N, ...)");
    int64_t rest = 1;
    for (int i = 1; i < x->shape.ndim; i++)
        rest *= x->shape.dim[i];
    return tarn__view(&flatten, x, tarn_shape(x->shape.dim[0], rest));
}
