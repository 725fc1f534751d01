/*
 * New elements at the ends of the axes: of one value,
 *
 *     y[i + before] = x[i], all else is value
 *     dx[i] = dy[i + before]
 *
 * or axis by axis of those that are there, which tarn_index_select() picks.
 */
#include <stdlib.h>

#include "core/base/error.h"
#include "core/base/pool.h"
#include "core/op_internal.h"
#include "core/ops.h"
#include "core/ops/shared/rows.h"

/* Both tensors as rows: the last axis that is padded, and all behind it, are within a row. */
typedef struct padding {
    int outer; /* the number of axes that count the rows */
    int64_t before[TARN_MAX_NDIM], x_dim[TARN_MAX_NDIM], y_dim[TARN_MAX_NDIM];
    int64_t rows, x_row, y_row; /* rows of y; sizes of rows */
    int64_t first;              /* the place of a row of x in a row of y */
} padding;

/* The row of x that lies in this row of y; -1 if none does. */
static int64_t row_of_x(const padding *p, int64_t row)
{
    int64_t result = 0, step = 1;
    for (int i = p->outer - 1; i >= 0; i--) {
        const int64_t at = row % p->y_dim[i] - p->before[i];
        if (at < 0 || at >= p->x_dim[i])
            return -1;
        result += at * step;
        step *= p->x_dim[i];
        row /= p->y_dim[i];
    }
    return result;
}

typedef struct job {
    const padding *p;
    const tarn_real *x, *dy;
    tarn_real value, *y, *dx;
    bool add; /* to dx */
} job;

static void backward_rows(const void *context, int64_t first, int64_t end)
{
    const job *j = context;
    const padding *p = j->p;
    for (int64_t row = first; row < end; row++) {
        const int64_t from = row_of_x(p, row);
        if (from >= 0)
            tarn__copy(p->x_row, j->dy + row * p->y_row + p->first, j->dx + from * p->x_row,
                       j->add);
    }
}

static void pad_backward(const tarn_node *node)
{
    job j = {.p = node->saved, .dy = tarn_gradients(node->output)};
    j.dx = tarn_op_gradient_to_write(node->inputs[0], &j.add);
    if (j.dx)
        tarn__share(j.p->rows, node->output->size, backward_rows, &j);
}

static const tarn_op pad = {"pad", pad_backward};

static void fill(tarn_real *y, int64_t count, tarn_real value)
{
    for (int64_t i = 0; i < count; i++)
        y[i] = value;
}

/* A row of y, in which lies row from of x, or none. */
static void put_row(const padding *p, const tarn_real *x, int64_t from, tarn_real value,
                    tarn_real *y)
{
    if (from < 0) {
        fill(y, p->y_row, value);
        return;
    }
    fill(y, p->first, value);
    tarn__copy(p->x_row, x + from * p->x_row, y + p->first, false);
    fill(y + p->first + p->x_row, p->y_row - p->first - p->x_row, value);
}

static void put_rows(const void *context, int64_t first, int64_t end)
{
    const job *j = context;
    for (int64_t row = first; row < end; row++)
        put_row(j->p, j->x, row_of_x(j->p, row), j->value, j->y + row * j->p->y_row);
}

/* The shape of the result; ndim -1 after a report. */
static tarn_shape padded(const tarn_pad_args *a)
{
    tarn_shape shape = a->x->shape;
    bool right = a->before.ndim == shape.ndim && a->after.ndim == shape.ndim;
    for (int i = 0; right && i < shape.ndim; i++)
        right = a->before.dim[i] >= 0 && a->after.dim[i] >= 0 &&
                !__builtin_add_overflow(shape.dim[i], a->before.dim[i], &shape.dim[i]) &&
                !__builtin_add_overflow(shape.dim[i], a->after.dim[i], &shape.dim[i]);
    if (!right) {
        tarn_fail("pad: input %s, before %s, after %s, expects as many dimensions in all three, "
                  "none negative or too large",
                  tarn_shape_to_text(a->x->shape).text, tarn_shape_to_text(a->before).text,
                  tarn_shape_to_text(a->after).text);
        shape.ndim = -1;
    }
    return shape;
}

