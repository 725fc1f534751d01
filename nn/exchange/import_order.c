/* In which order the numbers of values lie, and the steps that change it. */
#include <stdlib.h>
#include <string.h>

#include "nn/exchange/import_internal.h"

tarn__import_order tarn__import_plain(void)
{
    return (tarn__import_order){{0, 1, 2, 3, 4, 5, 6, 7}};
}

tarn__import_order tarn__import_channels_last(int ndim)
{
    tarn__import_order order = tarn__import_plain();
    for (int i = 1; i < ndim - 1; i++)
        order.axis[i] = (int8_t)(i + 1);
    if (ndim > 1)
        order.axis[ndim - 1] = 1;
    return order;
}

bool tarn__import_same_order(tarn__import_order a, tarn__import_order b, int ndim)
{
    return ndim < 1 || memcmp(a.axis, b.axis, (size_t)ndim) == 0;
}

int tarn__import_place_of(const tarn__import_value *v, int axis)
{
    int place = 0;
    while (v->order.axis[place] != axis)
        place++;
    return place;
}

/* ---- What is held */

int tarn__import_hold_number(tarn__importer *c, double number)
{
    return tarn__import_hold(c, tarn_full(tarn_shape(), number));
}

int tarn__import_hold(tarn__importer *c, tarn_tensor *tensor)
{
    if (c->held_count == c->held_room && tensor) {
        const int room = 2 * c->held_room + 16;
        tarn__import_held *larger = realloc(c->held, (size_t)room * sizeof *larger);
        if (larger) {
            c->held = larger;
            c->held_room = room;
        } else {
            tarn__import_fail(c, "does not fit into memory");
            tarn_free(tensor);
            tensor = NULL;
        }
    }
    if (!tensor)
        return TARN__ONNX_FAILED;
    c->held[c->held_count] = (tarn__import_held){.tensor = tensor};
    return TARN__ONNX_HELD - c->held_count++;
}

/* The shape in memory. */
static tarn_shape shape_in(tarn_shape shape, tarn__import_order order)
{
    tarn_shape in = {.ndim = shape.ndim};
    for (int i = 0; i < shape.ndim; i++)
        in.dim[i] = shape.dim[order.axis[i]];
    return in;
}

/* Copies numbers in the file's order into another. */
static void reorder(const tarn_real *from, tarn_shape shape, tarn__import_order order,
                    tarn_real *to)
{
    const tarn_shape in = shape_in(shape, order);
    const int64_t count = tarn_shape_size(shape);
    int64_t stride[TARN_MAX_NDIM] = {0}, step[TARN_MAX_NDIM] = {0}, index[TARN_MAX_NDIM] = {0};
    int64_t at = 0, size = 1;
    for (int i = shape.ndim - 1; i >= 0; i--) {
        step[i] = size;
        size *= shape.dim[i];
    }
    for (int i = 0; i < shape.ndim; i++)
        stride[i] = step[order.axis[i]];
    for (int64_t i = 0; i < count; i++) {
        to[i] = from[at];
        for (int d = shape.ndim - 1; d >= 0; d--) {
            at += stride[d];
            if (++index[d] < in.dim[d])
                break;
            at -= in.dim[d] * stride[d];
            index[d] = 0;
        }
    }
}

/* Rows in the order (channels, pixels) brought into (pixels, channels). */
static void reorder_rows(tarn_real *values, int64_t channels, int64_t pixels, int64_t columns,
                         tarn_real *to)
{
    for (int64_t c = 0; c < channels; c++)
        for (int64_t p = 0; p < pixels; p++)
            memcpy(to + (p * channels + c) * columns, values + (c * pixels + p) * columns,
                   (size_t)columns * sizeof *to);
}

/* The constant in memory, its rows in the order of a flattened image if that has channels. */
static tarn_tensor *load(tarn__importer *c, tarn__import_value *v, tarn__import_order order,
                         int64_t channels, int64_t pixels)
{
    /* A file may name the same numbers many times. */
    enum { MOST_TIMES = 4, SPARE = 1 << 18 };
    c->held_elements += tarn_shape_size(v->shape);
    if (c->held_elements / MOST_TIMES - SPARE > c->file.size + c->file.external) {
        tarn__import_fail(c, "reads one more copy of numbers that the file has once, of too many");
        return NULL;
    }
    tarn_real *values = tarn__onnx_reals(&c->file, v->constant);
    const size_t bytes = (size_t)tarn_shape_size(v->shape) * sizeof *values;
    tarn_real *ordered = values ? malloc(bytes + 1) : NULL;
    tarn_tensor *tensor = NULL;
    if (values && !ordered)
        tarn__import_fail(c, "does not fit into memory");
    if (ordered) {
        reorder(values, v->shape, order, ordered);
        if (channels > 0) {
            memcpy(values, ordered, bytes);
            const int64_t columns =
                tarn_shape_size(v->shape) / (channels * pixels); /* (channels pixels, columns) */
            reorder_rows(values, channels, pixels, columns, ordered);
        }
        tensor = tarn_from_array(shape_in(v->shape, order), ordered);
    }
    free(values);
    free(ordered);
    return tensor;
}

