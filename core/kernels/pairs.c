/*
 * Rounding two numbers to a pair. VCVTNE2PS2BF16 does that of two vectors, and as
 * core/base/precision.h has it, whatever the mode for denormal numbers.
 */
#include "core/kernels/pairs.h"

#include <immintrin.h>

#include "core/base/pool.h"
#include "core/kernels/vector.h"

/* The numbers of both, one behind the other. */
ALWAYS_INLINE __m512i rounded(vector first, vector second)
{
    return (__m512i)_mm512_cvtne2ps_pbh((__m512)second, (__m512)first);
}

/* Pairs of the numbers of both: lane i of the first beside that of the second. */
ALWAYS_INLINE vector pairs_of_lanes(vector first, vector second)
{
    const __m512i places =
        _mm512_set_epi16(31, 15, 30, 14, 29, 13, 28, 12, 27, 11, 26, 10, 25, 9, 24, 8, 23, 7, 22, 6,
                         21, 5, 20, 4, 19, 3, 18, 2, 17, 1, 16, 0);
    return (vector)_mm512_permutexvar_epi16(places, rounded(first, second));
}

/* As a pair with 0, which is the lower half of a number. */
void tarn__round_by_instruction(int64_t count, const tarn_real *x, tarn_real *y)
{
    for (int64_t i = 0; i < count; i += LANES) {
        const int64_t left = count - i;
        const __m256bh half = _mm512_cvtneps_pbh((__m512)load(x + i));
        const __m512i number = _mm512_slli_epi32(_mm512_cvtepu16_epi32((__m256i)half), 16);
        store_first(y + i, (vector)number, left < LANES ? (int)left : LANES);
    }
}

/* From a line of numbers, of which the last may have no other. Reads no more than a vector behind
   them. */
static void pair_neighbours(int64_t numbers, const tarn_real *from, tarn_real *to)
{
    int64_t i = 0;
    for (; i + 2 * LANES <= numbers; i += 2 * LANES)
        store(to + i / 2, (vector)rounded(load(from + i), load(from + i + LANES)));
    const int left = (int)(numbers - i), first = left < LANES ? left : LANES;
    if (left > 0)
        store_first(to + i / 2,
                    (vector)rounded(load_first(from + i, first),
                                    load_first(from + i + first, left - first)),
                    (int)tarn__pairs_of(left));
}

/* From two rows, of which the second may be NULL: zeros. */
static void pair_rows(int64_t count, const tarn_real *first, const tarn_real *second, tarn_real *to)
{
    for (int64_t i = 0; i < count; i += LANES) {
        const vector below = second ? load(second + i) : (vector){0};
        const int64_t left = count - i;
        store_first(to + i, pairs_of_lanes(load(first + i), below),
                    left < LANES ? (int)left : LANES);
    }
}

typedef struct job {
    tarn__paired p;
    const tarn_real *from;
    tarn_real *to;
} job;

static void pair_lines(const void *context, int64_t first, int64_t end)
{
    const job *j = context;
    const int64_t length = j->p.length, pairs = tarn__pairs_of(length);
    for (int64_t i = first; i < end; i++)
        pair_neighbours(length, j->from + i * length, j->to + i * pairs);
}

/* Lines that end with a whole pair are one. */
static void pair_joined_lines(const void *context, int64_t first, int64_t end)
{
    const job *j = context;
    pair_neighbours(2 * (end - first), j->from + 2 * first, j->to + first);
}

static void pair_some_rows(const void *context, int64_t first, int64_t end)
{
    const job *j = context;
    const int64_t pairs = tarn__pairs_of(j->p.length), row = j->p.inner;
    for (int64_t i = first; i < end; i++) {
        const int64_t at = 2 * (i % pairs);
        const tarn_real *from = j->from + (i / pairs * j->p.length + at) * row;
        pair_rows(row, from, at + 1 < j->p.length ? from + row : NULL, j->to + i * row);
    }
}

void tarn__pack_pairs(tarn__paired p, const tarn_real *from, tarn_real *to)
{
    const job j = {p, from, to};
    const int64_t pairs = tarn__pairs_of(p.length), numbers = p.outer * p.length * p.inner;
    if (p.inner != 1)
        tarn__share(p.outer * pairs, numbers, pair_some_rows, &j);
    else if (p.length % 2 == 0)
        tarn__share(p.outer * pairs, numbers, pair_joined_lines, &j);
    else
        tarn__share(p.outer, numbers, pair_lines, &j);
}
