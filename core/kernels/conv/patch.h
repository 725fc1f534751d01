/*
 * The other register tile: patches instead of columns. Where only few pixels have a gradient, as
 * behind a max_pool2d, each meets one patch of the image under the kernel:
 *
 *     to[r][i] += sum over t of factor[t] from[t][r][i]                 r: kernel rows, i: (q, c)
 *
 * For the weight gradient of an output channel, the terms are the pixels that have a gradient, from
 * the patches of the image below them, to the weights: gather. For the input gradient at a pixel,
 * the terms are its output channels, from their weights, to the patch of the image: scatter.
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

/* The sizes that there are functions for: five rows of one or two vectors, three of more. */
enum { MOST_PATCH_ROWS = 5, MOST_WIDE_PATCH_ROWS = 3, MOST_PATCH_VECTORS = 6 };

/* The elements of dy that have a gradient to hand on: for each window of a pool and each place in
   it the output channels that won there, and for each output channel the windows that it has a
   gradient in. Both are sets, as the bits of words: they take fewer instructions than lists, and
   what lies at the place of a bit is found without a load, for which those of it would wait. */
enum { WORD = 64 };

typedef struct winner_sets {
    int64_t windows; /* at most WORD */
    int64_t places, channels, words;
    const tarn_real *dy;           /* [window][channel] */
    uint64_t *won;                 /* channels: [window][word][place] */
    lane *halves;                  /* windows: [half of a word][channel] */
    lane *indices;                 /* where in the image a winner is: [WORD][channel] */
    int64_t *at_window, *at_place; /* the same of a window, and of a place in it */
} winner_sets;

typedef vector patch_sums[MOST_PATCH_ROWS][MOST_PATCH_VECTORS];

ALWAYS_INLINE void begin_sums(int rows, int vectors, patch_sums sum)
{
    UNROLLED_FOR (int r = 0; r < rows; r++)
        UNROLLED_FOR (int v = 0; v < vectors; v++)
            sum[r][v] = (vector){0};
}

ALWAYS_INLINE void add_term(int rows, int vectors, tarn_real factor, const tarn_real *from,
                            int64_t from_row, patch_sums sum)
{
    const vector factors = broadcast(factor);
    UNROLLED_FOR (int r = 0; r < rows; r++, from += from_row)
        UNROLLED_FOR (int v = 0; v < vectors; v++)
            sum[r][v] += factors * load(from + v * LANES);
}

/* Of the last vector of each row, only the lanes set in last. */
ALWAYS_INLINE void end_sums(int rows, int vectors, patch_sums sum, lanes last, tarn_real *to,
                            int64_t to_row)
{
    UNROLLED_FOR (int r = 0; r < rows; r++, to += to_row) {
        sum[r][vectors - 1] = (vector)((lanes)sum[r][vectors - 1] & last);
        UNROLLED_FOR (int v = 0; v < vectors; v++)
            store(to + v * LANES, load(to + v * LANES) + sum[r][v]);
    }
}

/* All windows of output channel o, to weights that lie one row behind the other. Where the next
   patch is, is read while there is something to compute, also once more behind the last. */
ALWAYS_INLINE void gather(int rows, int vectors, const winner_sets *w, int64_t o,
                          const tarn_real *from, int64_t from_row, tarn_real *to)
{
    const uint64_t last = (uint64_t)1 << (WORD - 1), half = (uint32_t)w->halves[w->channels + o];
    const tarn_real *dy = w->dy + o;
    const lane *indices = w->indices + o;
    patch_sums sum;
    begin_sums(rows, vectors, sum);
    uint64_t set = half << 32 | (uint32_t)w->halves[o];
    int64_t at = __builtin_ctzll(set | last) * w->channels, index = indices[at];
    while (set) {
        const tarn_real factor = dy[at], *patch = from + index;
        set &= set - 1;
        at = __builtin_ctzll(set | last) * w->channels;
        index = indices[at];
        add_term(rows, vectors, factor, patch, from_row, sum);
    }
    end_sums(rows, vectors, sum, first_lanes(LANES), to, vectors * LANES);
}

