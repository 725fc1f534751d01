/*
 * Pairs of bfloat16 numbers, which take the place of one number each in the kernels of a set that
 * multiplies pairs. These do not know of it, but for the innermost line of their tile
 * (core/kernels/tile.c), since
 *
 *     sum over k of a[k] b[k]  =  sum over p of (a[2p] b[2p] + a[2p+1] b[2p+1])
 *
 * so that a product of pairs is one of half the length. Both operands are paired along what the sum
 * goes over: the columns of a and the rows of b. Of an odd number of these the last is paired with
 * 0, in both.
 */
#ifndef TARN_CORE_KERNELS_PAIRS_H
#define TARN_CORE_KERNELS_PAIRS_H

#include "core/kernels/kernels.h"

static inline int64_t tarn__pairs_of(int64_t length)
{
    return (length + 1) / 2;
}

static inline int64_t tarn__paired_size(tarn__paired p)
{
    return p.outer * tarn__pairs_of(p.length) * p.inner;
}

/* y[i] = x[i] rounded to bfloat16. */
void tarn__round_by_instruction(int64_t count, const tarn_real *x, tarn_real *y);

/* Threads share it. For AVX-512 with its instructions for bfloat16. */
void tarn__pack_pairs(tarn__paired p, const tarn_real *from, tarn_real *to);

#endif
