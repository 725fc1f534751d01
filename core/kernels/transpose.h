/* Numbers that change places in registers: a square of them turned, and each second taken out. */
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
/* The even (the odd) lanes of x and then of y. */
#define EVEN_2 0, 2
#define ODD_2 1, 3
#define EVEN_4 0, 2, 4, 6
#define ODD_4 1, 3, 5, 7
#define EVEN_8 EVEN_4, 8, 10, 12, 14
#define ODD_8 ODD_4, 9, 11, 13, 15
#define EVEN_16 EVEN_8, 16, 18, 20, 22, 24, 26, 28, 30
#define ODD_16 ODD_8, 17, 19, 21, 23, 25, 27, 29, 31
#ifdef TARN_DOUBLE
#define ELEMENT_BYTES 8
#else
#define ELEMENT_BYTES 4
#endif
#if VECTOR_BYTES / ELEMENT_BYTES == 16
#define SHUFFLE(x, y, which) __builtin_shufflevector(x, y, which##_16)
#elif VECTOR_BYTES / ELEMENT_BYTES == 8
#define SHUFFLE(x, y, which) __builtin_shufflevector(x, y, which##_8)
#elif VECTOR_BYTES / ELEMENT_BYTES == 4
#define SHUFFLE(x, y, which) __builtin_shufflevector(x, y, which##_4)
#else
#define SHUFFLE(x, y, which) __builtin_shufflevector(x, y, which##_2)
#endif

/* Turns so many columns, a power of 2 of at most LANES, of which those from count on repeat the
   last, into LANES rows of so many numbers, one row behind the other. Interleaving the first half
   of the columns with the second, again and again, does it. */
ALWAYS_INLINE void transpose_columns(int columns, const tarn_real *from, int64_t column,
                                     int64_t count, vector *rows)
{
    vector next[LANES];
    UNROLLED_FOR (int i = 0; i < columns; i++)
        rows[i] = load(from + (i < count ? i : count - 1) * column);
    UNROLLED_FOR (int done = 1; done < columns; done *= 2) {
        UNROLLED_FOR (int i = 0; i < columns / 2; i++) {
            next[2 * i] = SHUFFLE(rows[i], rows[i + columns / 2], LOW);
            next[2 * i + 1] = SHUFFLE(rows[i], rows[i + columns / 2], HIGH);
        }
        UNROLLED_FOR (int i = 0; i < columns; i++)
            rows[i] = next[i];
    }
}

/* LANES columns into LANES rows, `row` numbers apart. */
ALWAYS_INLINE void transpose(const tarn_real *from, int64_t column, int64_t count, tarn_real *to,
                             int64_t row)
{
    vector rows[LANES];
    transpose_columns(LANES, from, column, count, rows);
    UNROLLED_FOR (int i = 0; i < LANES; i++)
        store(to + i * row, rows[i]);
}

#endif
