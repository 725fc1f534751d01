/* Operators that put tensors together, or take parts of them. */
#include <limits.h>
#include <stdlib.h>

#include "nn/exchange/import_internal.h"

/* ---- Together */

/* The size along the axis; open if one of them is. */
static bool add_size(tarn__importer *c, tarn_shape *sum, tarn_shape more, int axis)
{
    bool fits = sum->ndim == more.ndim;
    for (int i = 0; fits && i < sum->ndim; i++)
        fits = i == axis || sum->dim[i] < 0 || more.dim[i] < 0 || sum->dim[i] == more.dim[i];
    if (!fits)
        return tarn__import_fail(c, "puts %s and %s together, expects the same but for axis %d",
                                 tarn__import_shape_text(*sum).text,
                                 tarn__import_shape_text(more).text, axis);
    const bool open = sum->dim[axis] < 0 || more.dim[axis] < 0;
    if (!open && more.dim[axis] > INT_MAX - sum->dim[axis])
        return tarn__import_fail(c, "would give a value that is too large");
    sum->dim[axis] = open ? TARN__ONNX_ANY : sum->dim[axis] + more.dim[axis];
    return true;
}

/* The first that is computed has the order that all are to have. */
static tarn__import_value *leader_of(tarn__importer *c)
{
    for (int i = 0; i < c->node->input_count; i++)
        if (tarn__import_in(c, i) && !tarn__import_in(c, i)->constant)
            return tarn__import_in(c, i);
    return tarn__import_in(c, 0);
}

bool tarn__import_concat(tarn__importer *c)
{
    const int count = c->node->input_count;
    tarn__import_value *lead = leader_of(c);
    const int axis = tarn__import_axis(c, tarn__import_int_of(c, "axis", 1), lead->shape.ndim);
    if (axis < 0 || tarn__import_ordered(c, lead, lead->order) == TARN__ONNX_FAILED)
        return false;
    const tarn__import_order order = lead->order;
    int *operands = malloc((size_t)count * sizeof *operands + 1);
    tarn_shape shape = tarn__import_in(c, 0)->shape;
    bool right = operands || tarn__import_fail(c, "does not fit into memory");
    for (int i = 0; right && i < count; i++) {
        tarn__import_value *v = tarn__import_in(c, i);
        right = v || tarn__import_fail(c, "has no input %d", i);
        right = right && (i == 0 || add_size(c, &shape, v->shape, axis));
        if (right)
            operands[i] = tarn__import_ordered(c, v, order);
    }
    tarn__graph_step *step =
        right ? tarn__import_emit(c, &tarn__graph_concat, count, operands) : NULL;
    free(operands);
    if (!step)
        return false;
    step->axis = tarn__import_place_of(lead, axis);
    step->is_last = step->axis == shape.ndim - 1;
    return tarn__import_give(c, step->output, shape, order);
}

/* ---- Parts */

/* A position as NumPy has it, cut to the axis: from 0 to size. */
static int64_t cut(int64_t at, int64_t size)
{
    at = at < 0 ? at + size : at;
    return at < 0 ? 0 : at > size ? size : at;
}

/* Elements from .. to - 1 along an axis of the operand, which becomes smaller. */
static int slice(tarn__importer *c, int operand, int place, int64_t from, int64_t to)
{
    tarn__graph_step *step = tarn__import_emit(c, &tarn__graph_slice, 1, &operand);
    if (!step)
        return TARN__ONNX_FAILED;
    step->axis = place;
    step->from = from;
    step->to = to;
    return step->output;
}

/* One of the axes that the node slices. */
static int slice_axis(tarn__importer *c, const tarn__import_value *x, int operand, int axis,
                      int64_t from, int64_t to, tarn_shape *shape)
{
    const int64_t size = x->shape.dim[axis];
    if (size < 0 && from == 0 && to >= INT_MAX)
        return operand;
    if (size == TARN__ONNX_BATCH) {
        tarn__import_fail(c, "takes a part of the batch, which is of any size here");
        return TARN__ONNX_FAILED;
    }
    if (size < 0) {
        shape->dim[axis] = TARN__ONNX_ANY;
        return slice(c, operand, tarn__import_place_of(x, axis), from, to);
    }
    from = cut(from, size);
    to = cut(to, size);
    to = to < from ? from : to;
    shape->dim[axis] = to - from;
    return to - from == size ? operand
                             : slice(c, operand, tarn__import_place_of(x, axis), from, to);
}

bool tarn__import_slice(tarn__importer *c)
{
    tarn__import_value *x = tarn__import_in(c, 0);
    const int ndim = x->shape.ndim;
    int64_t from[TARN_MAX_NDIM], to[TARN_MAX_NDIM], axes[TARN_MAX_NDIM], steps[TARN_MAX_NDIM];
    const int count = tarn__import_list(c, "starts", 1, TARN_MAX_NDIM, from);
    const int ends = count < -1 ? -2 : tarn__import_list(c, "ends", 2, TARN_MAX_NDIM, to);
    const int named = ends < -1 ? -2 : tarn__import_list(c, "axes", 3, TARN_MAX_NDIM, axes);
    const int stepped = named < -1 ? -2 : tarn__import_list(c, "steps", 4, TARN_MAX_NDIM, steps);
    if (stepped == -2)
        return false;
    if (count < 1 || count > ndim || ends != count || (named >= 0 && named != count) ||
        (stepped >= 0 && stepped != count))
        return tarn__import_fail(c,
                                 "has %d starts, %d ends, %d axes and %d steps, expects one for "
                                 "each axis",
                                 count, ends, named, stepped);
    int operand = tarn__import_ordered(c, x, x->order);
    tarn_shape shape = x->shape;
    for (int i = 0; i < count && operand != TARN__ONNX_FAILED; i++) {
        const int axis = tarn__import_axis(c, named < 0 ? i : axes[i], ndim);
        if (axis < 0)
            return false;
        if (stepped >= 0 && steps[i] != 1)
            return tarn__import_fail(c, "has the step %lld, expects 1", (long long)steps[i]);
        operand = slice_axis(c, x, operand, axis, from[i], to[i], &shape);
    }
    return tarn__import_give(c, operand, shape, x->order);
}

