/* Operators that work element by element on two tensors, or more. */
#include <stdlib.h>

#include "nn/exchange/import_internal.h"

/* The size of two dimensions that are broadcast together; -3 if they cannot be. */
static int64_t together(const tarn__importer *c, int64_t a, int64_t b)
{
    if (a == 1 || a == b)
        return b;
    if (b == 1)
        return a;
    if (a > 0 && b > 0)
        return -3;
    const int64_t known = a > 0 ? a : b;
    if (a == TARN__ONNX_BATCH || b == TARN__ONNX_BATCH)
        return known == c->batch ? TARN__ONNX_BATCH : TARN__ONNX_ANY;
    return known;
}

static bool broadcast(const tarn__importer *c, tarn_shape a, tarn_shape b, tarn_shape *to)
{
    to->ndim = a.ndim > b.ndim ? a.ndim : b.ndim;
    for (int i = 1; i <= to->ndim; i++) {
        const int64_t x = i <= a.ndim ? a.dim[a.ndim - i] : 1;
        const int64_t y = i <= b.ndim ? b.dim[b.ndim - i] : 1;
        to->dim[to->ndim - i] = together(c, x, y);
        if (to->dim[to->ndim - i] == -3)
            return tarn__import_fail(c, "reads %s and %s, expects shapes that broadcast",
                                     tarn__import_shape_text(a).text,
                                     tarn__import_shape_text(b).text);
    }
    return true;
}

/* As many dimensions, those of size 1 in front. */
static tarn_shape widened(tarn_shape shape, int ndim)
{
    tarn_shape wide = {.ndim = ndim};
    for (int i = 1; i <= ndim; i++)
        wide.dim[ndim - i] = i <= shape.ndim ? shape.dim[shape.ndim - i] : 1;
    return wide;
}

/* The operand, so that it broadcasts against one of that order. */
static int fitting(tarn__importer *c, tarn__import_value *v, int ndim, tarn__import_order order)
{
    if (tarn__import_same_order(order, tarn__import_plain(), ndim) || v->shape.ndim == 0)
        return tarn__import_ordered(c, v, tarn__import_plain());
    if (v->shape.ndim == ndim)
        return tarn__import_ordered(c, v, order);
    if (v->constant && v->operand == TARN__ONNX_NONE) {
        v->shape = widened(v->shape, ndim);
        return tarn__import_ordered(c, v, order);
    }
    const int narrow = tarn__import_ordered(c, v, tarn__import_plain());
    tarn__graph_step *step = tarn__import_emit(c, &tarn__graph_reshape, 1, &narrow);
    if (!step)
        return TARN__ONNX_FAILED;
    tarn__import_value wide = *v;
    wide.constant = NULL;
    wide.order = tarn__import_plain();
    wide.operand = step->output;
    step->shape = wide.shape = widened(v->shape, ndim);
    return tarn__import_ordered(c, &wide, order);
}

/* Whether the two, of one shape or one a number, can be taken as they are. */
static bool alike(const tarn__import_value *a, const tarn__import_value *b)
{
    const bool same = tarn_shape_equal(a->shape, b->shape) && a->channels == b->channels &&
                      a->pixels == b->pixels;
    return same ||
           (b->constant && tarn_shape_size(b->shape) == 1 && b->shape.ndim <= a->shape.ndim);
}

/* The value of both whose order the result has: one that is computed, and has all dimensions. */
static tarn__import_value *leader(tarn__import_value *a, tarn__import_value *b, int ndim)
{
    tarn__import_value *first = a->constant && !b->constant ? b : a, *other = first == a ? b : a;
    return first->shape.ndim == ndim ? first : other;
}

/* Whether a step before does what the node says, from now on; FAILED with the error set. */
typedef enum taken { NOT_TAKEN, TAKEN, FAILED } taken;

/* A sum of what a layer without a bias gives, and a constant of a number for each of its channels.
   What the layer gives must be read here only. */
