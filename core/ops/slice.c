/*
 * A range of the elements of an axis.
 *
 *     y[.., i, ..] = x[.., begin + i, ..]
 *     dx[.., begin + i, ..] = dy[.., i, ..], and 0 outside
 *
 * Of the first axis it is a view: values and gradient are a part of x's, and backward has nothing
 * to do.
 */
#include "core/base/error.h"
#include "core/op_internal.h"
#include "core/ops.h"
#include "core/ops/shared/rows.h"

/* x seen as rows of width elements, of which count from first on are taken. */
typedef struct range {
    int64_t rows, width, first, count;
} range;

static void slice_backward(const tarn_node *node)
{
    const range *r = node->saved;
    tarn_real *dx = tarn_op_gradient(node->inputs[0]);
    if (dx)
        tarn__copy_rows(r->rows, r->count, tarn_gradients(node->output), r->count, dx + r->first,
                        r->width, true);
}

static const tarn_op slice = {"slice", slice_backward};
static const tarn_op view = {"slice", NULL};

tarn_tensor *tarn_slice(tarn_tensor *x, int axis, int64_t begin, int64_t end)
{
    if (!x || (axis = tarn__axis("slice", x, axis)) < 0)
        return NULL;
    tarn_shape shape = x->shape;
    const int64_t size = shape.dim[axis], inner = tarn__size_between(&shape, axis + 1, shape.ndim);
    const int64_t from = begin < 0 ? begin + size : begin, to = end < 0 ? end + size : end;
    if (from < 0 || from > to || to > size)
        return tarn_fail("slice: elements %lld to %lld of axis %d of input %s, expects 0 <= begin "
                         "<= end <= %lld, negative numbers counting from the end",
                         (long long)begin, (long long)end, axis, tarn_shape_to_text(shape).text,
                         (long long)size);
    shape.dim[axis] = to - from;
    tarn_tensor *result =
        axis == 0 ? tarn__view(&view, x, shape) : tarn_op_result(&slice, shape, x);
    if (axis == 0 && result)
        result->values += from * inner;
    if (axis == 0 || !result)
        return result;
    tarn_op_operations(result, 0);
    range *r = tarn_op_save(result, sizeof *r);
    if (!r)
        return NULL;
    *r = (range){tarn__size_between(&shape, 0, axis), size * inner, from * inner,
                 (to - from) * inner};
    tarn__copy_rows(r->rows, r->count, x->values + r->first, r->width, result->values, r->count,
                    false);
    return result;
}
