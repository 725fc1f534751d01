#include "core/ops/shared/extreme.h"

#include <math.h>

#include "core/base/clones.h"
#include "core/base/error.h"
#include "core/base/pool.h"

/* Columns that are searched side by side. */
enum { COLUMNS = 64 };

int tarn__extreme_axis(const char *op, const tarn_tensor *x, int axis)
{
    const int i = tarn__axis(op, x, axis);
    const tarn_shape_text shape = tarn_shape_to_text(x->shape);
    if (i < 0)
        return -1;
    if (x->shape.dim[i] > INT32_MAX)
        tarn_fail("%s: axis %d of input %s is longer than 2^31 - 1", op, i, shape.text);
    else if (x->shape.dim[i] == 0 && tarn_shape_size(tarn__shape_without(x->shape, i)) > 0)
        tarn_fail("%s: axis %d of input %s is empty: the max or min of nothing", op, i, shape.text);
    else
        return i;
    return -1;
}

/* Numbers are compared as multiples by sign, 1 or -1; NaN is larger than all. */

static inline int64_t best_of_few(tarn_real sign, int64_t count, const tarn_real *x)
{
    int64_t best = 0;
    for (int64_t i = 1; i < count && x[best] == x[best]; i++)
        if (!(sign * x[i] <= sign * x[best]))
            best = i;
    return best;
}

/* The first place of the multiple best, which is there; of a NaN, if best is one. */
static inline int64_t place_of(tarn_real sign, int64_t count, const tarn_real *x, tarn_real best)
{
    int64_t i = 0;
    for (int any = 0; i + COLUMNS <= count; i += COLUMNS) {
        for (int j = 0; j < COLUMNS; j++)
            any |= (sign * x[i + j] == best) | (x[i + j] != x[i + j]);
        if (any)
            break;
    }
    while (sign * x[i] != best && x[i] == x[i])
        i++;
    return i;
}

/* The largest of at least COLUMNS multiples, so many side by side; the last ones, which fill no
   such block, with some that were seen. */
static inline tarn_real largest(tarn_real sign, int64_t count, const tarn_real *x)
{
    tarn_real max[COLUMNS];
    int odd = 0;
    for (int j = 0; j < COLUMNS; j++)
        max[j] = sign * x[j];
    for (int64_t i = 0; i < count; i += COLUMNS) {
        const tarn_real *block = x + (i + COLUMNS <= count ? i : count - COLUMNS);
        for (int j = 0; j < COLUMNS; j++) {
            const tarn_real value = sign * block[j];
            max[j] = value > max[j] ? value : max[j];
            odd |= value != value;
        }
    }
    for (int j = 1; j < COLUMNS; j++)
        max[0] = max[j] > max[0] ? max[j] : max[0];
    return odd ? (tarn_real)NAN : max[0];
}

/* The largest of each piece is found without branches, and the place within the best of them. */
TARN__CLONES static int64_t best_of_row(tarn_real sign, int64_t count, const tarn_real *x)
{
    enum { PIECE = 16 * COLUMNS };
    if (count < COLUMNS)
        return best_of_few(sign, count, x);
    int64_t from = 0, size = COLUMNS;
    tarn_real best = sign * x[0];
    for (int64_t at = 0; at < count && best == best; at += PIECE) {
        const int64_t first = at + COLUMNS <= count ? at : count - COLUMNS;
        const int64_t left = count - first, piece = left < PIECE ? left : PIECE;
        const tarn_real top = largest(sign, piece, x + first);
        if (!(top <= best)) {
            best = top;
            from = first;
            size = piece;
        }
    }
    return from + place_of(sign, size, x + from, best);
}

TARN__CLONES static void best_of_rows(tarn_real sign, const tarn__reduce_plan *r, int64_t columns,
                                      const tarn_real *x, int32_t *restrict rows)
{
    tarn_real best[COLUMNS];
    for (int64_t i = 0; i < columns; i++) {
        best[i] = sign * x[i];
        rows[i] = 0;
    }
    for (int32_t k = 1; k < r->rows; k++)
        for (int64_t i = 0; i < columns; i++) {
            const tarn_real value = sign * x[k * r->inner + i];
            const bool better = !(value <= best[i]) & (best[i] == best[i]);
            best[i] = better ? value : best[i];
            rows[i] = better ? k : rows[i];
        }
}

typedef struct job {
    tarn_real sign;
    const tarn__reduce_plan *r;
    const tarn_real *x;
    int64_t *places; /* or */
    int32_t *rows;
} job;

static int64_t blocks_of(const tarn__reduce_plan *r)
{
    return (r->inner + COLUMNS - 1) / COLUMNS;
}

