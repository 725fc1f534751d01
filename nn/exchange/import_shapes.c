/* Operators that change shapes, and move no number or only its place. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "nn/exchange/import_internal.h"

/* ---- The same value under another name */

bool tarn__import_identity(tarn__importer *c)
{
    tarn__import_value *x = tarn__import_in(c, 0), *y = tarn__import_out(c, 0);
    if (y && x->constant) {
        y->constant = x->constant; /* a copy: PyTorch writes weights that are equal once */
        y->named = x->named;
        y->trained = x->trained;
        y->shape = x->constant->shape;
        return true;
    }
    if (y)
        y->alias = true;
    return tarn__import_give_like(c, tarn__import_as_it_is(c, x), x);
}

bool tarn__import_give_constant(tarn__importer *c, const tarn__import_value *x, tarn_shape shape)
{
    tarn__import_value *y = tarn__import_out(c, 0);
    if (!y || !tarn__import_is_new(x) || x->readers != 1)
        return false;
    y->index = x->index; /* and its name */
    y->constant = x->constant;
    y->named = x->named;
    y->trained = x->trained;
    y->shape = shape;
    return true;
}

/* Whether what the node gives is read by Gathers that take rows by it, and by nothing else. */
static bool gives_ids(const tarn__importer *c)
{
    const tarn__onnx_file *f = &c->file;
    const int value = f->links[c->node->outputs];
    bool only = value != tarn__onnx_find(f, f->outputs[0].name);
    for (int i = 0; i < f->node_count; i++) {
        const tarn__onnx_node *n = &f->nodes[i];
        for (int k = 0; k < n->input_count; k++)
            only &=
                f->links[n->inputs + k] != value || (k == 1 && tarn__bytes_are(n->type, "Gather"));
    }
    return only;
}

/* To floats, which all numbers here are. A Cast to whole numbers would cut fractions off; as ids,
   which Tarn's embeddings write as such, those that have any are refused when the network runs. */
bool tarn__import_cast(tarn__importer *c)
{
    tarn__import_value *x = tarn__import_in(c, 0);
    const tarn__dtype to = tarn__onnx_dtype((int)(tarn__import_int_of(c, "to", 0) & 0xffff));
    const bool whole = to == TARN__I64 || to == TARN__I32,
               ids = whole && !x->constant && (x->ids || gives_ids(c));
    if (to == TARN__NO_DTYPE || (tarn__dtype_kind(to) != 'f' && !ids))
        return tarn__import_fail(c, "makes whole numbers of what is computed, expects floats");
    if (!tarn__import_identity(c))
        return false;
    if (ids)
        tarn__import_out(c, 0)->ids = true;
    return true;
}

/* ---- Reshape */

/* The product of all sizes but those that are open, which are counted; -1 if it is too large. */
static int64_t known_size(tarn_shape shape, int *batches, int *open)
{
    *batches = *open = 0;
    for (int i = 0; i < shape.ndim; i++) {
        *batches += shape.dim[i] == TARN__ONNX_BATCH;
        *open += shape.dim[i] == TARN__ONNX_ANY;
        shape.dim[i] = shape.dim[i] < 0 ? 1 : shape.dim[i];
    }
    return tarn_shape_size(shape);
}

/* What -1 stands for, if that can be told. */
static bool complete(const tarn__importer *c, tarn_shape from, tarn_shape *to)
{
    int from_batches, from_open, batches, open;
    const int64_t size = known_size(from, &from_batches, &from_open);
    const int64_t known = known_size(*to, &batches, &open);
    if (size < 0 || known < 0)
        return tarn__import_fail(c, "has the shape %s, which is too large",
                                 tarn__import_shape_text(*to).text);
    for (int i = 0; i < to->ndim; i++) {
        if (to->dim[i] != TARN__ONNX_ANY || open > 1 || from_open > 0 || known == 0)
            continue;
        if (from_batches == batches && size % known == 0)
            to->dim[i] = size / known;
        else if (from_batches == batches + 1 && size == known)
            to->dim[i] = TARN__ONNX_BATCH;
    }
    return open <= 1 ||
           tarn__import_fail(c, "has a shape of which more than one size is not known");
}

/* The shape that input 1 says, of x. */
static bool target_of(tarn__importer *c, const tarn__import_value *x, tarn_shape *to)
{
    int64_t list[TARN_MAX_NDIM];
    const bool keeps_zeros = tarn__import_int_of(c, "allowzero", 0);
    const int count = tarn__import_list(c, "shape", 1, TARN_MAX_NDIM, list);
    if (count < 0 || count > TARN_MAX_NDIM)
        return count != -2 &&
               tarn__import_fail(c, "has a shape of %d dimensions, expects at most %d", count,
                                 TARN_MAX_NDIM);
    *to = (tarn_shape){.ndim = count};
    for (int i = 0; i < count; i++) {
        const int64_t size = list[i];
        const bool copies = size == 0 && !keeps_zeros;
        const bool is_batch =
            size == TARN__ONNX_BATCH_SIZE || (i == 0 && size == c->batch && x->shape.ndim > 0 &&
                                              x->shape.dim[0] == TARN__ONNX_BATCH);
        if ((copies && i >= x->shape.ndim) ||
            (size < -1 && size != TARN__ONNX_BATCH_SIZE && size != TARN__ONNX_ANY_SIZE))
            return tarn__import_fail(c, "has the size %lld in its shape", (long long)size);
        to->dim[i] = copies                        ? x->shape.dim[i]
                     : is_batch                    ? TARN__ONNX_BATCH
                     : size == TARN__ONNX_ANY_SIZE ? TARN__ONNX_ANY
                                                   : size;
    }
    return complete(c, x->shape, to);
}

