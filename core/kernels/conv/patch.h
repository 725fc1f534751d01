/*
 * The other register tile: patches instead of columns. Where only few pixels have a gradient, as
 * behind a max_pool2d, each meets one patch of the image under the kernel:
 *
 *     to[r][i] += sum over t of factor[t] from[index[t] unit][r][i]     r: kernel rows, i: (q, c)
 *
 * For the weight gradient of an output channel, the terms are the pixels that have a gradient, from
 * the patches of the image below them, to the weights. For the input gradient at a pixel, the terms
 * are its output channels, from their weights, to the patch of the image.
 *
 * A patch that is too large for the registers is cut into blocks of rows x vectors.
 */
#ifndef TARN_CORE_KERNELS_CONV_PATCH_H
#define TARN_CORE_KERNELS_CONV_PATCH_H

#include "core/kernels/vector.h"

typedef struct term {
    tarn_real factor;
    int32_t index;
} term;

/* Sums that stay in registers, beside one for the factor. */
#if defined __AVX512F__ || defined __aarch64__
enum { MOST_SUMS = 24 };
#else
enum { MOST_SUMS = 12 };
#endif

/* The sizes that there are functions for: five rows of one or two vectors, three of more. */
enum { MOST_PATCH_ROWS = 5, MOST_WIDE_PATCH_ROWS = 3, MOST_PATCH_VECTORS = 6 };

/* Of the last vector of each row, only the lanes set in last are added to. */
typedef void patch_function(const term *terms, int64_t count, const tarn_real *from, int64_t unit,
                            int64_t from_row, tarn_real *to, int64_t to_row, lanes last);

ALWAYS_INLINE void patch(int rows, int vectors, const term *terms, int64_t count,
                         const tarn_real *from, int64_t unit, int64_t from_row, tarn_real *to,
                         int64_t to_row, lanes last)
{
    vector sum[MOST_PATCH_ROWS][MOST_PATCH_VECTORS];
    UNROLLED_FOR (int r = 0; r < rows; r++)
        UNROLLED_FOR (int v = 0; v < vectors; v++)
            sum[r][v] = (vector){0};

    for (int64_t t = 0; t < count; t++) {
        const tarn_real *at = from + terms[t].index * unit;
        const vector factor = broadcast(terms[t].factor);
        UNROLLED_FOR (int r = 0; r < rows; r++)
            UNROLLED_FOR (int v = 0; v < vectors; v++)
                sum[r][v] += factor * load(at + r * from_row + v * LANES);
    }

    UNROLLED_FOR (int r = 0; r < rows; r++) {
        tarn_real *at = to + r * to_row;
        sum[r][vectors - 1] = (vector)((lanes)sum[r][vectors - 1] & last);
        UNROLLED_FOR (int v = 0; v < vectors; v++)
            store(at + v * LANES, load(at + v * LANES) + sum[r][v]);
    }
}

/* One function for each size, so that its loops have constant bounds. */
#define PATCH(rows, vectors)                                                                       \
    static void patch_##rows##x##vectors(const term *terms, int64_t count, const tarn_real *from,  \
                                         int64_t unit, int64_t from_row, tarn_real *to,            \
                                         int64_t to_row, lanes last)                               \
    {                                                                                              \
        patch(rows, vectors, terms, count, from, unit, from_row, to, to_row, last);                \
    }

/* clang-format off */
#define PATCHES_2(v) PATCH(1, v) PATCH(2, v)
#define PATCHES_3(v) PATCHES_2(v) PATCH(3, v)
#define PATCHES_4(v) PATCHES_3(v) PATCH(4, v)
#define PATCHES_5(v) PATCHES_4(v) PATCH(5, v)
#define PATCH_NAMES_2(v) patch_1x##v, patch_2x##v
#define PATCH_NAMES_3(v) PATCH_NAMES_2(v), patch_3x##v
#define PATCH_NAMES_4(v) PATCH_NAMES_3(v), patch_4x##v
#define PATCH_NAMES_5(v) PATCH_NAMES_4(v), patch_5x##v
#if defined __AVX512F__ || defined __aarch64__
PATCHES_5(1) PATCHES_5(2) PATCHES_3(3) PATCHES_3(4) PATCHES_3(5) PATCHES_3(6)
static patch_function *const patch_functions[MOST_PATCH_VECTORS][MOST_PATCH_ROWS] = {
    {PATCH_NAMES_5(1)}, {PATCH_NAMES_5(2)}, {PATCH_NAMES_3(3)},
    {PATCH_NAMES_3(4)}, {PATCH_NAMES_3(5)}, {PATCH_NAMES_3(6)}};
#else
PATCHES_5(1) PATCHES_5(2) PATCHES_3(3) PATCHES_3(4) PATCHES_2(5) PATCHES_2(6)
static patch_function *const patch_functions[MOST_PATCH_VECTORS][MOST_PATCH_ROWS] = {
    {PATCH_NAMES_5(1)}, {PATCH_NAMES_5(2)}, {PATCH_NAMES_3(3)},
    {PATCH_NAMES_3(4)}, {PATCH_NAMES_2(5)}, {PATCH_NAMES_2(6)}};
#endif
/* clang-format on */

/* How patches of rows x vectors are cut: evenly. */
typedef struct patch_cut {
    int64_t rows, vectors;
    int64_t row_parts, vector_parts;
} patch_cut;

/* Into as few blocks of at most most_sums vectors as possible. */
static inline patch_cut cut_patch(int64_t rows, int64_t vectors, int64_t most_sums)
{
    patch_cut best = {rows, vectors, rows, vectors};
    most_sums = most_sums < MOST_SUMS ? most_sums : MOST_SUMS;
    for (int64_t width = 1; width <= MOST_PATCH_VECTORS && width <= most_sums; width++) {
        const int64_t highest = width <= 2 ? MOST_PATCH_ROWS : MOST_WIDE_PATCH_ROWS;
        const int64_t height = most_sums / width < highest ? most_sums / width : highest;
        patch_cut cut = {rows, vectors, (rows + height - 1) / height,
                         (vectors + width - 1) / width};
        if (cut.row_parts * cut.vector_parts < best.row_parts * best.vector_parts)
            best = cut;
    }
    return best;
}

/* One of the blocks. */
typedef struct patch_block {
    int64_t row, rows, vector, vectors;
    int64_t before; /* vectors in the blocks before, where these lie one behind the other */
    patch_function *function;
} patch_block;

static inline patch_block block_of_patch(const patch_cut *cut, int64_t index)
{
    const int64_t i = index / cut->vector_parts, j = index % cut->vector_parts;
    patch_block b;
    b.row = cut->rows * i / cut->row_parts;
    b.rows = cut->rows * (i + 1) / cut->row_parts - b.row;
    b.vector = cut->vectors * j / cut->vector_parts;
    b.vectors = cut->vectors * (j + 1) / cut->vector_parts - b.vector;
    b.before = b.row * cut->vectors + b.rows * b.vector;
    b.function = patch_functions[b.vectors - 1][b.rows - 1];
    return b;
}

#endif
