/*
 * Tensors one after the other along an axis (concat), or along a new one (stack). To both, the
 * result is (outer, rest), outer being the dimensions before the axis, and each tensor is a range
 * of columns of it.
 *
 *     y = [a b ...]
 *     da = the columns of dy where a is
 */
#include "core/base/error.h"
#include "core/base/pool.h"
#include "core/kernels/kernels.h"
#include "core/op_internal.h"
#include "core/ops.h"
#include "core/ops/shared/rows.h"

/* Tensor by tensor, since one may come twice. */
static void concat_backward(const tarn_node *node)
{
    const int64_t outer = *(const int64_t *)node->saved, row = node->output->size / outer;
    const tarn_real *dy = tarn_gradients(node->output);
    for (int k = 0; k < node->input_count; k++) {
        const int64_t width = node->inputs[k]->size / outer;
        bool add;
        tarn_real *dx = tarn_op_gradient_to_write(node->inputs[k], &add);
        if (dx)
            tarn__copy_rows(outer, width, dy, row, dx, width, add);
        dy += width;
    }
}

static const tarn_op concat = {"concat", concat_backward};
static const tarn_op stack = {"stack", concat_backward};

/* So few short rows of each tensor are joined at a time that memory is written from front to back.
 */
enum { BLOCK = 16 };

typedef struct job {
    int count;
    tarn_tensor *const *tensors;
    int64_t outer, row; /* elements of the result's */
    tarn_real *y;
} job;

static void join_rows(const void *context, int64_t first, int64_t end)
{
    const job *j = context;
    const tarn__kernels *kernels = tarn__kernels_in_use();
    for (int64_t from = first; from < end; from += BLOCK) {
        const int64_t to = end - from < BLOCK ? end : from + BLOCK;
        tarn_real *y = j->y + from * j->row;
        for (int k = 0; k < j->count; k++) {
            const int64_t width = j->tensors[k]->size / j->outer;
            kernels->copy_rows(to - from, width, j->tensors[k]->values + from * width, width, y,
                               j->row);
            y += width;
        }
    }
}

/* Longer rows go tensor by tensor, and very short ones column by column. */
static bool are_short(const job *j)
{
    for (int k = 0; k < j->count; k++)
        if (j->tensors[k]->size / j->outer < TARN__NARROW ||
            j->tensors[k]->size / j->outer >= TARN__SHORT)
            return false;
    return true;
}

static tarn_tensor *join(const tarn_op *op, int axis, int count, tarn_tensor *const *tensors,
                         tarn_shape shape)
{
    tarn_tensor *result = tarn_op_result_of(op, shape, count, tensors);
    int64_t *outer = result ? tarn_op_save(result, sizeof *outer) : NULL;
    if (!outer)
        return NULL;
    tarn_op_operations(result, 0);
    *outer = tarn__size_between(&shape, 0, axis);
    if (*outer == 0)
        *outer = 1; /* all widths are 0 then */
    tarn_real *y = result->values;
    const job j = {count, tensors, *outer, result->size / *outer, y};
    if (are_short(&j)) {
        tarn__share(*outer, result->size, join_rows, &j);
        return result;
    }
    for (int k = 0; k < count; k++) {
        const int64_t width = tensors[k]->size / *outer;
        tarn__copy_rows(*outer, width, tensors[k]->values, width, y, result->size / *outer, false);
        y += width;
    }
    return result;
}

/* Whether there are tensors, none of them NULL. */
static bool are_given(const tarn_op *op, int count, tarn_tensor *const *tensors)
{
    if (count < 1 || !tensors)
        return tarn_fail("%s: no tensors are given, expects at least 1", op->name);
    for (int k = 0; k < count; k++)
        if (!tensors[k])
            return false;
    return true;
}

tarn_tensor *tarn_concat_of(int axis, int count, tarn_tensor *const *tensors)
{
    if (!are_given(&concat, count, tensors) || (axis = tarn__axis("concat", *tensors, axis)) < 0)
        return NULL;
    tarn_shape shape = tensors[0]->shape;
    for (int k = 1; k < count; k++) {
        tarn_shape next = tensors[k]->shape;
        const int64_t more = next.dim[axis];
        next.dim[axis] = shape.dim[axis];
        if (!tarn_shape_equal(next, shape))
            return tarn_fail("concat: tensor %d %s, tensor 0 %s, expects equal shapes but for axis "
                             "%d",
                             k, tarn_shape_to_text(tensors[k]->shape).text,
                             tarn_shape_to_text(tensors[0]->shape).text, axis);
        if (__builtin_add_overflow(shape.dim[axis], more, &shape.dim[axis]))
            return tarn_fail("concat: axis %d of the result is too large", axis);
    }
    return join(&concat, axis, count, tensors, shape);
}

tarn_tensor *tarn_stack_of(int axis, int count, tarn_tensor *const *tensors)
{
    if (!are_given(&stack, count, tensors))
        return NULL;
    const tarn_shape each = tensors[0]->shape;
    const int at = axis < 0 ? axis + each.ndim + 1 : axis;
    if (each.ndim == TARN_MAX_NDIM || at < 0 || at > each.ndim)
        return tarn_fail("stack: tensors %s and new axis %d, expects at most %d dimensions and an "
                         "axis from %d to %d",
                         tarn_shape_to_text(each).text, axis, TARN_MAX_NDIM - 1, -each.ndim - 1,
                         each.ndim);
    for (int k = 1; k < count; k++)
        if (!tarn_shape_equal(tensors[k]->shape, each))
            return tarn_fail("stack: tensor %d %s, tensor 0 %s, expects equal shapes", k,
                             tarn_shape_to_text(tensors[k]->shape).text,
                             tarn_shape_to_text(each).text);
    tarn_shape shape = {.ndim = each.ndim + 1};
    for (int i = 0; i < shape.ndim; i++)
        shape.dim[i] = i < at ? each.dim[i] : i == at ? count : each.dim[i - 1];
    return join(&stack, at, count, tensors, shape);
}
