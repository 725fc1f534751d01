/*
 * The other register tile: patches instead of columns. Where only few pixels have a gradient, as
 * behind a max_pool2d, each meets one patch of the image under the kernel:
 *
 *     to[r][i] += sum over t of factor[t] from[t][r][i]                 r: kernel rows, i: (q, c)
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

/* Sums that stay in registers, beside one for the factor. */
#if defined __AVX512F__ || defined __aarch64__
enum { MOST_SUMS = 24 };
#else
enum { MOST_SUMS = 12 };
#endif

/* The sizes that there are functions for: five rows of one or two vectors, three of three or six.
 */
enum { MOST_PATCH_ROWS = 5, MOST_WIDE_PATCH_ROWS = 3, MOST_PATCH_VECTORS = 6 };

/* Where the terms of a set are, whose members are the bits of a word: sets take fewer instructions
   than lists. Where a patch is found by its bit alone, its loads wait for no other. */
typedef struct patch_terms {
    const lane *indices; /* of patches; NULL: they lie one behind the other, and so do factors */
    int64_t step;        /* with indices: from a factor, or index, to the next */
    int64_t from_row;    /* with indices */
    int64_t to_row;
    lanes last; /* of the last vector of each row, those that are added to */
} patch_terms;

typedef void patch_function(const patch_terms *t, uint64_t set, const tarn_real *factors,
                            const tarn_real *from, tarn_real *to);

typedef vector patch_sums[MOST_PATCH_ROWS][MOST_PATCH_VECTORS];

ALWAYS_INLINE void add_term(int rows, int vectors, tarn_real number, const tarn_real *from,
                            int64_t from_row, patch_sums sum)
{
    const vector factor = broadcast(number);
    UNROLLED_FOR (int r = 0; r < rows; r++, from += from_row)
        UNROLLED_FOR (int v = 0; v < vectors; v++)
            sum[r][v] += factor * load(from + v * LANES);
}

/* With indices, that of the next patch is read while there is something to compute; behind the last
   that at bit 63, for nothing. */
ALWAYS_INLINE void patch(int rows, int vectors, const patch_terms *t, uint64_t set,
                         const tarn_real *factors, const tarn_real *from, tarn_real *to)
{
    patch_sums sum;
    UNROLLED_FOR (int r = 0; r < rows; r++)
        UNROLLED_FOR (int v = 0; v < vectors; v++)
            sum[r][v] = (vector){0};

    if (!t->indices) {
        const int64_t row = vectors * LANES;
        for (; set; set &= set - 1) {
            const int64_t k = __builtin_ctzll(set);
            add_term(rows, vectors, factors[k], from + k * rows * row, row, sum);
        }
    } else {
        const int64_t step = t->step, from_row = t->from_row;
        const lane *indices = t->indices;
        const uint64_t bit_63 = (uint64_t)1 << 63;
        int64_t k = __builtin_ctzll(set | bit_63) * step, index = indices[k];
        while (set) {
            const tarn_real factor = factors[k], *at = from + index;
            set &= set - 1;
            k = __builtin_ctzll(set | bit_63) * step;
            index = indices[k];
            add_term(rows, vectors, factor, at, from_row, sum);
        }
    }

    const int64_t to_row = t->to_row;
    UNROLLED_FOR (int r = 0; r < rows; r++, to += to_row) {
        sum[r][vectors - 1] = (vector)((lanes)sum[r][vectors - 1] & t->last);
        UNROLLED_FOR (int v = 0; v < vectors; v++)
            store(to + v * LANES, load(to + v * LANES) + sum[r][v]);
    }
}

/* One function for each size, so that its loops have constant bounds. */
#define PATCH(rows, vectors)                                                                       \
    static void patch_##rows##x##vectors(const patch_terms *t, uint64_t set,                       \
                                         const tarn_real *factors, const tarn_real *from,          \
                                         tarn_real *to)                                            \
    {                                                                                              \
        patch(rows, vectors, t, set, factors, from, to);                                           \
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
PATCHES_5(1) PATCHES_5(2) PATCHES_3(3)
#if defined __AVX512F__ || defined __aarch64__
PATCHES_3(6)
#define PATCH_NAMES_OF_6 PATCH_NAMES_3(6)
#else
PATCHES_2(6)
#define PATCH_NAMES_OF_6 PATCH_NAMES_2(6)
#endif
static patch_function *const patch_functions[MOST_PATCH_VECTORS + 1][MOST_PATCH_ROWS] = {
    [1] = {PATCH_NAMES_5(1)}, [2] = {PATCH_NAMES_5(2)}, [3] = {PATCH_NAMES_3(3)},
    [MOST_PATCH_VECTORS] = {PATCH_NAMES_OF_6}};
/* clang-format on */

/* How patches of rows x vectors are cut: evenly. */
typedef struct patch_cut {
    int64_t rows, vectors;
    int64_t row_parts, vector_parts;
} patch_cut;

/* Into as few blocks of at most most_sums vectors as possible, of a width that there is. */
static inline patch_cut cut_patch(int64_t rows, int64_t vectors, int64_t most_sums)
{
    patch_cut best = {rows, vectors, rows, vectors};
    most_sums = most_sums < MOST_SUMS ? most_sums : MOST_SUMS;
    for (int64_t width = 1; width <= MOST_PATCH_VECTORS && width <= most_sums; width++) {
        if (width > 3 && (width < MOST_PATCH_VECTORS || vectors % width != 0))
            continue; /* narrower blocks would be as wide as there is no function for */
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
    b.function = patch_functions[b.vectors][b.rows - 1];
    return b;
}

#endif
