/* Operators that give axes other places, or take away and add those of one element. */
#include "nn/exchange/import_internal.h"

/* Where an axis is in memory does not matter if it has one element. What stays keeps its order. */
static bool give_without(tarn__importer *c, const bool removed[TARN_MAX_NDIM])
{
    tarn__import_value *x = tarn__import_in(c, 0);
    int number[TARN_MAX_NDIM], kept = 0;
    tarn_shape shape = {.ndim = 0}, memory = {.ndim = 0};
    tarn__import_order order = tarn__import_plain();
    for (int i = 0; i < x->shape.ndim; i++) {
        number[i] = kept;
        if (!removed[i])
            shape.dim[kept++] = x->shape.dim[i];
    }
    shape.ndim = kept;
    if (tarn__import_give_constant(c, x, shape))
        return true;
    const int from = tarn__import_ordered(c, x, x->order);
    for (int i = 0; i < x->shape.ndim; i++) {
        const int axis = x->order.axis[i];
        if (removed[axis])
            continue;
        order.axis[memory.ndim] = (int8_t)number[axis];
        memory.dim[memory.ndim++] = x->shape.dim[axis];
    }
    tarn__graph_step *step = tarn__import_emit(c, &tarn__graph_reshape, 1, &from);
    if (!step)
        return false;
    step->shape = memory;
    return tarn__import_give(c, step->output, shape, order);
}

bool tarn__import_squeeze(tarn__importer *c)
{
    tarn__import_value *x = tarn__import_in(c, 0);
    int64_t axes[TARN_MAX_NDIM];
    bool removed[TARN_MAX_NDIM] = {false};
    const int count = tarn__import_list(c, "axes", 1, TARN_MAX_NDIM, axes);
    if (count == -2 || count > TARN_MAX_NDIM)
        return count == -2 ? false : tarn__import_fail(c, "has %d axes", count);
    for (int i = 0; i < x->shape.ndim && count < 0; i++)
        removed[i] = x->shape.dim[i] == 1;
    for (int i = 0; i < count; i++) {
        const int axis = tarn__import_axis(c, axes[i], x->shape.ndim);
        if (axis < 0)
            return false;
        if (x->shape.dim[axis] != 1)
            return tarn__import_fail(c, "removes axis %d of %s, which is not 1", axis,
                                     tarn__import_shape_text(x->shape).text);
        removed[axis] = true;
    }
    return give_without(c, removed);
}

bool tarn__import_unsqueeze(tarn__importer *c)
{
    tarn__import_value *x = tarn__import_in(c, 0);
    int64_t axes[TARN_MAX_NDIM];
    bool added[TARN_MAX_NDIM] = {false};
    const int count = tarn__import_list(c, "axes", 1, TARN_MAX_NDIM, axes);
    if (count == -2)
        return false;
    tarn_shape shape = {.ndim = x->shape.ndim + count};
    if (count < 0 || shape.ndim > TARN_MAX_NDIM)
        return tarn__import_fail(c, "has %d axes, expects at most %d dimensions", count,
                                 TARN_MAX_NDIM);
    for (int i = 0; i < count; i++) {
        const int axis = tarn__import_axis(c, axes[i], shape.ndim);
        if (axis < 0)
            return false;
        if (added[axis])
            return tarn__import_fail(c, "adds axis %d twice", axis);
        added[axis] = true;
    }
    for (int i = 0, from = 0; i < shape.ndim; i++)
        shape.dim[i] = added[i] ? 1 : x->shape.dim[from++];
    if (tarn__import_give_constant(c, x, shape))
        return true;
    const int from = tarn__import_ordered(c, x, tarn__import_plain());
    tarn__graph_step *step = tarn__import_emit(c, &tarn__graph_reshape, 1, &from);
    if (!step)
        return false;
    step->shape = shape;
    return tarn__import_give(c, step->output, shape, tarn__import_plain());
}

/* Nothing moves: the axes have other names. */
bool tarn__import_transpose(tarn__importer *c)
{
    tarn__import_value *x = tarn__import_in(c, 0);
    const int ndim = x->shape.ndim;
    int64_t axes[TARN_MAX_NDIM];
    int to[TARN_MAX_NDIM];
    const int count = tarn__import_ints_of(c, "perm", TARN_MAX_NDIM, axes);
    unsigned seen = 0;
    tarn_shape shape = {.ndim = ndim};
    tarn__import_order order = tarn__import_plain();
    for (int i = 0; i < ndim; i++) {
        const int64_t axis = count < 0 ? ndim - 1 - i : i < count ? axes[i] : -1;
        if ((count >= 0 && count != ndim) || axis < 0 || axis >= ndim || seen & 1u << axis)
            return tarn__import_fail(c, "has a perm that is not each axis once");
        seen |= 1u << axis;
        to[axis] = i;
        shape.dim[i] = x->shape.dim[axis];
    }
    const int operand = tarn__import_ordered(c, x, x->order);
    if (tarn__import_out(c, 0))
        tarn__import_out(c, 0)->alias = true;
    for (int i = 0; i < ndim; i++)
        order.axis[i] = (int8_t)to[x->order.axis[i]];
    return tarn__import_give(c, operand, shape, order);
}