static taken take_as_bias(tarn__importer *c, tarn__import_value *y, tarn__import_value *bias)
{
    tarn__graph_step *step = tarn__import_step_of(c, y);
    const bool image = step && step->op != &tarn__graph_linear;
    const bool layer =
        step && (step->op == &tarn__graph_linear || step->op == &tarn__graph_conv2d ||
                 step->op == &tarn__graph_conv_transpose2d);
    if (!layer || step->inputs[2] != TARN__ONNX_NONE || !bias->constant ||
        bias->operand != TARN__ONNX_NONE || bias->readers != 1)
        return NOT_TAKEN;
    const int axis = y->shape.ndim - (image ? 3 : 1); /* of channels, counted from the end */
    const int place = bias->shape.ndim - (image ? 3 : 1);
    const int64_t channels = y->shape.dim[axis];
    if (place < 0 || bias->shape.dim[place] != channels ||
        tarn_shape_size(bias->shape) != channels || bias->shape.ndim > y->shape.ndim)
        return NOT_TAKEN;
    bias->shape = tarn_shape(channels);
    const int operand = tarn__import_part(c, bias, tarn__import_plain(), true);
    if (operand == TARN__ONNX_FAILED)
        return FAILED;
    step->inputs[2] = operand;
    return tarn__import_give_like(c, y->operand, y) ? TAKEN : FAILED;
}

/* Whether a held constant that is no parameter is that number everywhere. */
static bool is_all(const tarn__importer *c, int operand, double number)
{
    if (operand > TARN__ONNX_HELD || c->held[TARN__ONNX_HELD - operand].name.size > 0)
        return false;
    const tarn_tensor *t = c->held[TARN__ONNX_HELD - operand].tensor;
    for (int64_t i = 0; i < tarn_size(t); i++)
        if ((double)tarn_values(t)[i] != number)
            return false;
    return true;
}

/* Group normalization of scale 1 and bias 0, times or plus a number for each channel, which becomes
   its scale or its bias. */
static taken take_as_scale(tarn__importer *c, const tarn__graph_op *op, tarn__import_value *y,
                           tarn__import_value *v)
{
    tarn__graph_step *step = tarn__import_step_of(c, y);
    const int which = op == &tarn__graph_mul ? 1 : 2, place = v->shape.ndim - y->shape.ndim + 1;
    if (!step || step->op != &tarn__graph_group_norm || !v->constant || v->readers != 1 ||
        v->operand != TARN__ONNX_NONE || !is_all(c, step->inputs[which], which == 1) ||
        !is_all(c, step->inputs[2], 0) || place < 0 || place >= v->shape.ndim ||
        v->shape.ndim > y->shape.ndim || v->shape.dim[place] != y->shape.dim[1] ||
        tarn_shape_size(v->shape) != y->shape.dim[1])
        return NOT_TAKEN;
    v->shape = tarn_shape(y->shape.dim[1]);
    const int operand = tarn__import_part(c, v, tarn__import_plain(), true);
    if (operand == TARN__ONNX_FAILED)
        return FAILED;
    step->inputs[which] = operand;
    return tarn__import_give_like(c, y->operand, y) ? TAKEN : FAILED;
}

/* x sigmoid(x), which exporters write as two nodes. */
static taken take_as_silu(tarn__importer *c, tarn__import_value *x, const tarn__import_value *gate)
{
    tarn__graph_step *step = tarn__import_step_of(c, gate);
    if (!step || step->op != &tarn__graph_sigmoid || step->inputs[0] != x->operand)
        return NOT_TAKEN;
    step->op = &tarn__graph_silu;
    return tarn__import_give_like(c, step->output, x) ? TAKEN : FAILED;
}

