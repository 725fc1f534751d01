/* The tiles of each size, once for all kernels of an instruction set. */
#include "core/kernels/tile.h"

/* sum + a b; or, of pairs, + both products, that of the second numbers first, each sum rounded to
   float and 0 in the place of a denormal number. */
#ifdef TARN_PAIRS
#include <immintrin.h>
ALWAYS_INLINE vector add_product(vector sum, tarn_real a, vector b)
{
    return (vector)_mm512_dpbf16_ps((__m512)sum, (__m512bh)_mm512_set1_ps(a), (__m512bh)b);
}
#else
ALWAYS_INLINE vector add_product(vector sum, tarn_real a, vector b)
{
    return sum + a * b;
}
#endif

static __attribute__((noinline)) void store_parts(int rows, tarn_real *to, int64_t row, int count,
                                                  const vector *edge)
{
    for (int r = 0; r < rows; r++)
        store_part(to + r * row, edge[r], count);
}

/* The last vector of each row, of which perhaps only a part is to be written. Written out for each
   row, the second case would be most of the code. */
ALWAYS_INLINE void store_last(int rows, tarn_real *to, int64_t row, int count, const vector *edge)
{
    if (count < LANES) {
        store_parts(rows, to, row, count, edge);
        return;
    }
    UNROLLED_FOR (int r = 0; r < rows; r++)
        store(to + r * row, edge[r]);
}

ALWAYS_INLINE void tile(int rows, int vectors, const walk *s, const tarn_real *a,
                        const tarn_real *b, tarn_real *c, const tarn_real *start, int last_lanes)
{
    const int last = vectors - 1;
    vector sum[16][4], edge[16];
    UNROLLED_FOR (int r = 0; r < rows; r++)
        UNROLLED_FOR (int v = 0; v < vectors; v++)
            sum[r][v] = (vector){0};
    if (start) {
        UNROLLED_FOR (int r = 0; r < rows; r++)
            UNROLLED_FOR (int v = 0; v < vectors; v++)
                sum[r][v] = load(start + r * s->start_row + v * LANES);
    }

    const int64_t a_row = s->a_row;
    for (int64_t i = 0; i < s->outer; i++) {
        for (int64_t j = 0; j < s->middle; j++) {
            const tarn_real *in_b = b + i * s->b_outer + j * s->b_middle;
            /* One pointer for three rows: one for each would not fit into the registers. */
            const tarn_real *in_a[6];
            UNROLLED_FOR (int r = 0; r < rows; r += 3)
                in_a[r / 3] = a + i * s->a_outer + j * s->a_middle + r * a_row;
            for (int64_t k = s->inner; k > 0; k--) {
                vector row[4];
                UNROLLED_FOR (int v = 0; v < vectors; v++)
                    row[v] = load(in_b + v * LANES);
                UNROLLED_FOR (int r = 0; r < rows; r++) {
                    tarn_real factor = in_a[r / 3][r % 3 * a_row];
                    UNROLLED_FOR (int v = 0; v < vectors; v++)
                        sum[r][v] = add_product(sum[r][v], factor, row[v]);
                }
                UNROLLED_FOR (int r = 0; r < rows; r += 3)
                    in_a[r / 3] += s->a_inner;
                in_b += s->b_inner;
            }
        }
    }

    if (s->relu) {
        UNROLLED_FOR (int r = 0; r < rows; r++)
            UNROLLED_FOR (int v = 0; v < vectors; v++)
                sum[r][v] = relu_of(sum[r][v]);
    }
    UNROLLED_FOR (int r = 0; r < rows; r++) {
        UNROLLED_FOR (int v = 0; v < last; v++)
            store(c + r * s->c_row + v * LANES, sum[r][v]);
        edge[r] = sum[r][last];
    }
    store_last(rows, c + last * LANES, s->c_row, last_lanes, edge);
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
TILES_12(1) TILE(16, 1) TILES_12(2) TILES_8(3) TILES_6(4)
tile_function *const ISA(tiles)[MOST_VECTORS][MOST_ROWS] = {
    {NAMES_12(1), [MOST_ROWS - 1] = tile_16x1}, {NAMES_12(2)}, {NAMES_8(3)}, {NAMES_6(4)}};
#elif defined __AVX__
TILES_12(1) TILES_6(2)
tile_function *const ISA(tiles)[MOST_VECTORS][MOST_ROWS] = {{NAMES_12(1)}, {NAMES_6(2)}};
#else
TILES_10(1) TILES_4(2)
tile_function *const ISA(tiles)[MOST_VECTORS][MOST_ROWS] = {{NAMES_10(1)}, {NAMES_4(2)}};
#endif
/* clang-format on */