/* The sizes of the parts: told, or all alike but for the last. */
static int parts_of(tarn__importer *c, int64_t size, int64_t *parts, int most)
{
    const int outputs = c->node->output_count;
    const int count = tarn__import_list(c, "split", 1, most, parts);
    if (count != -1)
        return count == outputs && count <= most ? count : -2;
    const int64_t each = (size + outputs - 1) / outputs;
    for (int i = 0; i < outputs && i < most; i++)
        parts[i] = i < outputs - 1 ? each : size - each * (outputs - 1);
    return outputs <= most ? outputs : -2;
}

bool tarn__import_split(tarn__importer *c)
{
    enum { MOST = 64 };
    tarn__import_value *x = tarn__import_in(c, 0);
    const int axis = tarn__import_axis(c, tarn__import_int_of(c, "axis", 0), x->shape.ndim);
    int64_t parts[MOST], at = 0;
    if (axis < 0)
        return false;
    const int64_t size = x->shape.dim[axis];
    const int count = size > 0 ? parts_of(c, size, parts, MOST) : -2;
    for (int i = 0; i < count; i++) {
        if (parts[i] < 0 || parts[i] > size - at)
            return tarn__import_fail(c, "has parts that are together more than the axis");
        at += parts[i];
    }
    if (count < 1 || at != size)
        return tarn__import_fail(c,
                                 "has parts of a size that is not known, or more than %d, or not "
                                 "all of the axis",
                                 MOST);
    const int operand = tarn__import_ordered(c, x, x->order);
    at = 0;
    for (int i = 0; i < count; i++) {
        tarn__import_value *y = tarn__import_out(c, i);
        const int part = slice(c, operand, tarn__import_place_of(x, axis), at, at + parts[i]);
        at += parts[i];
        if (part == TARN__ONNX_FAILED)
            return false;
        if (!y)
            continue;
        y->operand = part;
        y->shape = x->shape;
        y->shape.dim[axis] = parts[i];
        y->order = x->order;
    }
    return true;
}

/* Rows of a table, by ids. */
static bool look_up(tarn__importer *c, tarn__import_value *table, tarn__import_value *ids)
{
    tarn_shape shape = ids->shape;
    if (shape.ndim + table->shape.ndim - 1 > TARN_MAX_NDIM)
        return tarn__import_fail(c, "would give more than %d dimensions", TARN_MAX_NDIM);
    for (int i = 1; i < table->shape.ndim; i++)
        shape.dim[shape.ndim++] = table->shape.dim[i];
    const int operands[] = {tarn__import_ordered(c, ids, tarn__import_plain()),
                            tarn__import_part(c, table, tarn__import_plain(), true)};
    tarn__graph_step *step = tarn__import_emit(c, &tarn__graph_gather, 2, operands);
    return step && tarn__import_give(c, step->output, shape, tarn__import_plain());
}

/* One element along an axis, by a number that is known: the axis goes. */
static bool pick(tarn__importer *c, tarn__import_value *x, int axis, int64_t at)
{
    const int64_t size = x->shape.dim[axis];
    if (size < 1 || at < -size || at >= size)
        return tarn__import_fail(c, "takes element %lld of an axis of %lld", (long long)at,
                                 (long long)size);
    at = at < 0 ? at + size : at;
    tarn_shape shape = x->shape, memory = {.ndim = 0};
    tarn__import_order order = tarn__import_plain();
    int operand = tarn__import_ordered(c, x, x->order);
    operand = slice(c, operand, tarn__import_place_of(x, axis), at, at + 1);
    for (int i = 0; i < x->shape.ndim; i++) {
        const int from = x->order.axis[i];
        if (from == axis)
            continue;
        order.axis[memory.ndim] = (int8_t)(from > axis ? from - 1 : from);
        memory.dim[memory.ndim++] = x->shape.dim[from];
    }
    for (int i = axis; i + 1 < shape.ndim; i++)
        shape.dim[i] = shape.dim[i + 1];
    shape.ndim--;
    tarn__graph_step *step = tarn__import_emit(c, &tarn__graph_reshape, 1, &operand);
    if (!step)
        return false;
    step->shape = memory;
    return tarn__import_give(c, step->output, shape, order);
}

bool tarn__import_gather(tarn__importer *c)
{
    tarn__import_value *x = tarn__import_in(c, 0), *ids = tarn__import_in(c, 1);
    const int axis = tarn__import_axis(c, tarn__import_int_of(c, "axis", 0), x->shape.ndim);
    const tarn__import_whole *whole = tarn__import_whole_of(c, ids);
    if (axis < 0)
        return false;
    if (whole && whole->shape.ndim == 0 && !x->constant)
        return pick(c, x, axis, whole->numbers[0]);
    if (axis == 0 && x->constant && x->shape.dim[0] > 0 && (ids->ids || ids->constant))
        return look_up(c, x, ids);
    return tarn__import_fail(c,
                             "takes elements other than rows of a constant table, or one element "
                             "of an axis");
}
