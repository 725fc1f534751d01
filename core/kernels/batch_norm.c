/*
 * Batch normalization of pixels x channels numbers, see kernels.h: the statistics, the affine map
 * that normalizes, and the two passes of its gradient. All are bound by memory.
 *
 * Pixels are folded: so many lie side by side in one row that its width is a multiple of four
 * vectors, and what belongs to a channel is repeated along the row. So few channels fill whole
 * vectors too, and four sums run beside each other, which hides the latency of an addition. Pixels
 * that do not fill a row, fewer than 4 * LANES, are taken one by one.
 *
 * Sums run in registers over a block of rows, and in double from block to block. Rows are cut into
 * parts, whose number does not depend on that of the threads; their sums are added up in order.
 */
#include "core/base/pool.h"
#include "core/kernels/isa.h"
#include "core/kernels/vector.h"

enum {
    VECTORS = 4,
    COLUMNS = VECTORS * LANES,
    ROWS = 64, /* of a block: 16 KiB of four columns of vectors stay in the L1 cache */
    MOST_PARTS = 16
};

typedef struct folded {
    int64_t pixels; /* in a row */
    int64_t width;  /* pixels * channels */
    int64_t rows, parts;
    int64_t channels, size; /* of all, also of what is left over */
} folded;

static folded fold(const tarn__batch_norm *s)
{
    int64_t pixels = COLUMNS;
    while (pixels > 1 && s->channels * (pixels / 2) % COLUMNS == 0)
        pixels /= 2;
    int64_t rows = s->pixels / pixels, blocks = (rows + ROWS - 1) / ROWS;
    return (folded){.pixels = pixels,
                    .width = rows > 0 ? pixels * s->channels : 0, /* no tables for no rows */
                    .rows = rows,
                    .parts = blocks < MOST_PARTS ? blocks : MOST_PARTS,
                    .channels = s->channels,
                    .size = s->pixels * s->channels};
}

/* ---- The workspace: tables, in which a number for each channel is repeated along a row, then two
   rows of sums for each part. */

enum { TABLES = 6 };

static size_t table_bytes(const folded *f)
{
    return (size_t)f->width * sizeof(tarn_real); /* whole cache lines */
}

size_t ISA(batch_norm_workspace)(const tarn__batch_norm *s)
{
    const folded f = fold(s);
    return TABLES * table_bytes(&f) + (size_t)(2 * f.parts * f.width) * sizeof(double);
}

static const tarn_real *repeat(const folded *f, const tarn_real *values, void *workspace, int table)
{
    tarn_real *to = (tarn_real *)((char *)workspace + (size_t)table * table_bytes(f));
    for (int64_t i = 0; i < f->width; i += f->channels)
        memcpy(to + i, values, (size_t)f->channels * sizeof *to);
    return to;
}

typedef struct sums {
    double *first, *second;
} sums;

static sums sums_of_part(const folded *f, void *workspace, int64_t part)
{
    double *sums_of_all = (double *)((char *)workspace + TABLES * table_bytes(f));
    double *first = sums_of_all + 2 * part * f->width;
    return (sums){first, first + f->width};
}

static void clear(sums s, int64_t count)
{
    memset(s.first, 0, (size_t)count * sizeof *s.first);
    memset(s.second, 0, (size_t)count * sizeof *s.second);
}

/* Adds the sums of all parts, in order, to the totals of the channels. */
static void add_parts(const folded *f, void *workspace, sums totals)
{
    for (int64_t part = 0; part < f->parts; part++) {
        const sums s = sums_of_part(f, workspace, part);
        for (int64_t i = 0; i < f->width; i += f->channels)
            for (int64_t c = 0; c < f->channels; c++) {
                totals.first[c] += s.first[i + c];
                totals.second[c] += s.second[i + c];
            }
    }
}

/* ---- Where a thread is: a block of rows, and four vectors of columns in it. */

typedef struct block {
    int64_t first, rows;
} block;

/* b goes over the blocks of the part. */
#define EACH_BLOCK(f, part, b)                                                                     \
    for (block b = {.first = (f)->rows * (part) / (f)->parts, .rows = ROWS};                       \
         next_block(f, part, &b); b.first += ROWS)

