/*
 * New elements of one value at the ends of the axes.
 *
 *     y[i + before] = x[i], all else is value
 *     dx[i] = dy[i + before]
 */
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

tarn_tensor *tarn_pad_with(tarn_pad_args a)
{
    if (!a.x || a.before.ndim < 0 || a.after.ndim < 0)
        return NULL; /* tarn_shape() has reported it */
    const tarn_shape shape = padded(&a);
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
