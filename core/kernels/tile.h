/*
 * The register tile, at the bottom of the matrix product and of all three convolutions:
 *
 *     c[r][j] = start[r][j] + sum over t of a[r][t] b[t][j]
 *
 * for a few rows r and a few vectors of columns j, whose sums stay in registers while t runs. Each
 * step loads the vectors of b once and one number of a per row, so that most instructions are
 * fused multiply-adds. b is read straight on, step t being at b + t * b_step. a is read along a
 * walk of three nested loops, which covers a matrix (one loop) as well as the pixels below a
 * convolution kernel.
 */
#ifndef TARN_CORE_KERNELS_TILE_H
#define TARN_CORE_KERNELS_TILE_H

#include "core/kernels/vector.h"

/* How many registers an instruction set has decides the largest tiles: rows x vectors sums, one row
   of vectors of b, one number of a. Measured on each: 6x4, 6x2 and 4x2 are best. */
#if defined __AVX512F__ || defined __aarch64__
enum { MOST_VECTORS = 4 };
static const int most_rows[MOST_VECTORS + 1] = {0, 12, 12, 8, 6};
#elif defined __AVX__
enum { MOST_VECTORS = 2 };
static const int most_rows[MOST_VECTORS + 1] = {0, 12, 6};
#else
enum { MOST_VECTORS = 2 };
static const int most_rows[MOST_VECTORS + 1] = {0, 10, 4};
#endif

/* Columns of the widest tile. */
#define MOST_COLUMNS (MOST_VECTORS * LANES)

typedef struct walk {
    int64_t a_row;                    /* from one row of the tile to the next */
    int64_t outer, a_outer;           /* rounds of the outer loop, and the stride of a */
    int64_t middle, a_middle;         /* the same of the middle loop */
    int64_t inner, a_inner;           /* and of the inner */
    int64_t b_step, c_row, start_row; /* start_row is 0 where all rows start from one bias */
    bool relu;                        /* c = 0 where the sum is <= 0; NaN stays NaN */
} walk;

/* start may be NULL (zero), a bias, or c itself. Only the first last_lanes lanes of the last
   vector of c are written. */
typedef void tile_function(const walk *s, const tarn_real *a, const tarn_real *b, tarn_real *c,
                           const tarn_real *start, int last_lanes);

ALWAYS_INLINE void tile(int rows, int vectors, const walk *s, const tarn_real *a,
                        const tarn_real *b, tarn_real *c, const tarn_real *start, int last_lanes)
{
    const int last = vectors - 1;
    vector sum[12][4];
    UNROLL
    for (int r = 0; r < rows; r++)
        UNROLL
    for (int v = 0; v < vectors; v++)
        sum[r][v] = (vector){0};
    if (start) {
        UNROLL
        for (int r = 0; r < rows; r++) {
            const tarn_real *from = start + r * s->start_row;
            UNROLL
            for (int v = 0; v < last; v++)
                sum[r][v] = load(from + v * LANES);
            sum[r][last] = last_lanes == LANES ? load(from + last * LANES)
                                               : load_part(from + last * LANES, last_lanes);
        }
    }

    const int64_t inner = s->inner, a_inner = s->a_inner, a_row = s->a_row, b_step = s->b_step;
    for (int64_t i = 0; i < s->outer; i++) {
        for (int64_t j = 0; j < s->middle; j++) {
            const tarn_real *at = a + i * s->a_outer + j * s->a_middle;
            for (int64_t k = 0; k < inner; k++) {
                vector row[4];
                UNROLL
                for (int v = 0; v < vectors; v++)
                    row[v] = load(b + v * LANES);
                UNROLL
                for (int r = 0; r < rows; r++) {
                    tarn_real factor = at[r * a_row];
                    UNROLL
                    for (int v = 0; v < vectors; v++)
                        sum[r][v] += factor * row[v];
                }
                at += a_inner;
                b += b_step;
            }
        }
    }

    if (s->relu) {
        UNROLL
        for (int r = 0; r < rows; r++)
            UNROLL
        for (int v = 0; v < vectors; v++)
            sum[r][v] = relu_of(sum[r][v]);
    }
    UNROLL
    for (int r = 0; r < rows; r++) {
        tarn_real *to = c + r * s->c_row;
        UNROLL
        for (int v = 0; v < last; v++)
            store(to + v * LANES, sum[r][v]);
        if (last_lanes == LANES)
            store(to + last * LANES, sum[r][last]);
        else
            store_part(to + last * LANES, sum[r][last], last_lanes);
    }
}

