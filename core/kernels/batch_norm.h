/*
 * What the loops of batch normalization share, and what convolutions take of them to normalize
 * image by image, while it is in the cache.
 *
 * Pixels are folded: so many lie side by side in one row that its width is a multiple of four
 * vectors, and what belongs to a channel is repeated along the row. So few channels fill whole
 * vectors too, and four sums run beside each other, which hides the latency of an addition. Pixels
 * that do not fill a row, fewer than 4 * LANES, are taken one by one.
 *
 * Sums run in registers over a block of rows, and in double from block to block. Rows are cut into
 * parts, whose number does not depend on that of the threads; their sums are added up in order.
 */
#ifndef TARN_CORE_KERNELS_BATCH_NORM_H
#define TARN_CORE_KERNELS_BATCH_NORM_H

#include "core/base/pool.h"
#include "core/kernels/isa.h"
#include "core/kernels/vector.h"

enum {
    NORM_VECTORS = 4,
    NORM_COLUMNS = NORM_VECTORS * LANES,
    NORM_ROWS = 64, /* of a block: 16 KiB of four columns of vectors stay in the L1 cache */
    MOST_NORM_PARTS = 16
};

typedef struct folded {
    int64_t pixels; /* in a row */
    int64_t width;  /* pixels * channels */
    int64_t rows, parts;
    int64_t all, channels, size; /* all: pixels, also those that are left over */
} folded;

static inline folded fold_pixels(int64_t all, int64_t channels)
{
    int64_t pixels = NORM_COLUMNS;
    while (pixels > 1 && channels * (pixels / 2) % NORM_COLUMNS == 0)
        pixels /= 2;
    const int64_t rows = all / pixels, blocks = divide_up(rows, NORM_ROWS);
    return (folded){.pixels = pixels,
                    .width = rows > 0 ? pixels * channels : 0, /* no tables for no rows */
                    .rows = rows,
                    .parts = smaller(blocks, MOST_NORM_PARTS),
                    .all = all,
                    .channels = channels,
                    .size = all * channels};
}

/* ---- The workspace: tables, in which a number for each channel is repeated along a row, then two
   rows of sums for each part. */

enum { NORM_TABLES = 6 };

static inline size_t table_bytes(const folded *f)
{
    return (size_t)f->width * sizeof(tarn_real); /* whole cache lines */
}

static inline size_t norm_workspace(const folded *f)
{
    return NORM_TABLES * table_bytes(f) + (size_t)(2 * f->parts * f->width) * sizeof(double);
}

static inline const tarn_real *repeat(const folded *f, const tarn_real *values, void *workspace,
                                      int table)
{
    tarn_real *to = (tarn_real *)((char *)workspace + (size_t)table * table_bytes(f));
    for (int64_t i = 0; i < f->width; i += f->channels)
        memcpy(to + i, values, (size_t)f->channels * sizeof *to);
    return to;
}

typedef struct norm_sums {
    double *first, *second;
} norm_sums;

static inline norm_sums norm_sums_of_part(const folded *f, void *workspace, int64_t part)
{
    double *sums_of_all = (double *)((char *)workspace + NORM_TABLES * table_bytes(f));
    double *first = sums_of_all + 2 * part * f->width;
    return (norm_sums){first, first + f->width};
}

static inline void clear_sums(norm_sums s, int64_t count)
{
    memset(s.first, 0, (size_t)count * sizeof *s.first);
    memset(s.second, 0, (size_t)count * sizeof *s.second);
}

/* Adds the sums of all parts, in order, to the totals of the channels. */
static inline void add_norm_parts(const folded *f, void *workspace, norm_sums totals)
{
    for (int64_t part = 0; part < f->parts; part++) {
        const norm_sums s = norm_sums_of_part(f, workspace, part);
        for (int64_t i = 0; i < f->width; i += f->channels)
            for (int64_t c = 0; c < f->channels; c++) {
                totals.first[c] += s.first[i + c];
                totals.second[c] += s.second[i + c];
            }
    }
}

/* ---- Where a thread is: a block of rows, and four vectors of columns in it. */

typedef struct norm_block {
    int64_t first, rows;
} norm_block;

/* b goes over the blocks of rows [start, end). */
#define EACH_BLOCK(start, end, b)                                                                  \
    for (norm_block b = {(start), smaller((end) - (start), NORM_ROWS)}; b.rows > 0;                \
         b.first += b.rows, b.rows = smaller((end)-b.first, NORM_ROWS))

static inline int64_t norm_first_row(const folded *f, int64_t part)
{
    return f->rows * part / f->parts;
}

/* at goes over the numbers that are left over, c over their channels. */
#define EACH_LEFT(f, at, c)                                                                        \
    for (int64_t at = (f).rows * (f).width, c = 0; at < (f).size; at++, c = (c + 1) % (f).channels)

ALWAYS_INLINE void load_columns(vector to[NORM_VECTORS], const tarn_real *from)
{
    UNROLLED_FOR (int v = 0; v < NORM_VECTORS; v++)
        to[v] = load(from + v * LANES);
}

ALWAYS_INLINE void store_columns(tarn_real *to, const vector from[NORM_VECTORS])
{
    UNROLLED_FOR (int v = 0; v < NORM_VECTORS; v++)
        store(to + v * LANES, from[v]);
}

/* The numbers of tarn__batch_norm, repeated along a row; and those of four vectors of columns. */
typedef struct map_table {
    const tarn_real *centre, *scale, *shift;
} map_table;

typedef struct map_columns {
    vector centre[NORM_VECTORS], scale[NORM_VECTORS], shift[NORM_VECTORS];
} map_columns;

static inline map_table repeat_map(const folded *f, const tarn__batch_norm *s, void *workspace)
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

/* ---- Statistics of rows that are being written, part by part */

typedef struct rows_to_sum {
    const folded *f;
    const tarn_real *x, *origin; /* origin: as a table */
    norm_sums to;
    int64_t next, end; /* of the part's rows, those that are still to be summed */
} rows_to_sum;

/* The functions below by names that the formatter reads as names. */
#define begin_statistics ISA(begin_statistics)
#define sum_written_rows ISA(sum_written_rows)
#define finish_statistics ISA(finish_statistics)
#define norm_gradient_tables ISA(norm_gradient_tables)
#define norm_gradient_of_image ISA(norm_gradient_of_image)

/* The part's sums, of none yet. */
rows_to_sum begin_statistics(const folded *f, const tarn_real *x, const tarn_real *origin,
                             void *workspace, int64_t part);

/* Adds the blocks of the part that lie before row `ready`: in the same order, and so with the same
   bits, however often it is called. */
void sum_written_rows(rows_to_sum *r, int64_t ready);

/* As batch_norm_statistics(), from the sums of all parts. */
void finish_statistics(const folded *f, const tarn_real *x, double *distance, double *variance,
                       void *workspace);

/* ---- The gradient, image by image */

typedef struct back_table {
    const tarn_real *of_dy, *of_x, *constant;
} back_table;

/* Where the tables of a convolution's gradient stand: of the folded pixels of one image. */
typedef struct norm_tables {
    folded f;
    map_table map;
    back_table back;
} norm_tables;

norm_tables norm_gradient_tables(int64_t pixels, const tarn__norm_behind *n, void *workspace);

/* dx of image i, and its gradient to the skip. */
void norm_gradient_of_image(const norm_tables *t, const tarn__norm_behind *n, int64_t i,
                            const tarn_real *dy, tarn_real *dx);

#endif
