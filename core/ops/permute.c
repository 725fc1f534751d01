/*
 * The dimensions in another order.
 *
 *     y[i_0, i_1, ...] = x[j_0, j_1, ...] with j_(axes[k]) = i_k
 *     dx = dy in the inverse order
 *
 * Dimensions of one element are left out, and those that stay together are one. What remains is
 * cut into planes, rows and columns, the columns being y's last dimension. If it is x's last too,
 * rows are copied; else x's last dimension makes the rows, and planes are turned by tiles, or, if
 * there are few columns, moved one column after the other.
 */
#include "core/base/error.h"
#include "core/base/pool.h"
#include "core/kernels/transpose.h"
#include "core/op_internal.h"
#include "core/ops.h"
#include "core/ops/shared/rows.h"

/* A tile fits the first cache, and its rows are whole cache lines. */
enum { TILE = 32 };

/* How far the next element is in the source and in the destination. */
typedef struct dimension {
    int64_t size, from, to;
} dimension;

typedef struct walk {
    dimension column, row, plane[TARN_MAX_NDIM];
    int plane_ndim;
    int64_t planes;
} walk;

/* The dimensions of y from the last to the first, joined where x goes on evenly. */
static int joined(const tarn_shape *x, const tarn_axes *axes, dimension *out)
{
    int count = 0;
    int64_t to = 1;
    for (int i = x->ndim - 1; i >= 0; i--) {
        const int axis = axes->axis[i];
        dimension d = {x->dim[axis], tarn__size_between(x, axis + 1, x->ndim), to};
        dimension *inner = count ? &out[count - 1] : NULL;
        to *= d.size;
        if (d.size == 1)
            continue;
        if (inner && d.from == inner->from * inner->size)
            inner->size *= d.size;
        else
            out[count++] = d;
    }
    return count;
}

static walk walk_of(const tarn_shape *x, const tarn_axes *axes)
{
    dimension dims[TARN_MAX_NDIM];
    walk w = {.column = {1, 1, 1}, .row = {1, 1, 1}, .planes = 1};
    const int count = joined(x, axes, dims);
    if (count > 0)
        w.column = dims[0];
    int row = 1;
    while (w.column.from != 1 && dims[row].from != 1)
        row++;
    for (int i = 1; i < count; i++)
        if (i == row) {
            w.row = dims[i];
        } else {
            w.plane[w.plane_ndim++] = dims[i];
            w.planes *= dims[i].size;
        }
    return w;
}

/* Columns of the source become rows of the destination; both counts are at most TILE. */
static void turn_tile(int64_t rows, int64_t columns, const tarn_real *from, int64_t from_column,
                      tarn_real *to, int64_t to_row, bool add)
{
    tarn_real tile[TILE][TILE];
    for (int64_t c = 0; c < columns; c += LANES)
        for (int64_t r = 0; r < rows; r += LANES)
            transpose(from + c * from_column + r, from_column, columns - c, &tile[r][c], TILE);
    for (int64_t r = 0; r < rows; r++)
        tarn__copy(columns, tile[r], to + r * to_row, add);
}

/* Some rows of a plane, at most TILE unless columns are few. */
static void move_strip(const walk *w, int64_t rows, const tarn_real *from, tarn_real *to, bool add)
{
    if (w->column.size < TARN__NARROW)
        tarn__copy_columns(rows, w->column.size, from, w->row.from, w->column.from, to, w->row.to,
                           add);
    else if (w->column.from == 1)
        for (int64_t r = 0; r < rows; r++)
            tarn__copy(w->column.size, from + r * w->row.from, to + r * w->row.to, add);
    else
        for (int64_t c = 0; c < w->column.size; c += TILE) {
            const int64_t rest = w->column.size - c;
            turn_tile(rows, rest < TILE ? rest : TILE, from + c * w->column.from, w->column.from,
                      to + c, w->row.to, add);
        }
}

