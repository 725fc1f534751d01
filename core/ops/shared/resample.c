#include "core/ops/shared/resample.h"

#include <math.h>
#include <string.h>

#include "core/base/error.h"
#include "core/base/pool.h"

/* One of the two matrices: the taps of row i are those from start[i] to start[i + 1] - 1. */
typedef struct matrix {
    int64_t rows, columns;
    int64_t *start;
    tarn__tap *taps;
} matrix;

/* With room for its numbers; start is NULL when memory runs out. */
static matrix matrix_of(int64_t rows, int64_t columns, int64_t tap_count)
{
    matrix m = {.rows = rows, .columns = columns};
    m.taps = tarn__scratch_take((size_t)tap_count * sizeof *m.taps);
    if (m.taps)
        m.start = tarn__scratch_take((size_t)(rows + 2) * sizeof *m.start);
    return m;
}

int64_t tarn__taps_of_filter(double filter(double distance), int reach, int64_t in, int64_t out,
                             int64_t i, tarn__tap *taps)
{
    const double pixel = in > out ? (double)in / (double)out : 1; /* of the smaller image */
    const double centre = ((double)i + 0.5) * (double)in / (double)out;
    const double first = fmax(0, floor(centre - reach * pixel + 0.5));
    const double end = fmin((double)in, floor(centre + reach * pixel + 0.5));
    double sum = 0;
    int64_t count = 0;
    for (int64_t h = (int64_t)first; h < (int64_t)end; h++) {
        const double weight = filter(fabs((double)h + 0.5 - centre) / pixel);
        if (weight != 0)
            taps[count++] = (tarn__tap){h, weight};
        sum += weight;
    }
    for (int64_t k = 0; k < count; k++)
        taps[k].weight /= sum;
    return count;
}

static matrix forward_matrix(tarn__taps_of *taps_of, int64_t in, int64_t out)
{
    matrix m = matrix_of(out, in, 4 * in + 6 * out);
    for (int64_t i = 0, used = 0; m.start && i <= out; i++) {
        m.start[i] = used;
        used += i < out ? taps_of(in, out, i, m.taps + used) : 0;
    }
    return m;
}

/* The taps of each row stay in order. */
static matrix transpose_of(const matrix *m)
{
    if (!m->start)
        return *m;
    matrix t = matrix_of(m->columns, m->rows, m->start[m->rows]);
    if (!t.start)
        return t;
    /* First the number of taps of row i in start[i + 2]; then where row i starts in start[i + 1],
       which moves to the row's end as it is filled. */
    memset(t.start, 0, (size_t)(t.rows + 2) * sizeof *t.start);
    for (int64_t k = 0; k < m->start[m->rows]; k++)
        t.start[m->taps[k].from + 2]++;
    for (int64_t i = 2; i < t.rows + 2; i++)
        t.start[i] += t.start[i - 1];
    for (int64_t i = 0; i < m->rows; i++)
        for (int64_t k = m->start[i]; k < m->start[i + 1]; k++)
            t.taps[t.start[m->taps[k].from + 1]++] = (tarn__tap){i, m->taps[k].weight};
    return t;
}

typedef struct job {
    const matrix *rows, *columns;
    int64_t c, line_size;
    const tarn_real *x;
    tarn__target y;
    double *lines; /* one for each thread */
} job;

/* Whether row i, of the same taps as the one before, is its copy: every other one, or more, where
   neighbours are taken for a larger image. */
static bool repeats(const matrix *rows, int64_t i)
{
    const int64_t *start = rows->start;
    const tarn__tap *tap = rows->taps;
    return i > 0 && start[i + 1] - start[i] == 1 && start[i] - start[i - 1] == 1 &&
           tap[start[i]].from == tap[start[i - 1]].from &&
           tap[start[i]].weight == tap[start[i - 1]].weight;
}

