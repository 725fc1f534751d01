/* A square of numbers, as large as a vector is long, turned in registers. */
#ifndef TARN_CORE_KERNELS_TRANSPOSE_H
#define TARN_CORE_KERNELS_TRANSPOSE_H

#include "core/kernels/vector.h"

/* One lane of x, one of y, and so on, from the first (the second) half of both. */
#define LOW_2 0, 2
#define HIGH_2 1, 3
#define LOW_4 0, 4, 1, 5
#define HIGH_4 2, 6, 3, 7
#define LOW_8 0, 8, 1, 9, 2, 10, 3, 11
#define HIGH_8 4, 12, 5, 13, 6, 14, 7, 15
#define LOW_16 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23
#define HIGH_16 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31
#ifdef TARN_DOUBLE
#define ELEMENT_BYTES 8
#else
#define ELEMENT_BYTES 4
#endif
#if VECTOR_BYTES / ELEMENT_BYTES == 16
#define INTERLEAVE(x, y, half) __builtin_shufflevector(x, y, half##_16)
#elif VECTOR_BYTES / ELEMENT_BYTES == 8
#define INTERLEAVE(x, y, half) __builtin_shufflevector(x, y, half##_8)
#elif VECTOR_BYTES / ELEMENT_BYTES == 4
#define INTERLEAVE(x, y, half) __builtin_shufflevector(x, y, half##_4)
#else
#define INTERLEAVE(x, y, half) __builtin_shufflevector(x, y, half##_2)
#endif

/* Turns LANES columns, of which those from count on repeat the last, into LANES rows. Interleaving
   the first half of the columns with the second, again and again, does it. */
ALWAYS_INLINE void transpose(const tarn_real *from, int64_t column, int64_t count, tarn_real *to,
                             int64_t row)
{
    vector now[LANES], next[LANES];
    UNROLLED_FOR (int i = 0; i < LANES; i++)
        now[i] = load(from + (i < count ? i : count - 1) * column);
    UNROLLED_FOR (int done = 1; done < LANES; done *= 2) {
        UNROLLED_FOR (int i = 0; i < LANES / 2; i++) {
            next[2 * i] = INTERLEAVE(now[i], now[i + LANES / 2], LOW);
            next[2 * i + 1] = INTERLEAVE(now[i], now[i + LANES / 2], HIGH);
        }
        UNROLLED_FOR (int i = 0; i < LANES; i++)
            now[i] = next[i];
    }
    UNROLLED_FOR (int i = 0; i < LANES; i++)
        store(to + i * row, now[i]);
}

#endif