static bool next_block(const folded *f, int64_t part, block *b)
{
    int64_t left = f->rows * (part + 1) / f->parts - b->first;
    b->rows = left < ROWS ? left : ROWS;
    return left > 0;
}

/* at goes over the numbers that are left over, c over their channels. */
#define EACH_LEFT(f, at, c)                                                                        \
    for (int64_t at = (f).rows * (f).width, c = 0; at < (f).size; at++, c = (c + 1) % (f).channels)

ALWAYS_INLINE void load_columns(vector to[VECTORS], const tarn_real *from)
{
    UNROLLED_FOR (int v = 0; v < VECTORS; v++)
        to[v] = load(from + v * LANES);
}

ALWAYS_INLINE void store_columns(tarn_real *to, const vector from[VECTORS])
{
    UNROLLED_FOR (int v = 0; v < VECTORS; v++)
        store(to + v * LANES, from[v]);
}

/* v where decides is above 0 or NaN, else 0. */
ALWAYS_INLINE vector pass_where(vector decides, vector v)
{
    return (vector)((lanes)v & ~(decides <= 0));
}

/* ---- What threads do, some parts each. */

/* The numbers of tarn__batch_norm, repeated along a row; and those of four vectors of columns. */
typedef struct map_table {
    const tarn_real *centre, *scale, *shift;
} map_table;

typedef struct map_columns {
    vector centre[VECTORS], scale[VECTORS], shift[VECTORS];
} map_columns;

typedef struct back_table {
    const tarn_real *of_dy, *of_x, *constant;
} back_table;

typedef struct job {
    const folded *f;
    const tarn_real *x, *dy;
    const tarn_real *origin; /* of the statistics */
    map_table table;
    bool relu;
    back_table back;
    tarn_real *y;
    tarn__target dx;
    void *workspace;
} job;

static void share_parts(const folded *f, tarn__work *work, const job *j)
{
    tarn__share(f->parts, f->size, work, j);
}

/* ---- Statistics */

/* Adds the sums of x - origin and of its square over a block. Two passes, of which the second finds
   the block in the L1 cache: around the mean of the block both sums are exact to rounding, wherever
   that mean is, and can be moved to the origin in double. */
static void sum_block(const folded *f, const block *b, int64_t j, const tarn_real *x,
                      const tarn_real *origin, sums to)
{
    const tarn_real *from = x + b->first * f->width + j;
    vector mean[VECTORS] = {{0}}, sum[VECTORS] = {{0}}, square[VECTORS] = {{0}};
    for (int64_t r = 0; r < b->rows; r++)
        UNROLLED_FOR (int v = 0; v < VECTORS; v++)
            mean[v] += load(from + r * f->width + v * LANES);
    UNROLLED_FOR (int v = 0; v < VECTORS; v++)
        mean[v] /= (tarn_real)b->rows;
    for (int64_t r = 0; r < b->rows; r++)
        UNROLLED_FOR (int v = 0; v < VECTORS; v++) {
            vector d = load(from + r * f->width + v * LANES) - mean[v];
            sum[v] += d;
            square[v] += d * d;
        }
    tarn_real mean_of_column[COLUMNS], sum_of_column[COLUMNS], square_of_column[COLUMNS];
    store_columns(mean_of_column, mean);
    store_columns(sum_of_column, sum);
    store_columns(square_of_column, square);
    for (int i = 0; i < COLUMNS; i++) {
        double move = (double)mean_of_column[i] - (double)origin[j + i];
        double d_sum = (double)sum_of_column[i], moved = move * (double)b->rows;
        to.first[j + i] += d_sum + moved;
        to.second[j + i] += (double)square_of_column[i] + move * (2 * d_sum + moved);
    }
}

static void sum_parts(const void *context, int64_t first, int64_t end)
{
    const job *j = context;
    const folded *f = j->f;
    for (int64_t part = first; part < end; part++) {
        const sums to = sums_of_part(f, j->workspace, part);
        clear(to, f->width);
        EACH_BLOCK (f, part, b)
            for (int64_t column = 0; column < f->width; column += COLUMNS)
                sum_block(f, &b, column, j->x, j->origin, to);
    }
}

