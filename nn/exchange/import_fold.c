/*
 * Whole numbers in the graph: exporters compute shapes there, x.shape[0] as Shape and Gather, a
 * Reshape's as Concat of such. They are known here, or are the batch's size, and are computed when
 * the file is read.
 */
#include <stdlib.h>
#include <string.h>

#include "core/base/error.h"
#include "nn/exchange/import_internal.h"

enum { MOST = 64 }; /* numbers in a value: more than these are no shape */

static void out_of_memory(tarn__importer *c)
{
    tarn_set_error("%s: out of memory for its graph", c->file.path);
    c->failed = true;
}

/* Room for the node's output; NULL where it is none, too large, or memory runs out. */
tarn__import_whole *tarn__import_make_whole(tarn__importer *c, tarn_shape shape)
{
    const int64_t count = tarn_shape_size(shape);
    tarn__import_value *out = tarn__import_out(c, 0);
    if (!out || count < 0 || count > MOST)
        return NULL;
    tarn__import_whole *whole = malloc(sizeof *whole + (size_t)count * sizeof *whole->numbers);
    if (!whole) {
        out_of_memory(c);
        return NULL;
    }
    whole->shape = shape;
    free(out->whole);
    out->whole = whole;
    out->shape = shape;
    return whole;
}

const tarn__import_whole *tarn__import_whole_of(tarn__importer *c, tarn__import_value *v)
{
    if (v->whole || !v->constant || tarn_shape_size(v->constant->shape) > MOST ||
        (v->constant->type != TARN__ONNX_INT64 && v->constant->type != TARN__ONNX_INT32))
        return v->whole;
    int64_t *numbers = tarn__onnx_integers(&c->file, v->constant);
    const size_t bytes = (size_t)tarn_shape_size(v->constant->shape) * sizeof *numbers;
    c->failed |= !numbers;
    if (numbers && (v->whole = malloc(sizeof *v->whole + bytes))) {
        v->whole->shape = v->constant->shape;
        memcpy(v->whole->numbers, numbers, bytes);
    } else if (numbers) {
        out_of_memory(c);
    }
    free(numbers);
    return v->whole;
}

int tarn__import_list(tarn__importer *c, const char *attribute, int i, int most, int64_t *to)
{
    tarn__import_value *v = tarn__import_in(c, i);
    if (!v)
        return tarn__import_ints_of(c, attribute, most, to);
    const tarn__import_whole *whole = tarn__import_whole_of(c, v);
    if (!whole) {
        tarn__import_fail(c, "takes its %s from what is computed, expects numbers that are known",
                          attribute);
        return -2;
    }
    const int count = (int)tarn_shape_size(whole->shape);
    for (int k = 0; k < count && k < most; k++)
        to[k] = whole->numbers[k];
    return count;
}

/* Input i, if it is known. */
static const tarn__import_whole *input(tarn__importer *c, int i)
{
    tarn__import_value *v = tarn__import_in(c, i);
    return v ? tarn__import_whole_of(c, v) : NULL;
}

static bool is_known(int64_t number)
{
    return number != TARN__ONNX_BATCH_SIZE && number != TARN__ONNX_ANY_SIZE;
}

/* The same numbers in another shape. */
static bool copy_as(tarn__importer *c, const tarn__import_whole *from, tarn_shape shape)
{
    tarn__import_whole *to = tarn_shape_size(shape) == tarn_shape_size(from->shape)
                                 ? tarn__import_make_whole(c, shape)
                                 : NULL;
    if (to)
        memcpy(to->numbers, from->numbers, (size_t)tarn_shape_size(shape) * sizeof *to->numbers);
    return to;
}

/* ---- Operators */

static bool shape_of(tarn__importer *c)
{
    const tarn_shape shape = tarn__import_in(c, 0)->shape;
    int64_t from = tarn__import_int_of(c, "start", 0),
            to = tarn__import_int_of(c, "end", shape.ndim);
    from = from < 0 ? from + shape.ndim : from;
    to = to < 0 ? to + shape.ndim : to;
    from = from < 0 ? 0 : from > shape.ndim ? shape.ndim : from;
    to = to < from ? from : to > shape.ndim ? shape.ndim : to;
    tarn__import_whole *y = tarn__import_make_whole(c, tarn_shape(to - from));
    for (int64_t i = from; y && i < to; i++)
        y->numbers[i - from] = shape.dim[i] == TARN__ONNX_BATCH ? TARN__ONNX_BATCH_SIZE
                               : shape.dim[i] < 0               ? TARN__ONNX_ANY_SIZE
                                                                : shape.dim[i];
    return y;
}

