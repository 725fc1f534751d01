/*
 * The register tile, at the bottom of the matrix product and of most convolutions:
 *
 *     c[r][j] = start[r][j] + sum over t of a[r][t] b[t][j]
 *
 * for a few rows r and a few vectors of columns j, whose sums stay in registers while t runs. Each
 * step loads the vectors of b once and one number of a per row, so that most instructions are
 * fused multiply-adds. Both are read along a walk of three nested loops, which covers a matrix (one
 * loop) as well as the pixels below a convolution kernel.
 *
 * Or a and b hold pairs of bfloat16 numbers in the place of numbers (core/kernels/pairs.h), and
 *
 *     a[r][t] b[t][j] = the sum of both products
 *
 * in tiles that are compiled from the same source, for AVX-512 with VDPBF16PS. On AMD's processors
 * it takes as long as a multiply-add, so that a product takes half the time. On Intel's AMX
 * computes a panel of pairs as a whole (core/kernels/amx.c).
 */
#ifndef TARN_CORE_KERNELS_TILE_H
#define TARN_CORE_KERNELS_TILE_H

#include "core/kernels/isa.h"
#include "core/kernels/vector.h"

/* How many registers an instruction set has decides the largest tiles: rows x vectors sums, one row
   of vectors of b, one number of a. Measured on each: 6x4, 6x2 and 4x2 are best. MOST_ROWS: of one
   vector where that many divide the rows, as they do those of Winograd's patches; tiles of each
   size between would be code for little. */
#if defined __AVX512F__ || defined __aarch64__
enum { MOST_VECTORS = 4, MOST_ROWS = 16 };
static const int most_rows[MOST_VECTORS + 1] = {0, 12, 12, 8, 6};
#elif defined __AVX__
enum { MOST_VECTORS = 2, MOST_ROWS = 12 };
static const int most_rows[MOST_VECTORS + 1] = {0, 12, 6};
#else
enum { MOST_VECTORS = 2, MOST_ROWS = 10 };
static const int most_rows[MOST_VECTORS + 1] = {0, 10, 4};
#endif

/* Columns of the widest tile. */
#define MOST_COLUMNS (MOST_VECTORS * LANES)

typedef struct walk {
    int64_t outer, middle, inner;       /* rounds of the three loops */
    int64_t a_outer, a_middle, a_inner; /* what a round adds to the place in a, */
    int64_t b_outer, b_middle, b_inner; /* and to that in b */
    int64_t a_row, c_row;               /* from one row of the tile to the next */
    int64_t start_row;                  /* 0 where all rows start from one bias */
    bool relu;                          /* c = 0 where the sum is <= 0; NaN stays NaN */
} walk;

/* start may be NULL (zero), a bias, or c itself. Only the first last_lanes lanes of the last
   vector of c are written. */
typedef void tile_function(const walk *s, const tarn_real *a, const tarn_real *b, tarn_real *c,
                           const tarn_real *start, int last_lanes);

/* [vectors - 1][rows - 1], see tile.c. */
extern tile_function *const ISA(tiles)[MOST_VECTORS][MOST_ROWS];

/* A panel by other means than tiles. Of a, a_inner or a_row is 1. */
typedef void panel_function(const walk *s, int64_t rows, int64_t columns, const tarn_real *a,
                            const tarn_real *b, tarn_real *c, const tarn_real *start);

#if defined TARN_HAS_PAIRS && defined __AVX512F__
extern panel_function *tarn__panel_of_pairs; /* of AMX, where it is used; else NULL */
#define PANEL_OF_PAIRS tarn__panel_of_pairs
extern tile_function *const tarn__tiles_avx512bf16[MOST_VECTORS][MOST_ROWS];
#define TILES_OF_PAIRS tarn__tiles_avx512bf16
#else
#define TILES_OF_PAIRS ISA(tiles) /* no one asks */
#define PANEL_OF_PAIRS (panel_function *)NULL
#endif

/* Where a panel of at most MOST_COLUMNS columns is cut into tiles: so many of nearly equal height,
   the first ones a row higher. To be made once for all panels of a size, as it divides. */
typedef struct panel {
    panel_function *whole; /* or NULL: in tiles */
    int64_t rows, columns;
    int last_lanes;
    int64_t tiles, higher, height;
    tile_function *const *functions; /* [rows - 1] */
} panel;

static inline panel panel_of(int64_t columns, int64_t rows, bool pairs)
{
    int width = columns < MOST_COLUMNS ? (int)columns : MOST_COLUMNS;
    int vectors = (width + LANES - 1) / LANES;
    const bool whole = vectors == 1 && rows % MOST_ROWS == 0;
    const int64_t tiles = divide_up(rows, whole ? MOST_ROWS : most_rows[vectors]);
    const int64_t height = tiles > 0 ? rows / tiles : 0;
    return (panel){pairs ? PANEL_OF_PAIRS : NULL,
                   rows,
                   width,
                   width - (vectors - 1) * LANES,
                   tiles,
                   rows - height * tiles,
                   height,
                   pairs ? TILES_OF_PAIRS[vectors - 1] : ISA(tiles)[vectors - 1]};
}

/* Runs all tiles of a panel. */
static inline void run_panel(const panel *p, const walk *s, const tarn_real *a, const tarn_real *b,
                             tarn_real *c, const tarn_real *start)
{
    if (p->whole) {
        p->whole(s, p->rows, p->columns, a, b, c, start);
        return;
    }
    for (int64_t t = 0; t < p->tiles; t++) {
        const int64_t rows = p->height + (t < p->higher);
        p->functions[rows - 1](s, a, b, c, start, p->last_lanes);
        a += rows * s->a_row;
        c += rows * s->c_row;
        if (start)
            start += rows * s->start_row;
    }
}

#endif