static int hold_constant(tarn__importer *c, tarn__import_value *v, tarn__import_order order,
                         int64_t channels, int64_t pixels)
{
    const int operand = tarn__import_hold(c, load(c, v, order, channels, pixels));
    if (operand == TARN__ONNX_FAILED)
        return operand;
    tarn__import_held *held = &c->held[TARN__ONNX_HELD - operand];
    if (v->named)
        held->name = c->file.values[v->index].name;
    held->trained = v->trained;
    v->operand = operand;
    v->order = order;
    v->channels = channels;
    v->pixels = pixels;
    return operand;
}

/* ---- Changing it */

/* Whether only axes of one element would change their places: then nothing moves. */
static bool nothing_moves(const tarn__import_value *v, tarn__import_order order)
{
    int a = 0, b = 0;
    for (;; a++, b++) {
        while (a < v->shape.ndim && v->shape.dim[v->order.axis[a]] == 1)
            a++;
        while (b < v->shape.ndim && v->shape.dim[order.axis[b]] == 1)
            b++;
        if (a == v->shape.ndim || b == v->shape.ndim)
            return true;
        if (v->order.axis[a] != order.axis[b])
            return false;
    }
}

static int count_open(tarn_shape shape)
{
    int open = 0;
    for (int i = 0; i < shape.ndim; i++)
        open += shape.dim[i] == TARN__ONNX_ANY;
    return open;
}

static int permute(tarn__importer *c, int operand, const tarn__import_value *v,
                   tarn__import_order order)
{
    const bool view = nothing_moves(v, order) && count_open(v->shape) < 2;
    tarn__graph_step *step =
        tarn__import_emit(c, view ? &tarn__graph_reshape : &tarn__graph_permute, 1, &operand);
    if (!step)
        return TARN__ONNX_FAILED;
    step->shape = shape_in(v->shape, order);
    step->axes.count = v->shape.ndim;
    for (int i = 0; i < v->shape.ndim; i++)
        step->axes.axis[i] = tarn__import_place_of(v, order.axis[i]);
    return step->output;
}

/* Brings a flattened image into the order of the file, for all that read it from here on. */
static int unscramble(tarn__importer *c, tarn__import_value *v)
{
    const int64_t rest = v->shape.ndim == 2 ? v->shape.dim[1] : 0;
    tarn__graph_step *step = tarn__import_emit(c, &tarn__graph_reshape, 1, &v->operand);
    if (!step)
        return TARN__ONNX_FAILED;
    step->shape = tarn_shape(1, v->pixels, v->channels);
    step->shape.dim[0] = v->shape.dim[0];
    step = tarn__import_emit(c, &tarn__graph_permute, 1, &step->output);
    if (!step)
        return TARN__ONNX_FAILED;
    step->axes = tarn_axes(0, 2, 1);
    step = tarn__import_emit(c, &tarn__graph_reshape, 1, &step->output);
    if (!step)
        return TARN__ONNX_FAILED;
    step->shape = tarn_shape(1, rest);
    step->shape.dim[0] = v->shape.dim[0];
    v->channels = v->pixels = 0;
    return v->operand = step->output;
}

int tarn__import_ordered(tarn__importer *c, tarn__import_value *v, tarn__import_order order)
{
    if (v->operand == TARN__ONNX_NONE && v->constant)
        return hold_constant(c, v, order, 0, 0);
    if (v->operand == TARN__ONNX_NONE) {
        tarn__import_fail(c,
                          "reads whole numbers of which Tarn knows none before the network runs");
        return TARN__ONNX_FAILED;
    }
    if (v->channels > 0 && v->constant) {
        tarn__import_fail(c, "reads a weight that a linear layer behind a flatten reads as well");
        return TARN__ONNX_FAILED;
    }
    if (v->channels > 0 && unscramble(c, v) == TARN__ONNX_FAILED)
        return TARN__ONNX_FAILED;
    return tarn__import_same_order(v->order, order, v->shape.ndim)
               ? v->operand
               : permute(c, v->operand, v, order);
}

int tarn__import_as_it_is(tarn__importer *c, tarn__import_value *v)
{
    return v->operand != TARN__ONNX_NONE && !v->constant ? v->operand
                                                         : tarn__import_ordered(c, v, v->order);
}

static void name(tarn__import_value *v, bool trained)
{
    v->named = true;
    v->trained = trained;
}

int tarn__import_part(tarn__importer *c, tarn__import_value *v, tarn__import_order order,
                      bool trained)
{
    if (v->operand == TARN__ONNX_NONE)
        name(v, trained);
    return tarn__import_ordered(c, v, order);
}

bool tarn__import_is_new(const tarn__import_value *v)
{
    return v->constant && v->operand == TARN__ONNX_NONE;
}

int tarn__import_vector_for(tarn__importer *c, const tarn__import_value *x, tarn__import_value *v,
                            bool trained)
{
    name(v, trained);
    return hold_constant(c, v, tarn__import_plain(), x->channels, x->pixels);
}

int tarn__import_weight_for(tarn__importer *c, tarn__import_value *x, tarn__import_value *weight,
                            tarn__import_order order)
{
    if (weight->operand == TARN__ONNX_NONE && weight->constant) {
        name(weight, true);
        return hold_constant(c, weight, order, x->channels, x->pixels);
    }
    if (weight->channels == x->channels && weight->pixels == x->pixels &&
        tarn__import_same_order(weight->order, order, weight->shape.ndim))
        return weight->operand;
    if (x->channels > 0 && unscramble(c, x) == TARN__ONNX_FAILED)
        return TARN__ONNX_FAILED;
    return tarn__import_ordered(c, weight, order);
}