/* Elements of a vector. */
static bool gather(tarn__importer *c)
{
    const tarn__import_whole *x = input(c, 0), *at = input(c, 1);
    if (!x || !at || x->shape.ndim != 1)
        return false;
    tarn__import_whole *y = tarn__import_make_whole(c, at->shape);
    for (int64_t i = 0; y && i < tarn_shape_size(at->shape); i++) {
        int64_t place = at->numbers[i];
        place = place < 0 && is_known(place) ? place + x->shape.dim[0] : place;
        if (place < 0 || place >= x->shape.dim[0])
            return tarn__import_fail(c, "takes element %lld of a vector of %lld", (long long)place,
                                     (long long)x->shape.dim[0]);
        y->numbers[i] = x->numbers[place];
    }
    return y;
}

/* Of vectors. */
static bool concat(tarn__importer *c)
{
    int64_t count = 0;
    for (int i = 0; i < c->node->input_count; i++) {
        const tarn__import_whole *x = input(c, i);
        if (!x || x->shape.ndim != 1)
            return false;
        count += x->shape.dim[0];
    }
    tarn__import_whole *y = tarn__import_make_whole(c, tarn_shape(count));
    count = 0;
    for (int i = 0; y && i < c->node->input_count; i++) {
        const tarn__import_whole *x = input(c, i);
        memcpy(y->numbers + count, x->numbers, (size_t)x->shape.dim[0] * sizeof *x->numbers);
        count += x->shape.dim[0];
    }
    return y;
}

/* Axes of one element come or go: a number becomes a vector, or a vector of one a number. */
static bool number_to_vector(tarn__importer *c)
{
    const tarn__import_whole *x = input(c, 0);
    return x && x->shape.ndim == 0 && copy_as(c, x, tarn_shape(1));
}

static bool vector_to_number(tarn__importer *c)
{
    const tarn__import_whole *x = input(c, 0);
    return x && x->shape.ndim == 1 && x->shape.dim[0] == 1 && copy_as(c, x, tarn_shape());
}

static bool same(tarn__importer *c)
{
    const tarn__import_whole *x = input(c, 0);
    return x && copy_as(c, x, x->shape);
}

static bool cast(tarn__importer *c)
{
    const int64_t to = tarn__import_int_of(c, "to", 0);
    return (to == TARN__ONNX_INT64 || to == TARN__ONNX_INT32) && same(c);
}

/* To a vector, or rows of a known length. */
static bool reshape(tarn__importer *c)
{
    const tarn__import_whole *x = input(c, 0), *to = input(c, 1);
    if (!x || !to || to->shape.ndim != 1 || to->shape.dim[0] > 2)
        return false;
    tarn_shape shape = {.ndim = (int)to->shape.dim[0]};
    const int64_t count = tarn_shape_size(x->shape);
    int64_t known = 1;
    for (int i = 0; i < shape.ndim; i++) {
        if (to->numbers[i] < -1 || to->numbers[i] == 0 || to->numbers[i] > MOST)
            return false;
        known *= to->numbers[i] == -1 ? 1 : to->numbers[i];
    }
    for (int i = 0; i < shape.ndim; i++)
        shape.dim[i] = to->numbers[i] == -1 ? count / known : to->numbers[i];
    return copy_as(c, x, shape);
}

/* Rows of the first axis, also backwards. */
static bool slice(tarn__importer *c)
{
    const tarn__import_whole *x = input(c, 0);
    int64_t from, to, axis = 0, step = 1;
    if (!x || x->shape.ndim < 1 || tarn__import_list(c, "starts", 1, 1, &from) != 1 ||
        tarn__import_list(c, "ends", 2, 1, &to) != 1 ||
        tarn__import_list(c, "axes", 3, 1, &axis) > 1 ||
        tarn__import_list(c, "steps", 4, 1, &step) > 1 || axis != 0 || (step != 1 && step != -1))
        return false;
    const int64_t size = x->shape.dim[0], row = size > 0 ? tarn_shape_size(x->shape) / size : 0;
    const int64_t low = step < 0 ? -1 : 0, high = step < 0 ? size - 1 : size;
    from = from < 0 && from >= -size ? from + size : from;
    to = to < 0 && to >= -size ? to + size : to;
    from = from < low ? low : from > high ? high : from;
    to = to < low ? low : to > high ? high : to;
    const int64_t count = (to - from) * step > 0 ? (to - from) * step : 0;
    tarn_shape shape = x->shape;
    shape.dim[0] = count;
    tarn__import_whole *y = tarn__import_make_whole(c, shape);
    for (int64_t i = 0; y && i < count; i++)
        memcpy(y->numbers + i * row, x->numbers + (from + i * step) * row,
               (size_t)row * sizeof *y->numbers);
    return y;
}

