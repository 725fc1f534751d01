/* Vectors of the width of the instruction set that this file is compiled for, in the portable
   notation of gcc and clang. */
#ifndef TARN_CORE_KERNELS_VECTOR_H
#define TARN_CORE_KERNELS_VECTOR_H

#include <string.h>

#include "core/tensor.h"

#if defined __AVX512F__
#define VECTOR_BYTES 64
#elif defined __AVX__
#define VECTOR_BYTES 32
#else
#define VECTOR_BYTES 16
#endif

/* Numbers in a vector. */
#define LANES (VECTOR_BYTES / (int)sizeof(tarn_real))

typedef tarn_real vector
    __attribute__((vector_size(VECTOR_BYTES), aligned(sizeof(tarn_real)), may_alias));

#define ALWAYS_INLINE static inline __attribute__((always_inline))

/* A loop of few, constant rounds, to be written out, so that arrays of vectors become registers. */
#if defined __clang__
#define UNROLL _Pragma("clang loop unroll(full)")
#else
#define UNROLL _Pragma("GCC unroll 16")
#endif

ALWAYS_INLINE vector load(const tarn_real *from)
{
    return *(const vector *)from;
}

ALWAYS_INLINE void store(tarn_real *to, vector v)
{
    *(vector *)to = v;
}

/* The first count lanes only; the others are 0. */
ALWAYS_INLINE vector load_part(const tarn_real *from, int count)
{
    vector v = {0};
    memcpy(&v, from, (size_t)count * sizeof *from);
    return v;
}

ALWAYS_INLINE void store_part(tarn_real *to, vector v, int count)
{
    memcpy(to, &v, (size_t)count * sizeof *to);
}

#endif
