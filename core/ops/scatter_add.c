/*
 * Adds each element of a source to the element of an axis that its id says.
 *
 *     y = x, then y[.., ids[.., k, ..], ..] += source[.., k, ..] for all k
 *     dx = dy
 *     dsource[.., k, ..] = dy[.., ids[.., k, ..], ..]
 */
#include "core/base/error.h"
#include "core/ops/places.h"
#include "core/ops/shared/lines.h"
#include "core/ops/shared/rows.h"

static void scatter_add_backward(const tarn_node *node)
{
    const tarn_real *dy = tarn_gradients(node->output);
    bool add;
    tarn_real *dx = tarn_op_gradient_to_write(node->inputs[0], &add);
    if (dx)
        tarn__copy(node->output->size, dy, dx, add);
    tarn_real *dsource = tarn_op_gradient_to_write(node->inputs[1], &add);
    if (dsource)
        tarn__gather(node->saved, dy, dsource, add);
}

static const tarn_op scatter_add = {"scatter_add", scatter_add_backward};

tarn_tensor *tarn_scatter_add(tarn_tensor *x, int axis, tarn_labels ids, tarn_tensor *source)
{
    if (!x || !source || (axis = tarn__axis(scatter_add.name, x, axis)) < 0)
        return NULL;
    tarn_shape expected = x->shape;
    if (source->shape.ndim == expected.ndim)
        expected.dim[axis] = source->shape.dim[axis];
    if (!tarn_shape_equal(source->shape, expected))
        return tarn_fail("scatter_add: source %s, input %s expects its shape but for axis %d",
                         tarn_shape_to_text(source->shape).text, tarn_shape_to_text(x->shape).text,
                         axis);
    const int64_t count = expected.dim[axis];
    if (!tarn__check_lines(scatter_add.name, x, axis, count, ids))
        return NULL;
    tarn_tensor *result = tarn_op_result(&scatter_add, x->shape, x, source);
    const tarn__lines *l = tarn__save_lines(result, x, axis, count, ids);
    if (!l)
        return NULL;
    tarn__copy(x->size, x->values, result->values, false);
    tarn__scatter(l, source->values, result->values);
    return result;
}