/* All places of a window, from weights that lie so, output channel by output channel. */
ALWAYS_INLINE void scatter(int rows, int vectors, const winner_sets *w, int64_t window,
                           const tarn_real *from, tarn_real *to, int64_t to_row, lanes last)
{
    const int64_t row = vectors * LANES, places = w->places, words = w->words;
    const tarn_real *dy = w->dy + window * w->channels;
    const uint64_t *won = w->won + window * words * places;
    const int64_t *at_place = w->at_place;
    for (int64_t k = 0; k < places; k++) {
        patch_sums sum;
        begin_sums(rows, vectors, sum);
        for (int64_t i = 0; i < words; i++)
            for (uint64_t set = won[i * places + k]; set; set &= set - 1) {
                const int64_t o = i * WORD + __builtin_ctzll(set);
                add_term(rows, vectors, dy[o], from + o * rows * row, row, sum);
            }
        end_sums(rows, vectors, sum, last, to + at_place[k], to_row);
    }
}

/* Two functions for each size, so that their loops have constant bounds. */
typedef struct patch_functions {
    void (*gather)(const winner_sets *w, int64_t o, const tarn_real *from, int64_t from_row,
                   tarn_real *to);
    void (*scatter)(const winner_sets *w, int64_t window, const tarn_real *from, tarn_real *to,
                    int64_t to_row, lanes last);
} patch_functions;

#define PATCH(rows, vectors)                                                                       \
    static void gather_##rows##x##vectors(const winner_sets *w, int64_t o, const tarn_real *from,  \
                                          int64_t from_row, tarn_real *to)                         \
    {                                                                                              \
        gather(rows, vectors, w, o, from, from_row, to);                                           \
    }                                                                                              \
    static void scatter_##rows##x##vectors(const winner_sets *w, int64_t window,                   \
                                           const tarn_real *from, tarn_real *to, int64_t to_row,   \
                                           lanes last)                                             \
    {                                                                                              \
        scatter(rows, vectors, w, window, from, to, to_row, last);                                 \
    }

/* clang-format off */
#define PATCHES_2(v) PATCH(1, v) PATCH(2, v)
#define PATCHES_3(v) PATCHES_2(v) PATCH(3, v)
#define PATCHES_4(v) PATCHES_3(v) PATCH(4, v)
#define PATCHES_5(v) PATCHES_4(v) PATCH(5, v)
#define PATCH_NAME(r, v) {gather_##r##x##v, scatter_##r##x##v}
#define PATCH_NAMES_2(v) PATCH_NAME(1, v), PATCH_NAME(2, v)
#define PATCH_NAMES_3(v) PATCH_NAMES_2(v), PATCH_NAME(3, v)
#define PATCH_NAMES_4(v) PATCH_NAMES_3(v), PATCH_NAME(4, v)
#define PATCH_NAMES_5(v) PATCH_NAMES_4(v), PATCH_NAME(5, v)
#if defined __AVX512F__ || defined __aarch64__
PATCHES_5(1) PATCHES_5(2) PATCHES_3(3) PATCHES_3(4) PATCHES_3(5) PATCHES_3(6)
static const patch_functions sized_patches[MOST_PATCH_VECTORS][MOST_PATCH_ROWS] = {
    {PATCH_NAMES_5(1)}, {PATCH_NAMES_5(2)}, {PATCH_NAMES_3(3)},
    {PATCH_NAMES_3(4)}, {PATCH_NAMES_3(5)}, {PATCH_NAMES_3(6)}};
#else
PATCHES_5(1) PATCHES_5(2) PATCHES_3(3) PATCHES_3(4) PATCHES_2(5) PATCHES_2(6)
static const patch_functions sized_patches[MOST_PATCH_VECTORS][MOST_PATCH_ROWS] = {
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
    patch_functions functions;
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
    b.functions = sized_patches[b.vectors - 1][b.rows - 1];
    return b;
}

#endif