/* What the operation, of a and b in any order, is a part of. */
static taken take(tarn__importer *c, const tarn__graph_op *op, tarn__import_value *a,
                  tarn__import_value *b)
{
    const bool sum = op == &tarn__graph_add, product = op == &tarn__graph_mul;
    taken way = sum ? take_as_bias(c, a, b) : product ? take_as_silu(c, a, b) : NOT_TAKEN;
    return way == NOT_TAKEN && (sum || product) ? take_as_scale(c, op, a, b) : way;
}

/* Two values of the node, or what was made of those before and the next. */
static bool combine(tarn__importer *c, const tarn__graph_op *op, tarn__import_value *a,
                    tarn__import_value *b)
{
    tarn_shape shape;
    taken way = take(c, op, a, b);
    way = way == NOT_TAKEN ? take(c, op, b, a) : way;
    if (way != NOT_TAKEN)
        return way == TAKEN;
    if (!broadcast(c, a->shape, b->shape, &shape))
        return false;
    tarn__import_value *lead = leader(a, b, shape.ndim), *other = lead == a ? b : a;
    const bool as_it_is = lead->channels > 0 && alike(lead, other);
    if (!as_it_is && tarn__import_ordered(c, lead, lead->order) == TARN__ONNX_FAILED)
        return false; /* a flattened image is in the file's order now */
    const tarn__import_order order =
        lead->shape.ndim == shape.ndim ? lead->order : tarn__import_plain();
    const int x = as_it_is ? tarn__import_as_it_is(c, a) : fitting(c, a, shape.ndim, order);
    const int y = as_it_is ? tarn__import_as_it_is(c, b) : fitting(c, b, shape.ndim, order);
    const int result = tarn__import_step2(c, op, x, y);
    if (as_it_is)
        return tarn__import_give_like(c, result, lead);
    return tarn__import_give(c, result, shape, order);
}

/* Two, or for some operators any number. */
bool tarn__import_binary(tarn__importer *c)
{
    const tarn__graph_op *op = c->op;
    tarn__import_value *first = tarn__import_in(c, 0), *out = tarn__import_out(c, 0);
    if (c->node->input_count == 1)
        return tarn__import_identity(c);
    if (!out || !tarn__import_in(c, 1))
        return tarn__import_fail(c, "has no output, or no second input");
    tarn__import_value so_far = *first;
    for (int i = 1; i < c->node->input_count; i++) {
        tarn__import_value *next = tarn__import_in(c, i);
        if (!next || !combine(c, op, i == 1 ? first : &so_far, next))
            return false;
        so_far = *out;
        so_far.readers = 0;
    }
    const bool mean = tarn__bytes_are(c->node->type, "Mean");
    return !mean || tarn__import_give_like(c,
                                           tarn__import_step(c, &tarn__graph_scale, out->operand,
                                                             1.0 / c->node->input_count),
                                           &so_far);
}

/* x where it is above 0, else slope x: max(x, 0) - slope max(-x, 0). */
bool tarn__import_prelu(tarn__importer *c)
{
    tarn__import_value *x = tarn__import_in(c, 0), *slope = tarn__import_in(c, 1);
    tarn_shape shape;
    if (!broadcast(c, x->shape, slope->shape, &shape))
        return false;
    if (shape.ndim != x->shape.ndim)
        return tarn__import_fail(c, "has a slope of more dimensions than its input");
    const int at = tarn__import_ordered(c, x, x->order);
    if (slope->operand == TARN__ONNX_NONE)
        slope->named = slope->trained = true;
    const int factor = fitting(c, slope, shape.ndim, x->order);
    const int above = tarn__import_step(c, &tarn__graph_relu, at, 0);
    const int below =
        tarn__import_step(c, &tarn__graph_relu, tarn__import_step(c, &tarn__graph_neg, at, 0), 0);
    const int scaled = tarn__import_step2(c, &tarn__graph_mul, below, factor);
    return tarn__import_give(c, tarn__import_step2(c, &tarn__graph_sub, above, scaled), x->shape,
                             x->order);
}