/* Whether the shape is (N, all the rest) of x. */
static bool is_flat(tarn_shape from, tarn_shape to)
{
    return to.ndim == 2 && from.ndim > 1 && from.dim[0] == to.dim[0] &&
           to.dim[0] == TARN__ONNX_BATCH;
}

/* x as (N, rest): of an image in Tarn's order the numbers stay where they are, and what comes next
   is told. */
static bool give_flat(tarn__importer *c, tarn__import_value *x, tarn_shape to)
{
    const int ndim = x->shape.ndim;
    int64_t pixels = 1;
    for (int i = 2; i < ndim; i++)
        pixels = x->shape.dim[i] < 0 || pixels < 0 ? -1 : pixels * x->shape.dim[i];
    const int64_t channels = x->shape.dim[1];
    const bool image = ndim > 2 && x->channels == 0 && x->operand != TARN__ONNX_NONE &&
                       channels > 0 && pixels > 0 &&
                       tarn__import_same_order(x->order, tarn__import_channels_last(ndim), ndim);
    const int from = image ? x->operand : tarn__import_ordered(c, x, tarn__import_plain());
    tarn__graph_step *step = tarn__import_emit(c, &tarn__graph_flatten, 1, &from);
    if (!step)
        return false;
    tarn__import_value *y = tarn__import_out(c, 0);
    if (y && image && channels > 1 && pixels > 1) {
        y->channels = channels;
        y->pixels = pixels;
    }
    return tarn__import_give(c, step->output, to, tarn__import_plain());
}

/* x in the file's order, in another shape. */
static bool give_shape(tarn__importer *c, tarn__import_value *x, tarn_shape to)
{
    int batches, open;
    if (tarn_shape_equal(x->shape, to) && known_size(to, &batches, &open) >= 0 && open == 0)
        return tarn__import_identity(c);
    if (known_size(to, &batches, &open) == tarn_shape_size(x->shape) && open + batches == 0 &&
        tarn__import_give_constant(c, x, to))
        return true;
    if (x->seen.operand != TARN__ONNX_NONE && tarn_shape_equal(x->seen.shape, to)) {
        tarn__import_out(c, 0)->alias = x->readers > 1;
        return tarn__import_give(c, x->seen.operand, to, x->seen.order);
    }
    if (is_flat(x->shape, to))
        return give_flat(c, x, to);
    int batches_before, open_before;
    const int64_t size = known_size(x->shape, &batches_before, &open_before);
    const int64_t after = known_size(to, &batches, &open);
    if (open_before == 0 && open == 0 && batches == batches_before && size != after)
        return tarn__import_fail(c, "makes a shape of %lld elements of one of %lld",
                                 (long long)after, (long long)size);
    const int from = tarn__import_ordered(c, x, tarn__import_plain());
    tarn__graph_step *step = tarn__import_emit(c, &tarn__graph_reshape, 1, &from);
    tarn__import_value *y = tarn__import_out(c, 0);
    if (!step)
        return false;
    step->shape = to;
    if (y && x->operand >= 0)
        y->seen = (tarn__import_seen){x->operand, x->shape, x->order};
    return tarn__import_give(c, step->output, to, tarn__import_plain());
}

bool tarn__import_reshape(tarn__importer *c)
{
    tarn__import_value *x = tarn__import_in(c, 0);
    tarn_shape to;
    return target_of(c, x, &to) && give_shape(c, x, to);
}

/* To two dimensions: the product of those before the axis, and of the others. */
bool tarn__import_flatten(tarn__importer *c)
{
    tarn__import_value *x = tarn__import_in(c, 0);
    const int ndim = x->shape.ndim;
    const int64_t given = tarn__import_int_of(c, "axis", 1);
    const int axis = given == ndim ? ndim : tarn__import_axis(c, given, ndim);
    if (axis < 0)
        return false;
    tarn_shape to = tarn_shape(1, 1);
    for (int i = 0; i < ndim; i++) {
        int64_t *size = &to.dim[i >= axis];
        const int64_t dim = x->shape.dim[i];
        *size = *size == 1             ? dim
                : dim == 1             ? *size
                : *size < 0 || dim < 0 ? TARN__ONNX_ANY
                                       : *size * dim;
    }
    return give_shape(c, x, to);
}