/* Around the first pixel, so that a mean far from 0 costs no digits. */
void ISA(batch_norm_statistics)(const tarn__batch_norm *s, const tarn_real *x, double *distance,
                                double *variance, void *workspace)
{
    const folded f = fold(s);
    const tarn_real *origin = repeat(&f, x, workspace, 0);
    share_parts(&f, sum_parts, &(job){.f = &f, .x = x, .origin = origin, .workspace = workspace});
    const sums total = {distance, variance};
    clear(total, s->channels);
    add_parts(&f, workspace, total);
    EACH_LEFT (f, at, c) {
        double d = (double)x[at] - (double)x[c];
        distance[c] += d;
        variance[c] += d * d;
    }
    for (int64_t c = 0; c < s->channels; c++) {
        double d = distance[c] / (double)s->pixels;
        distance[c] = d;
        variance[c] = variance[c] / (double)s->pixels - d * d;
    }
}

/* ---- Normalization */

static map_table repeat_map(const folded *f, const tarn__batch_norm *s, void *workspace)
{
    return (map_table){repeat(f, s->centre, workspace, 0), repeat(f, s->scale, workspace, 1),
                       repeat(f, s->shift, workspace, 2)};
}

ALWAYS_INLINE void load_map(map_columns *to, const map_table *from, int64_t j)
{
    load_columns(to->centre, from->centre + j);
    load_columns(to->scale, from->scale + j);
    load_columns(to->shift, from->shift + j);
}

static void map_block(const folded *f, const block *b, int64_t j, const map_table *table, bool relu,
                      const tarn_real *x, tarn_real *y)
{
    map_columns map;
    load_map(&map, table, j);
    for (int64_t r = b->first; r < b->first + b->rows; r++)
        UNROLLED_FOR (int v = 0; v < VECTORS; v++) {
            const int64_t at = r * f->width + j + v * LANES;
            vector out = (load(x + at) - map.centre[v]) * map.scale[v] + map.shift[v];
            store(y + at, relu ? relu_of(out) : out);
        }
}

static void map_parts(const void *context, int64_t first, int64_t end)
{
    const job *j = context;
    for (int64_t part = first; part < end; part++)
        EACH_BLOCK (j->f, part, b)
            for (int64_t column = 0; column < j->f->width; column += COLUMNS)
                map_block(j->f, &b, column, &j->table, j->relu, j->x, j->y);
}

void ISA(batch_norm_forward)(const tarn__batch_norm *s, const tarn_real *x, tarn_real *y,
                             void *workspace)
{
    const folded f = fold(s);
    const map_table table = repeat_map(&f, s, workspace);
    share_parts(&f, map_parts, &(job){.f = &f, .x = x, .table = table, .relu = s->relu, .y = y});
    EACH_LEFT (f, at, c) {
        tarn_real out = (x[at] - s->centre[c]) * s->scale[c] + s->shift[c];
        y[at] = s->relu && out <= 0 ? 0 : out;
    }
}

/* ---- Gradients. What ReLU let through is computed again from x, which is read anyway. */

/* dy, or 0 where ReLU did not let the number pass whose distance from the centre is d. */
ALWAYS_INLINE vector passed(vector dy, vector d, const map_columns *map, int v, bool relu)
{
    return relu ? pass_where(d * map->scale[v] + map->shift[v], dy) : dy;
}

static tarn_real passed_one(tarn_real dy, tarn_real d, const tarn__batch_norm *s, int64_t c)
{
    return s->relu && d * s->scale[c] + s->shift[c] <= 0 ? 0 : dy;
}

static void sum_gradient_block(const folded *f, const block *b, int64_t j, const map_table *table,
                               bool relu, const tarn_real *x, const tarn_real *dy, sums to)
{
    vector sum[VECTORS] = {{0}}, product[VECTORS] = {{0}};
    map_columns map;
    load_map(&map, table, j);
    for (int64_t r = b->first; r < b->first + b->rows; r++)
        UNROLLED_FOR (int v = 0; v < VECTORS; v++) {
            const int64_t at = r * f->width + j + v * LANES;
            vector d = load(x + at) - map.centre[v];
            vector g = passed(load(dy + at), d, &map, v, relu);
            sum[v] += g;
            product[v] += g * d;
        }
    tarn_real sum_of_column[COLUMNS], product_of_column[COLUMNS];
    store_columns(sum_of_column, sum);
    store_columns(product_of_column, product);
    for (int i = 0; i < COLUMNS; i++) {
        to.first[j + i] += (double)sum_of_column[i];
        to.second[j + i] += (double)product_of_column[i];
    }
}

