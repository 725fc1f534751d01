/*
 * Elements of an axis by their numbers, each any number of times.
 *
 *     y[.., k, ..] = x[.., from[k], ..]
 *     dx[.., r, ..] = the sum of dy[.., k, ..] over all k with from[k] = r
 *
 * The numbers are the caller's (index_select), or those of a slice with a step, of the axis
 * backwards (flip), moved around (roll) or several times (repeat).
 */
#include <string.h>

#include "core/base/clones.h"
#include "core/base/error.h"
#include "core/base/pool.h"
#include "core/op_internal.h"
#include "core/ops.h"
#include "core/ops/shared/rows.h"

/* x is (outer, size, inner), the result (outer, count, inner). */
typedef struct selection {
    int64_t outer, size, count, inner;
    bool backwards; /* all of the axis, from its end */
    int64_t from[];
} selection;

typedef struct job {
    const selection *s;
    const tarn_real *source;
    tarn_real *to;
    bool add;
} job;

/* Lines of single numbers, forward and back: without a look at from the loops are vectors. */
TARN__CLONES static void turn_lines(const void *context, int64_t first, int64_t end)
{
    const job *j = context;
    const int64_t n = j->s->count;
    for (int64_t o = first; o < end; o++) {
        const tarn_real *x = j->source + o * n;
        tarn_real *restrict y = j->to + o * n;
        if (j->add)
            for (int64_t k = 0; k < n; k++)
                y[k] += x[n - 1 - k];
        else
            for (int64_t k = 0; k < n; k++)
                y[k] = x[n - 1 - k];
    }
}

static void forward_rows(const void *context, int64_t first, int64_t end)
{
    const job *j = context;
    const selection *s = j->s;
    int64_t k = first % s->count;
    const tarn_real *x = j->source + first / s->count * s->size * s->inner;
    for (int64_t row = first; row < end; row++) {
        if (s->inner == 1)
            j->to[row] = x[s->from[k]];
        else
            tarn__copy(s->inner, x + s->from[k] * s->inner, j->to + row * s->inner, false);
        if (++k == s->count) {
            k = 0;
            x += s->size * s->inner;
        }
    }
}

/* Several rows of dy may add to one of dx, so each matrix is one thread's. */
static void backward_matrices(const void *context, int64_t first, int64_t end)
{
    const job *j = context;
    const selection *s = j->s;
    for (int64_t o = first; o < end; o++) {
        const tarn_real *dy = j->source + o * s->count * s->inner;
        tarn_real *dx = j->to + o * s->size * s->inner;
        for (int64_t k = 0; k < s->count; k++)
            if (s->inner == 1)
                dx[s->from[k]] += dy[k];
            else
                tarn__copy(s->inner, dy + k * s->inner, dx + s->from[k] * s->inner, true);
    }
}

static void select_backward(const tarn_node *node)
{
    const selection *s = node->saved;
    job j = {.s = s, .source = tarn_gradients(node->output)};
    if (s->backwards)
        j.to = tarn_op_gradient_to_write(node->inputs[0], &j.add);
    else
        j.to = tarn_op_gradient(node->inputs[0]);
    if (j.to)
        tarn__share(s->outer, node->output->size, s->backwards ? turn_lines : backward_matrices,
                    &j);
}

static const tarn_op index_select = {"index_select", select_backward};
static const tarn_op slice_step = {"slice_step", select_backward};
static const tarn_op flip = {"flip", select_backward};
static const tarn_op roll = {"roll", select_backward};
static const tarn_op repeat = {"repeat", select_backward};

/* Of number k the ids, or first + k step, wrapping around at the end of the axis. */
typedef struct numbers {
    const int32_t *ids;
    int64_t first, step;
} numbers;