static padding cut_into_rows(const tarn_pad_args *a, tarn_shape y)
{
    const tarn_shape x = a->x->shape;
    padding p = {.outer = x.ndim > 0 ? x.ndim - 1 : 0};
    while (p.outer > 0 && x.dim[p.outer] == y.dim[p.outer])
        p.outer--;
    for (int i = 0; i < p.outer; i++) {
        p.before[i] = a->before.dim[i];
        p.x_dim[i] = x.dim[i];
        p.y_dim[i] = y.dim[i];
    }
    p.x_row = tarn__size_between(&x, p.outer, x.ndim);
    p.y_row = tarn__size_between(&y, p.outer, x.ndim);
    p.rows = p.y_row ? tarn__size_between(&y, 0, p.outer) : 0; /* empty ones could be very many */
    p.first = x.ndim > 0 ? a->before.dim[p.outer] * tarn__size_between(&x, p.outer + 1, x.ndim) : 0;
    return p;
}

/* The number, on an axis of so many, of what stands at place i, counted from the first. */
static int64_t picked(tarn_pad_mode mode, int64_t i, int64_t size)
{
    const int64_t last = size - 1;
    if (i >= 0 && i < size)
        return i;
    if (mode == TARN_PAD_REFLECT)
        return i < 0 ? -i : 2 * last - i;
    if (mode == TARN_PAD_CIRCULAR)
        return i < 0 ? i + size : i - size;
    return i < 0 ? 0 : last;
}

static bool check_mode(const tarn_pad_args *a)
{
    if (a->mode != TARN_PAD_REFLECT && a->mode != TARN_PAD_REPLICATE &&
        a->mode != TARN_PAD_CIRCULAR)
        return tarn_fail("pad: mode %d, expects TARN_PAD_CONSTANT, TARN_PAD_REFLECT, "
                         "TARN_PAD_REPLICATE or TARN_PAD_CIRCULAR",
                         (int)a->mode);
    if (a->value != 0)
        return tarn_fail("pad: value %g, expects none unless mode is TARN_PAD_CONSTANT", a->value);
    for (int i = 0; i < a->x->shape.ndim; i++) {
        const int64_t size = a->x->shape.dim[i], before = a->before.dim[i], after = a->after.dim[i];
        const int64_t most = a->mode == TARN_PAD_REFLECT    ? size - 1
                             : a->mode == TARN_PAD_CIRCULAR ? size
                             : size > 0                     ? INT32_MAX
                                                            : 0;
        if (before + after > 0 && (before > most || after > most || size > INT32_MAX))
            return tarn_fail("pad: input %s, %lld elements before axis %d and %lld after, expects "
                             "at most %lld in this mode",
                             tarn_shape_to_text(a->x->shape).text, (long long)before, i,
                             (long long)after, (long long)(most < 0 ? 0 : most));
    }
    return true;
}

static tarn_tensor *pad_axis(tarn_tensor *x, int axis, const tarn_pad_args *a)
{
    const int64_t size = x->shape.dim[axis], before = a->before.dim[axis];
    const int64_t count = size + before + a->after.dim[axis];
    int32_t *ids = malloc((size_t)count * sizeof *ids);
    if (!ids) {
        tarn_set_error("pad: out of memory for an axis of %lld elements", (long long)count);
        return NULL;
    }
    for (int64_t i = 0; i < count; i++)
        ids[i] = (int32_t)picked(a->mode, i - before, size);
    tarn_tensor *result = tarn_index_select(x, axis, tarn_labels(count, ids));
    free(ids);
    return result;
}

static tarn_tensor *pad_axes(const tarn_pad_args *a)
{
    tarn_tensor *x = a->x;
    if (!check_mode(a))
        return NULL;
    for (int i = 0; x && i < a->before.ndim; i++)
        if (a->before.dim[i] + a->after.dim[i] > 0)
            x = pad_axis(x, i, a);
    return x;
}

tarn_tensor *tarn_pad_with(tarn_pad_args a)
{
    if (!a.x || a.before.ndim < 0 || a.after.ndim < 0)
        return NULL; /* tarn_shape() has reported it */
    const tarn_shape shape = padded(&a);
    if (a.mode != TARN_PAD_CONSTANT && shape.ndim >= 0)
        return pad_axes(&a);
    tarn_tensor *result = shape.ndim < 0 ? NULL : tarn_op_result(&pad, shape, a.x);
    padding *p = result ? tarn_op_save(result, sizeof *p) : NULL;
    if (!p)
        return NULL;
    *p = cut_into_rows(&a, shape);
    tarn_op_operations(result, 0);
    tarn__share(p->rows, result->size, put_rows,
                &(job){.p = p, .x = a.x->values, .value = (tarn_real)a.value, .y = result->values});
    return result;
}