typedef struct job {
    walk w;
    int64_t height, strips; /* rows of a strip; strips of a plane */
    const tarn_real *from;
    tarn_real *to;
    bool add;
} job;

static void move_strips(const void *context, int64_t first, int64_t end)
{
    const job *j = context;
    const walk *w = &j->w;
    for (int64_t k = first; k < end; k++) {
        const int64_t row = k % j->strips * j->height, rest = w->row.size - row;
        int64_t plane = k / j->strips, from_at = row * w->row.from, to_at = row * w->row.to;
        for (int i = 0; i < w->plane_ndim; i++) {
            from_at += plane % w->plane[i].size * w->plane[i].from;
            to_at += plane % w->plane[i].size * w->plane[i].to;
            plane /= w->plane[i].size;
        }
        move_strip(w, rest < j->height ? rest : j->height, j->from + from_at, j->to + to_at,
                   j->add);
    }
}

static void move(tarn_shape shape, const tarn_axes *axes, const tarn_real *from, tarn_real *to,
                 bool add)
{
    const int64_t size = tarn_shape_size(shape);
    if (size == 0)
        return;
    const walk w = walk_of(&shape, axes);
    const int64_t height = w.column.size < TARN__NARROW ? TARN__ROWS : TILE;
    const int64_t strips = (w.row.size + height - 1) / height;
    tarn__share(w.planes * strips, size, move_strips, &(job){w, height, strips, from, to, add});
}

static void permute_backward(const tarn_node *node)
{
    const tarn_axes *axes = node->saved;
    tarn_axes inverse = {.count = axes->count};
    bool add;
    tarn_real *dx = tarn_op_gradient_to_write(node->inputs[0], &add);
    if (!dx)
        return;
    for (int i = 0; i < axes->count; i++)
        inverse.axis[axes->axis[i]] = i;
    move(node->output->shape, &inverse, tarn_gradients(node->output), dx, add);
}

static const tarn_op permute = {"permute", permute_backward};
static const tarn_op transposition = {"transpose", permute_backward};

/* The axes are in order, none negative. */
static tarn_tensor *permuted(const tarn_op *op, tarn_tensor *x, tarn_axes axes)
{
    tarn_shape shape = x->shape;
    for (int i = 0; i < shape.ndim; i++)
        shape.dim[i] = x->shape.dim[axes.axis[i]];
    tarn_tensor *result = tarn_op_result(op, shape, x);
    tarn_axes *saved = result ? tarn_op_save(result, sizeof *saved) : NULL;
    if (!saved)
        return NULL;
    *saved = axes;
    tarn_op_operations(result, 0);
    move(x->shape, saved, x->values, result->values, false);
    return result;
}

tarn_tensor *tarn_permute(tarn_tensor *x, tarn_axes axes)
{
    if (!x || axes.count < 0)
        return NULL; /* tarn_axes() has reported it */
    if (axes.count != x->shape.ndim)
        return tarn_fail("permute: %d axes for input %s, expects each of its axes once", axes.count,
                         tarn_shape_to_text(x->shape).text);
    unsigned seen = 0;
    for (int i = 0; i < axes.count; i++) {
        const int axis = tarn__axis("permute", x, axes.axis[i]);
        if (axis < 0)
            return NULL;
        if (seen & 1u << axis)
            return tarn_fail("permute: axis %d of input %s comes twice, expects each once", axis,
                             tarn_shape_to_text(x->shape).text);
        seen |= 1u << axis;
        axes.axis[i] = axis;
    }
    return permuted(&permute, x, axes);
}

tarn_tensor *tarn_transpose(tarn_tensor *x, int a, int b)
{
    if (!x || (a = tarn__axis("transpose", x, a)) < 0 || (b = tarn__axis("transpose", x, b)) < 0)
        return NULL;
    tarn_axes axes = {.count = x->shape.ndim};
    for (int i = 0; i < axes.count; i++)
        axes.axis[i] = i == a ? b : i == b ? a : i;
    return permuted(&transposition, x, axes);
}
