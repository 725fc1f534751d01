#include "core/ops/shared/axes.h"

#include <stdio.h>

#include "core/base/error.h"

static void append(tarn__places *p, int64_t dim, int64_t stride)
{
    p->dim[p->ndim] = dim;
    p->stride[p->ndim++] = stride;
    p->count *= dim;
}

static tarn__reduce_plan reduction_of(tarn_shape shape, const bool goes[TARN_MAX_NDIM])
{
    tarn__reduce_plan r = {.kept.count = 1, .summed.count = 1, .rows = 1, .inner = 1};
    int64_t stride = 1;
    int group = 0; /* 0: those that stay at the end; 1: the last that go; 2: further out */
    for (int i = shape.ndim - 1; i >= 0;) {
        const bool go = goes[i];
        int64_t dim = 1; /* of this one and the neighbours that go or stay with it */
        for (; i >= 0 && (goes[i] == go || shape.dim[i] == 1); i--)
            dim *= shape.dim[i];
        if (dim == 1)
            continue;
        if (group == 0 && go)
            group = 1;
        if (group == 0)
            r.inner = dim;
        else if (group == 1)
            r.rows = dim;
        else
            append(go ? &r.summed : &r.kept, dim, stride);
        stride *= dim;
        group++;
    }
    return r;
}

tarn__reduce_plan tarn__reduce_all(const tarn_tensor *x)
{
    return (tarn__reduce_plan){.kept.count = 1, .summed.count = 1, .rows = x->size, .inner = 1};
}

tarn__reduce_plan tarn__reduce_axis(const tarn_tensor *x, int axis)
{
    bool goes[TARN_MAX_NDIM] = {false};
    goes[axis] = true;
    return reduction_of(x->shape, goes);
}

tarn_shape tarn__shape_without(tarn_shape shape, int axis)
{
    tarn_shape rest = {.ndim = shape.ndim - 1};
    for (int i = 0; i < rest.ndim; i++)
        rest.dim[i] = shape.dim[i < axis ? i : i + 1];
    return rest;
}

bool tarn__reduce_axes(const char *op, const tarn_tensor *x, tarn_axes axes, bool keepdims,
                       tarn_shape *shape, tarn__reduce_plan *r)
{
    char name[32];
    snprintf(name, sizeof name, "%s_axes", op);
    if (axes.count < 0)
        return false;
    if (axes.count == 0)
        return tarn_fail("%s: no axes are given, expects at least one; tarn_%s(x) is over all "
                         "elements",
                         name, op);
    bool goes[TARN_MAX_NDIM] = {false};
    for (int i = 0; i < axes.count; i++) {
        /* A list longer than there are axes names one twice, but tarn_axes() did not make it. */
        const int axis = i < TARN_MAX_NDIM ? tarn__axis(name, x, axes.axis[i]) : 0;
        if (axis < 0)
            return false;
        if (goes[axis])
            return tarn_fail("%s: axis %d of input %s is given twice", name, axis,
                             tarn_shape_to_text(x->shape).text);
        goes[axis] = true;
    }
    *shape = (tarn_shape){0};
    for (int i = 0; i < x->shape.ndim; i++)
        if (keepdims || !goes[i])
            shape->dim[shape->ndim++] = goes[i] ? 1 : x->shape.dim[i];
    *r = reduction_of(x->shape, goes);
    return true;
}