static void sum_gradient_parts(const void *context, int64_t first, int64_t end)
{
    const job *j = context;
    const folded *f = j->f;
    for (int64_t part = first; part < end; part++) {
        const sums to = sums_of_part(f, j->workspace, part);
        clear(to, f->width);
        EACH_BLOCK (f, part, b)
            for (int64_t column = 0; column < f->width; column += COLUMNS)
                sum_gradient_block(f, &b, column, &j->table, j->relu, j->x, j->dy, to);
    }
}

void ISA(batch_norm_gradient_sums)(const tarn__batch_norm *s, const tarn_real *x,
                                   const tarn_real *dy, double *sum, double *product,
                                   void *workspace)
{
    const folded f = fold(s);
    const map_table table = repeat_map(&f, s, workspace);
    share_parts(
        &f, sum_gradient_parts,
        &(job){.f = &f, .x = x, .dy = dy, .table = table, .relu = s->relu, .workspace = workspace});
    const sums total = {sum, product};
    clear(total, s->channels);
    add_parts(&f, workspace, total);
    EACH_LEFT (f, at, c) {
        tarn_real d = x[at] - s->centre[c], g = passed_one(dy[at], d, s, c);
        sum[c] += (double)g;
        product[c] += (double)g * (double)d;
    }
}

static void gradient_block(const folded *f, const block *b, int64_t j, const map_table *table,
                           bool relu, const back_table *back, const tarn_real *x,
                           const tarn_real *dy, tarn__target dx)
{
    vector of_dy[VECTORS], of_x[VECTORS] = {{0}}, constant[VECTORS] = {{0}};
    map_columns map;
    load_map(&map, table, j);
    load_columns(of_dy, back->of_dy + j);
    if (back->of_x) {
        load_columns(of_x, back->of_x + j);
        load_columns(constant, back->constant + j);
    }
    for (int64_t r = b->first; r < b->first + b->rows; r++)
        UNROLLED_FOR (int v = 0; v < VECTORS; v++) {
            const int64_t at = r * f->width + j + v * LANES;
            vector d = load(x + at) - map.centre[v];
            vector g = passed(load(dy + at), d, &map, v, relu);
            vector out = g * of_dy[v];
            if (back->of_x)
                out += d * of_x[v] + constant[v];
            if (dx.add)
                out += load(dx.values + at);
            store(dx.values + at, out);
        }
}

static void gradient_parts(const void *context, int64_t first, int64_t end)
{
    const job *j = context;
    for (int64_t part = first; part < end; part++)
        EACH_BLOCK (j->f, part, b)
            for (int64_t column = 0; column < j->f->width; column += COLUMNS)
                gradient_block(j->f, &b, column, &j->table, j->relu, &j->back, j->x, j->dy, j->dx);
}

void ISA(batch_norm_input_gradient)(const tarn__batch_norm *s, const tarn__batch_norm_back *back,
                                    const tarn_real *x, const tarn_real *dy, tarn__target dx,
                                    void *workspace)
{
    const folded f = fold(s);
    const map_table table = repeat_map(&f, s, workspace);
    back_table factors = {.of_dy = repeat(&f, back->of_dy, workspace, 3)};
    if (back->of_x) {
        factors.of_x = repeat(&f, back->of_x, workspace, 4);
        factors.constant = repeat(&f, back->constant, workspace, 5);
    }
    share_parts(
        &f, gradient_parts,
        &(job){
            .f = &f, .x = x, .dy = dy, .table = table, .relu = s->relu, .back = factors, .dx = dx});
    EACH_LEFT (f, at, c) {
        tarn_real d = x[at] - s->centre[c];
        tarn_real out = passed_one(dy[at], d, s, c) * back->of_dy[c];
        if (back->of_x)
            out += d * back->of_x[c] + back->constant[c];
        dx.values[at] = dx.add ? dx.values[at] + out : out;
    }
}