static tarn_tensor *selected(const tarn_op *op, tarn_tensor *x, int axis, int64_t count, numbers of)
{
    tarn_shape shape = x->shape;
    const int64_t size = shape.dim[axis];
    shape.dim[axis] = count;
    tarn_tensor *result = tarn_op_result(op, shape, x);
    selection *s =
        result ? tarn_op_save(result, sizeof *s + (size_t)count * sizeof *s->from) : NULL;
    if (!s)
        return NULL;
    tarn_op_operations(result, 0);
    s->outer = tarn__size_between(&shape, 0, axis);
    s->inner = tarn__size_between(&shape, axis + 1, shape.ndim);
    s->size = size;
    s->count = count;
    s->backwards = op == &flip && s->inner == 1;
    for (int64_t k = 0, at = of.first; k < count && size > 0; k++) {
        s->from[k] = of.ids ? of.ids[k] : at;
        at += of.step;
        at -= at >= size ? size : 0;
    }
    const job j = {s, x->values, result->values, false};
    if (result->size > 0 && s->backwards)
        tarn__share(s->outer, result->size, turn_lines, &j);
    else if (result->size > 0)
        tarn__share(s->outer * count, result->size, forward_rows, &j);
    return result;
}

tarn_tensor *tarn_index_select(tarn_tensor *x, int axis, tarn_labels rows)
{
    const char *op = index_select.name;
    if (!x || (axis = tarn__axis(op, x, axis)) < 0)
        return NULL;
    if (rows.count < 0 || (rows.count > 0 && !rows.ids))
        return tarn_fail("%s: %lld ids%s, expects an array of 0 or more", op, (long long)rows.count,
                         rows.ids ? "" : " at NULL");
    const int64_t size = x->shape.dim[axis];
    for (int64_t i = 0; i < rows.count; i++)
        if (rows.ids[i] < 0 || rows.ids[i] >= size)
            return tarn_fail("%s: id %d at position %lld, axis %d of input %s expects 0 or more "
                             "and less than %lld",
                             op, (int)rows.ids[i], (long long)i, axis,
                             tarn_shape_to_text(x->shape).text, (long long)size);
    return selected(&index_select, x, axis, rows.count, (numbers){.ids = rows.ids});
}

tarn_tensor *tarn_slice_step(tarn_tensor *x, int axis, int64_t begin, int64_t end, int64_t step)
{
    if (!x || (axis = tarn__axis(slice_step.name, x, axis)) < 0)
        return NULL;
    const int64_t size = x->shape.dim[axis];
    const int64_t from = begin < 0 ? begin + size : begin, to = end < 0 ? end + size : end;
    if (from < 0 || from > to || to > size || step < 1)
        return tarn_fail("slice_step: elements %lld to %lld of axis %d of input %s in steps of "
                         "%lld, expects 0 <= begin <= end <= %lld, negative numbers counting from "
                         "the end, and a step of at least 1",
                         (long long)begin, (long long)end, axis, tarn_shape_to_text(x->shape).text,
                         (long long)step, (long long)size);
    const int64_t stride = step < size ? step : size;
    return selected(&slice_step, x, axis, to > from ? 1 + (to - from - 1) / step : 0,
                    (numbers){.first = from, .step = stride});
}

tarn_tensor *tarn_flip(tarn_tensor *x, int axis)
{
    if (!x || (axis = tarn__axis(flip.name, x, axis)) < 0)
        return NULL;
    const int64_t size = x->shape.dim[axis];
    return selected(&flip, x, axis, size, (numbers){.first = size - 1, .step = -1});
}

tarn_tensor *tarn_roll(tarn_tensor *x, int axis, int64_t by)
{
    if (!x || (axis = tarn__axis(roll.name, x, axis)) < 0)
        return NULL;
    const int64_t size = x->shape.dim[axis], back = size ? by % size : 0;
    return selected(&roll, x, axis, size,
                    (numbers){.first = back > 0 ? size - back : -back, .step = 1});
}

tarn_tensor *tarn_repeat(tarn_tensor *x, int axis, int64_t times)
{
    if (!x || (axis = tarn__axis(repeat.name, x, axis)) < 0)
        return NULL;
    const int64_t size = x->shape.dim[axis];
    if (times < 0 || (size > 0 && times > INT64_MAX / size))
        return tarn_fail("repeat: input %s %lld times, expects 0 or more, and a size that can be "
                         "counted",
                         tarn_shape_to_text(x->shape).text, (long long)times);
    return selected(&repeat, x, axis, size * times, (numbers){.step = 1});
}