/* One function for each size, so that its loops have constant bounds. */
#define TILE(rows, vectors)                                                                        \
    static void tile_##rows##x##vectors(const walk *s, const tarn_real *a, const tarn_real *b,     \
                                        tarn_real *c, const tarn_real *start, int last_lanes)      \
    {                                                                                              \
        tile(rows, vectors, s, a, b, c, start, last_lanes);                                        \
    }
#define TILES_4(vectors) TILE(1, vectors) TILE(2, vectors) TILE(3, vectors) TILE(4, vectors)
#define TILES_6(vectors) TILES_4(vectors) TILE(5, vectors) TILE(6, vectors)
#define TILES_8(vectors) TILES_6(vectors) TILE(7, vectors) TILE(8, vectors)
#define TILES_10(vectors) TILES_8(vectors) TILE(9, vectors) TILE(10, vectors)
#define TILES_12(vectors) TILES_10(vectors) TILE(11, vectors) TILE(12, vectors)

#define NAMES_4(v) tile_1x##v, tile_2x##v, tile_3x##v, tile_4x##v
#define NAMES_6(v) NAMES_4(v), tile_5x##v, tile_6x##v
#define NAMES_8(v) NAMES_6(v), tile_7x##v, tile_8x##v
#define NAMES_10(v) NAMES_8(v), tile_9x##v, tile_10x##v
#define NAMES_12(v) NAMES_10(v), tile_11x##v, tile_12x##v

/* clang-format off */
#if defined __AVX512F__ || defined __aarch64__
TILES_12(1) TILES_12(2) TILES_8(3) TILES_6(4)
static tile_function *const tiles[MOST_VECTORS][12] = {
    {NAMES_12(1)}, {NAMES_12(2)}, {NAMES_8(3)}, {NAMES_6(4)}};
#elif defined __AVX__
TILES_12(1) TILES_6(2)
static tile_function *const tiles[MOST_VECTORS][12] = {{NAMES_12(1)}, {NAMES_6(2)}};
#else
TILES_10(1) TILES_4(2)
static tile_function *const tiles[MOST_VECTORS][12] = {{NAMES_10(1)}, {NAMES_4(2)}};
#endif
/* clang-format on */

/* Where a panel of at most MOST_COLUMNS columns is cut into tiles. */
typedef struct panel {
    int vectors, last_lanes, rows;
    tile_function *const *functions; /* [rows - 1] */
} panel;

static inline panel panel_of(int64_t columns)
{
    int width = columns < MOST_COLUMNS ? (int)columns : MOST_COLUMNS;
    int vectors = (width + LANES - 1) / LANES;
    return (panel){vectors, width - (vectors - 1) * LANES, most_rows[vectors], tiles[vectors - 1]};
}

/* Runs a panel of count rows as tiles of nearly equal height. */
static inline void run_panel(const panel *p, int64_t count, const walk *s, const tarn_real *a,
                             const tarn_real *b, tarn_real *c, const tarn_real *start)
{
    int64_t tile_count = (count + p->rows - 1) / p->rows;
    for (int64_t t = 0; t < tile_count; t++) {
        int64_t first = count * t / tile_count, end = count * (t + 1) / tile_count;
        p->functions[end - first - 1](s, a + first * s->a_row, b, c + first * s->c_row,
                                      start ? start + first * s->start_row : NULL, p->last_lanes);
    }
}

#endif
