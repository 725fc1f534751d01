/*
 * Along an axis, for each place the element that its id says.
 *
 *     y[.., k, ..] = x[.., ids[.., k, ..], ..]
 *     dx[.., r, ..] = the sum of dy[.., k, ..] over all k with ids[.., k, ..] = r
 */
#include "core/ops/places.h"
#include "core/ops/shared/lines.h"
#include "core/ops/shared/rows.h"

static void gather_backward(const tarn_node *node)
{
    tarn_real *dx = tarn_op_gradient(node->inputs[0]);
    if (dx)
        tarn__scatter(node->saved, tarn_gradients(node->output), dx);
}

static const tarn_op gather = {"gather", gather_backward};

tarn_tensor *tarn_gather(tarn_tensor *x, int axis, tarn_labels ids)
{
    if (!x || (axis = tarn__axis(gather.name, x, axis)) < 0)
        return NULL;
    tarn_shape shape = x->shape;
    const int64_t lines =
        tarn__size_between(&shape, 0, axis) * tarn__size_between(&shape, axis + 1, shape.ndim);
    const int64_t count = shape.dim[axis] = lines && ids.count > 0 ? ids.count / lines : 0;
    if (!tarn__check_lines(gather.name, x, axis, count, ids))
        return NULL;
    tarn_tensor *result = tarn_op_result(&gather, shape, x);
    const tarn__lines *l = tarn__save_lines(result, x, axis, count, ids);
    if (!l)
        return NULL;
    tarn_op_operations(result, 0);
    tarn__gather(l, x->values, result->values, false);
    return result;
}