static void find_blocks(const void *context, int64_t first, int64_t end)
{
    const job *j = context;
    const tarn__reduce_plan *r = j->r;
    for (int64_t k = first; k < end; k++) {
        const int64_t o = k / blocks_of(r), column = k % blocks_of(r) * COLUMNS;
        const int64_t left = r->inner - column, columns = left < COLUMNS ? left : COLUMNS;
        const int64_t from = o * r->rows * r->inner + column, to = o * r->inner + column;
        int32_t best[COLUMNS];
        int64_t alone = 0;
        if (r->inner == 1)
            alone = best_of_row(j->sign, r->rows, j->x + from);
        else
            best_of_rows(j->sign, r, columns, j->x + from, best);
        for (int64_t i = 0; i < columns; i++) {
            const int64_t row = r->inner == 1 ? alone : best[i];
            if (j->places)
                j->places[to + i] = from + row * r->inner + i;
            else
                j->rows[to + i] = (int32_t)row;
        }
    }
}

/* A long row alone, of which threads take parts. */
enum { PARTS = 16 };

static void find_parts(const void *context, int64_t first, int64_t end)
{
    const job *j = context;
    for (int64_t p = first; p < end; p++) {
        const int64_t from = j->r->rows * p / PARTS, to = j->r->rows * (p + 1) / PARTS;
        j->places[p] = from + best_of_row(j->sign, to - from, j->x + from);
    }
}

static int64_t best_of_parts(tarn_real sign, const tarn__reduce_plan *r, const tarn_real *x)
{
    int64_t places[PARTS], best = 0;
    tarn__share(PARTS, r->rows, find_parts, &(job){sign, r, x, places, NULL});
    for (int p = 0; p < PARTS && x[best] == x[best]; p++)
        if (!(sign * x[places[p]] <= sign * x[best]))
            best = places[p];
    return best;
}

void tarn__extreme_find(tarn__extreme which, const tarn__reduce_plan *r, const tarn_real *x,
                        int64_t *places, int32_t *rows)
{
    if (r->kept.count == 1 && r->inner == 1 && r->rows >= TARN__SHARE_MIN) {
        const int64_t best = best_of_parts((tarn_real)which, r, x);
        if (places)
            *places = best;
        else
            *rows = (int32_t)best;
        return;
    }
    tarn__share(r->kept.count * blocks_of(r), r->kept.count * r->rows * r->inner, find_blocks,
                &(job){(tarn_real)which, r, x, places, rows});
}

static tarn_tensor *extreme(const tarn_op *op, tarn__extreme which, tarn_tensor *x,
                            tarn_shape shape, tarn__reduce_plan r)
{
    tarn_tensor *result = tarn_op_result(op, shape, x);
    int64_t *places = result ? tarn_op_save(result, (size_t)result->size * sizeof *places) : NULL;
    if (!places)
        return NULL;
    tarn__extreme_find(which, &r, x->values, places, NULL);
    for (int64_t i = 0; i < result->size; i++)
        result->values[i] = x->values[places[i]];
    return result;
}

tarn_tensor *tarn__extreme_of_all(const tarn_op *op, tarn__extreme which, tarn_tensor *x)
{
    if (!x)
        return NULL;
    if (x->size == 0)
        return tarn_fail("%s: input %s is empty: the %s of nothing", op->name,
                         tarn_shape_to_text(x->shape).text, op->name);
    return extreme(op, which, x, tarn_shape(), tarn__reduce_all(x));
}

tarn_tensor *tarn__extreme_of_axis(const tarn_op *op, const char *name, tarn__extreme which,
                                   tarn_tensor *x, int axis)
{
    const int i = x ? tarn__extreme_axis(name, x, axis) : -1;
    return i < 0 ? NULL
                 : extreme(op, which, x, tarn__shape_without(x->shape, i), tarn__reduce_axis(x, i));
}

/* One axis after the other, from the last, so that of equals the first is taken. */
tarn_tensor *tarn__extreme_of_axes(const tarn_op *op, tarn__extreme which, tarn_reduce_args a)
{
    tarn_shape shape;
    tarn__reduce_plan r;
    if (!a.x || !tarn__reduce_axes(op->name, a.x, a.axes, a.keepdims, &shape, &r))
        return NULL;
    tarn_tensor *y = a.x;
    for (int axis = a.x->shape.ndim - 1; y && axis >= 0; axis--)
        for (int i = 0; i < a.axes.count; i++)
            if (a.axes.axis[i] == axis || a.axes.axis[i] + a.x->shape.ndim == axis)
                y = tarn__extreme_of_axis(op, op->name, which, y, axis);
    return a.keepdims ? tarn_reshape(y, shape) : y;
}

void tarn__extreme_backward(const tarn_node *node)
{
    const int64_t *places = node->saved;
    const tarn_real *dy = tarn_gradients(node->output);
    tarn_real *dx = tarn_op_gradient(node->inputs[0]);
    const int64_t count = dx ? node->output->size : 0;
    for (int64_t i = 0; i < count; i++)
        dx[places[i]] += dy[i];
}