/* Of a matrix. */
static bool transpose(tarn__importer *c)
{
    const tarn__import_whole *x = input(c, 0);
    if (!x || x->shape.ndim != 2)
        return false;
    const int64_t rows = x->shape.dim[0], columns = x->shape.dim[1];
    int64_t perm[2] = {1, 0};
    tarn__import_ints_of(c, "perm", 2, perm);
    tarn__import_whole *y =
        perm[0] == 1 && perm[1] == 0 ? tarn__import_make_whole(c, tarn_shape(columns, rows)) : NULL;
    for (int64_t i = 0; y && i < rows * columns; i++)
        y->numbers[i % columns * rows + i / columns] = x->numbers[i];
    return y;
}

/* All of them 0, or what value says. */
static bool constant_of_shape(tarn__importer *c)
{
    const tarn__import_whole *x = input(c, 0);
    if (!x || x->shape.ndim != 1 || x->shape.dim[0] > TARN_MAX_NDIM)
        return false;
    tarn_shape shape = {.ndim = (int)x->shape.dim[0]};
    for (int i = 0; i < shape.ndim; i++) {
        shape.dim[i] = x->numbers[i];
        if (shape.dim[i] < 0 || shape.dim[i] > MOST)
            return false;
    }
    int64_t value = 0;
    tarn__onnx_tensor tensor;
    const tarn__bytes message = tarn__import_tensor_of(c, "value");
    if (message.size > 0) {
        if (!tarn__onnx_parse_tensor(&c->file, message, &tensor) ||
            tarn_shape_size(tensor.shape) != 1 || tensor.type != TARN__ONNX_INT64)
            return false;
        int64_t *numbers = tarn__onnx_integers(&c->file, &tensor);
        c->failed |= !numbers;
        if (!numbers)
            return false;
        value = *numbers;
        free(numbers);
    }
    tarn__import_whole *y = tarn__import_make_whole(c, shape);
    for (int64_t i = 0; y && i < tarn_shape_size(shape); i++)
        y->numbers[i] = value;
    return y;
}

static int64_t combine(tarn__bytes type, int64_t a, int64_t b)
{
    if (!is_known(a) || !is_known(b) || llabs(a) > INT32_MAX || llabs(b) > INT32_MAX)
        return TARN__ONNX_ANY_SIZE;
    if (tarn__bytes_are(type, "Div"))
        return b == 0 ? TARN__ONNX_ANY_SIZE : a / b;
    return tarn__bytes_are(type, "Add") ? a + b : tarn__bytes_are(type, "Sub") ? a - b : a * b;
}

/* Two of the same shape, or one of them a number. */
static bool arithmetic(tarn__importer *c)
{
    const tarn__import_whole *a = input(c, 0), *b = input(c, 1);
    if (!a || !b)
        return false;
    const int64_t as = tarn_shape_size(a->shape), bs = tarn_shape_size(b->shape);
    if (as != bs && as != 1 && bs != 1)
        return false;
    const bool first = as > bs || (as == bs && a->shape.ndim >= b->shape.ndim);
    tarn__import_whole *y = tarn__import_make_whole(c, first ? a->shape : b->shape);
    for (int64_t i = 0; y && i < (first ? as : bs); i++)
        y->numbers[i] =
            combine(c->node->type, a->numbers[as == 1 ? 0 : i], b->numbers[bs == 1 ? 0 : i]);
    return y;
}

bool tarn__import_fold(tarn__importer *c)
{
    static const struct {
        const char *type;
        bool (*fold)(tarn__importer *c);
    } folds[] = {{"Shape", shape_of},
                 {"Gather", gather},
                 {"Concat", concat},
                 {"Unsqueeze", number_to_vector},
                 {"Squeeze", vector_to_number},
                 {"Identity", same},
                 {"Cast", cast},
                 {"Reshape", reshape},
                 {"Slice", slice},
                 {"Transpose", transpose},
                 {"ConstantOfShape", constant_of_shape},
                 {"Add", arithmetic},
                 {"Sub", arithmetic},
                 {"Mul", arithmetic},
                 {"Div", arithmetic}};
    for (size_t i = 0; i < sizeof folds / sizeof *folds; i++)
        if (tarn__bytes_are(c->node->type, folds[i].type))
            return folds[i].fold(c);
    return false;
}

/* What can only be computed here. */
bool tarn__import_whole_only(tarn__importer *c)
{
    return tarn__import_fail(c, "computes numbers that cannot be known before the network runs");
}
