/*
 * Batch normalization of pixels x channels numbers, see kernels.h: the statistics and the affine
 * map that normalizes. Both are bound by memory. core/kernels/batch_norm.h says how the numbers are
 * divided, core/kernels/batch_norm_gradient.c has the gradient.
 */
#include "core/kernels/batch_norm.h"

size_t ISA(batch_norm_workspace)(const tarn__batch_norm *s)
{
    const folded f = fold_pixels(s->pixels, s->channels);
    return norm_workspace(&f);
}

/* ---- Statistics */

/* Adds the sums of x - origin and of its square over a block. Two passes, of which the second finds
   the block in the L1 cache: around the mean of the block both sums are exact to rounding, wherever
   that mean is, and can be moved to the origin in double. */
static void sum_block(const folded *f, const norm_block *b, int64_t j, const tarn_real *x,
                      const tarn_real *origin, norm_sums to)
{
    const tarn_real *from = x + b->first * f->width + j;
    vector mean[NORM_VECTORS] = {{0}}, sum[NORM_VECTORS] = {{0}}, square[NORM_VECTORS] = {{0}};
    for (int64_t r = 0; r < b->rows; r++)
        UNROLLED_FOR (int v = 0; v < NORM_VECTORS; v++)
            mean[v] += load(from + r * f->width + v * LANES);
    UNROLLED_FOR (int v = 0; v < NORM_VECTORS; v++)
        mean[v] /= (tarn_real)b->rows;
    for (int64_t r = 0; r < b->rows; r++)
        UNROLLED_FOR (int v = 0; v < NORM_VECTORS; v++) {
            vector d = load(from + r * f->width + v * LANES) - mean[v];
            sum[v] += d;
            square[v] += d * d;
        }
    tarn_real mean_of_column[NORM_COLUMNS], sum_of_column[NORM_COLUMNS],
        square_of_column[NORM_COLUMNS];
    store_columns(mean_of_column, mean);
    store_columns(sum_of_column, sum);
    store_columns(square_of_column, square);
    for (int i = 0; i < NORM_COLUMNS; i++) {
        double move = (double)mean_of_column[i] - (double)origin[j + i];
        double d_sum = (double)sum_of_column[i], moved = move * (double)b->rows;
        to.first[j + i] += d_sum + moved;
        to.second[j + i] += (double)square_of_column[i] + move * (2 * d_sum + moved);
    }
}

rows_to_sum begin_statistics(const folded *f, const tarn_real *x, const tarn_real *origin,
                             void *workspace, int64_t part)
{
    const norm_sums to = norm_sums_of_part(f, workspace, part);
    clear_sums(to, f->width);
    return (rows_to_sum){f, x, origin, to, norm_first_row(f, part), norm_first_row(f, part + 1)};
}

void sum_written_rows(rows_to_sum *r, int64_t ready)
{
    EACH_BLOCK (r->next, r->end, b) {
        if (b.first + b.rows > ready)
            return;
        for (int64_t column = 0; column < r->f->width; column += NORM_COLUMNS)
            sum_block(r->f, &b, column, r->x, r->origin, r->to);
        r->next = b.first + b.rows;
    }
}

void finish_statistics(const folded *f, const tarn_real *x, double *distance, double *variance,
                       void *workspace)
{
    const norm_sums total = {distance, variance};
    const double pixels = (double)f->all;
    clear_sums(total, f->channels);
    add_norm_parts(f, workspace, total);
    EACH_LEFT (*f, at, c) {
        double d = (double)x[at] - (double)x[c];
        distance[c] += d;
        variance[c] += d * d;
    }
    for (int64_t c = 0; c < f->channels; c++) {
        double d = distance[c] / pixels;
        distance[c] = d;
        variance[c] = variance[c] / pixels - d * d;
    }
}

/* What threads do, some parts each. */
typedef struct job {
    const folded *f;
    const tarn__batch_norm *s;
    const tarn_real *x, *origin; /* origin: of the statistics */
    map_table table;
    tarn_real *y;
    void *workspace;
} job;

static void sum_parts(const void *context, int64_t first, int64_t end)
{
    const job *j = context;
    for (int64_t part = first; part < end; part++) {
        rows_to_sum r = begin_statistics(j->f, j->x, j->origin, j->workspace, part);
        sum_written_rows(&r, r.end);
    }
}

/* Around the first pixel, so that a mean far from 0 costs no digits. */
void ISA(batch_norm_statistics)(const tarn__batch_norm *s, const tarn_real *x, double *distance,
                                double *variance, void *workspace)
{
    const folded f = fold_pixels(s->pixels, s->channels);
    const tarn_real *origin = repeat(&f, x, workspace, 0);
    tarn__share(f.parts, f.size, sum_parts,
                &(job){.f = &f, .x = x, .origin = origin, .workspace = workspace});
    finish_statistics(&f, x, distance, variance, workspace);
}

/* ---- Normalization */

static void map_block(const job *j, const norm_block *b, int64_t column)
{
    const int64_t width = j->f->width;
    const tarn_real *x = j->x, *skip = j->s->skip;
    const bool relu = j->s->relu;
    tarn_real *y = j->y;
    map_columns map;
    load_map(&map, &j->table, column);
    for (int64_t r = b->first; r < b->first + b->rows; r++)
        UNROLLED_FOR (int v = 0; v < NORM_VECTORS; v++) {
            const int64_t at = r * width + column + v * LANES;
            vector out = (load(x + at) - map.centre[v]) * map.scale[v] + map.shift[v];
            if (skip)
                out += load(skip + at);
            store(y + at, relu ? relu_of(out) : out);
        }
}

static void map_parts(const void *context, int64_t first, int64_t end)
{
    const job *j = context;
    for (int64_t part = first; part < end; part++)
        EACH_BLOCK (norm_first_row(j->f, part), norm_first_row(j->f, part + 1), b)
            for (int64_t column = 0; column < j->f->width; column += NORM_COLUMNS)
                map_block(j, &b, column);
}

void ISA(batch_norm_forward)(const tarn__batch_norm *s, const tarn_real *x, tarn_real *y,
                             void *workspace)
{
    const folded f = fold_pixels(s->pixels, s->channels);
    const map_table table = repeat_map(&f, s, workspace);
    tarn__share(f.parts, f.size, map_parts,
                &(job){.f = &f, .s = s, .x = x, .table = table, .y = y});
    EACH_LEFT (f, at, c) {
        tarn_real out = (x[at] - s->centre[c]) * s->scale[c] + s->shift[c];
        if (s->skip)
            out += s->skip[at];
        y[at] = s->relu && out <= 0 ? 0 : out;
    }
}
