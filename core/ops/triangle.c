/*
 * A triangle of each matrix of the last two dimensions; the rest is 0.
 *
 *     y[r, c] = x[r, c] where c - r <= diagonal (tril), or c - r >= diagonal (triu), else 0
 *     dx[r, c] = dy[r, c] there
 */
#include "core/base/error.h"
#include "core/base/pool.h"
#include "core/op_internal.h"
#include "core/ops/places.h"

/* Of row r the columns from r + first to before r + end stay. */
typedef struct band {
    int64_t first, end;
} band;

typedef struct job {
    band of;
    int64_t rows, columns;
    const tarn_real *from;
    tarn_real *to;
    bool add;
} job;

static int64_t within(int64_t at, int64_t size)
{
    return at < 0 ? 0 : at < size ? at : size;
}

static void copy_rows(const void *context, int64_t first, int64_t end)
{
    const job *j = context;
    for (int64_t k = first; k < end; k++) {
        const int64_t r = k % j->rows, n = j->columns;
        const int64_t from = within(r + j->of.first, n), to = within(r + j->of.end, n);
        const tarn_real *x = j->from + k * n;
        tarn_real *y = j->to + k * n;
        for (int64_t c = 0; !j->add && c < n; c++)
            y[c] = c >= from && c < to ? x[c] : 0;
        for (int64_t c = from; j->add && c < to; c++)
            y[c] += x[c];
    }
}

static void copy(const tarn_tensor *t, band of, const tarn_real *from, tarn_real *to, bool add)
{
    const int64_t *last = t->shape.dim + t->shape.ndim - 2;
    if (t->size > 0)
        tarn__share(t->size / last[1], t->size, copy_rows,
                    &(job){of, last[0], last[1], from, to, add});
}

static void triangle_backward(const tarn_node *node)
{
    const band *of = node->saved;
    bool add;
    tarn_real *dx = tarn_op_gradient_to_write(node->inputs[0], &add);
    if (dx)
        copy(node->output, *of, tarn_gradients(node->output), dx, add);
}

static const tarn_op tril = {"tril", triangle_backward};
static const tarn_op triu = {"triu", triangle_backward};

static tarn_tensor *triangle(const tarn_op *op, tarn_tensor *x, band of)
{
    if (!x)
        return NULL;
    if (x->shape.ndim < 2)
        return tarn_fail("%s: input %s, expects (...,rows,columns)", op->name,
                         tarn_shape_to_text(x->shape).text);
    tarn_tensor *result = tarn_op_result(op, x->shape, x);
    band *saved = result ? tarn_op_save(result, sizeof *saved) : NULL;
    if (!saved)
        return NULL;
    *saved = of;
    tarn_op_operations(result, 0);
    copy(x, of, x->values, result->values, false);
    return result;
}

/* Further away than any column, and far from overflow. */
#define FAR (INT64_MAX / 4)

tarn_tensor *tarn_tril(tarn_tensor *x, int diagonal)
{
    return triangle(&tril, x, (band){-FAR, (int64_t)diagonal + 1});
}

tarn_tensor *tarn_triu(tarn_tensor *x, int diagonal)
{
    return triangle(&triu, x, (band){diagonal, FAR});
}