/* Rows of the result, of all images. */
static void resample_lines(const void *context, int64_t first, int64_t end)
{
    const job *j = context;
    const tarn__kernels *kernels = tarn__kernels_in_use();
    const matrix *rows = j->rows, *columns = j->columns;
    double *line = j->lines + tarn__worker() * j->line_size;
    for (int64_t k = first; k < end; k++) {
        const int64_t image = k / rows->rows, size = columns->rows * j->c;
        tarn_real *to = j->y.values + k * size;
        if (k > first && !j->y.add && repeats(rows, k % rows->rows)) {
            memcpy(to, to - size, (size_t)size * sizeof *to);
            continue;
        }
        const int64_t *start = rows->start + k % rows->rows;
        kernels->resample_rows(rows->taps + start[0], start[1] - start[0], j->line_size,
                               j->x + image * rows->columns * j->line_size, line);
        kernels->resample_pixels(columns->start, columns->taps, columns->rows, j->c, line,
                                 (tarn__target){to, j->y.add});
    }
}

/* False when memory runs out. */
static bool resample(const matrix *rows, const matrix *columns, int64_t n, int64_t c,
                     const tarn_real *x, tarn__target y)
{
    if (!rows->start || !columns->start)
        return false;
    const int64_t line_size = columns->columns * c;
    const int64_t from = rows->columns * line_size, to = rows->rows * columns->rows * c;
    double *lines = tarn__scratch_take((size_t)(tarn__workers() * line_size) * sizeof *lines);
    if (lines)
        tarn__share(n * rows->rows, n * (from > to ? from : to), resample_lines,
                    &(job){rows, columns, c, line_size, x, y, lines});
    return lines;
}

void tarn__resample_backward(const tarn_node *node)
{
    const tarn__resampling *how = (const tarn__resampling *)node->op;
    const int64_t *in = node->inputs[0]->shape.dim, *out = node->output->shape.dim;
    tarn__target dx;
    dx.values = tarn_op_gradient_to_write(node->inputs[0], &dx.add);
    if (!dx.values || node->output->size == 0)
        return;
    tarn__arena_position mark = tarn__scratch_push();
    const matrix rows = forward_matrix(how->taps_of, in[1], out[1]);
    const matrix columns = forward_matrix(how->taps_of, in[2], out[2]);
    const matrix back_rows = transpose_of(&rows), back_columns = transpose_of(&columns);
    resample(&back_rows, &back_columns, in[0], in[3], tarn_gradients(node->output), dx);
    tarn__scratch_pop(mark);
}

bool tarn__resample_check(const char *op, tarn_shape x, int height, int width)
{
    if (x.ndim != 4)
        return tarn_fail("%s: input %s, expects (N,H,W,C)", op, tarn_shape_to_text(x).text);
    if (x.dim[1] < 1 || x.dim[2] < 1)
        return tarn_fail("%s: input %s has no pixels, expects at least one row and column", op,
                         tarn_shape_to_text(x).text);
    if (x.dim[1] > INT32_MAX || x.dim[2] > INT32_MAX)
        return tarn_fail("%s: input %s has more than 2^31 - 1 rows or columns", op,
                         tarn_shape_to_text(x).text);
    if (height < 1 || width < 1)
        return tarn_fail("%s: height %d, width %d, expects at least 1", op, height, width);
    return true;
}

tarn_tensor *tarn__resample(const tarn__resampling *how, tarn_tensor *x, int height, int width)
{
    if (!x || !tarn__resample_check(how->op.name, x->shape, height, width))
        return NULL;
    const int64_t *in = x->shape.dim;
    tarn_tensor *result = tarn_op_result(&how->op, tarn_shape(in[0], height, width, in[3]), x);
    if (!result || result->size == 0)
        return result;
    tarn__arena_position mark = tarn__scratch_push();
    const matrix rows = forward_matrix(how->taps_of, in[1], height);
    const matrix columns = forward_matrix(how->taps_of, in[2], width);
    const bool done =
        resample(&rows, &columns, in[0], in[3], x->values, (tarn__target){result->values, false});
    tarn__scratch_pop(mark);
    return done ? result : NULL;
}

tarn_tensor *tarn__interpolate(const tarn__resampling ways[TARN__INTERPOLATIONS], tarn_tensor *x,
                               int height, int width, bool align_corners, bool antialias)
{
    if (antialias && align_corners)
        return tarn_fail("%s: align_corners and antialias, expects one of them", ways[0].op.name);
    const int way = antialias ? TARN__SMOOTH : align_corners ? TARN__CORNERS : TARN__CENTRES;
    return tarn__resample(&ways[way], x, height, width);
}
