/* Vectors of double, for sums and functions that are computed in double: half as many numbers as a
   vector of floats has. */
#ifndef TARN_CORE_KERNELS_WIDE_H
#define TARN_CORE_KERNELS_WIDE_H

#include "core/kernels/vector.h"

#if defined __AVX__ && !defined TARN_DOUBLE
#include <immintrin.h>
#endif

#define WIDE (VECTOR_BYTES / 8)
typedef double wide __attribute__((vector_size(VECTOR_BYTES), aligned(8), may_alias));

/* From memory and to it. Each is one instruction, of which gcc 12 makes four. */
#if defined __AVX512F__ && !defined TARN_DOUBLE

ALWAYS_INLINE wide widened(const float *from)
{
    return (wide)_mm512_cvtps_pd(_mm256_loadu_ps(from));
}

ALWAYS_INLINE void store_narrowed(float *to, wide v)
{
    _mm256_storeu_ps(to, _mm512_cvtpd_ps((__m512d)v));
}

#elif defined __AVX__ && !defined TARN_DOUBLE

ALWAYS_INLINE wide widened(const float *from)
{
    return (wide)_mm256_cvtps_pd(_mm_loadu_ps(from));
}

ALWAYS_INLINE void store_narrowed(float *to, wide v)
{
    _mm_storeu_ps(to, _mm256_cvtpd_ps((__m256d)v));
}

#else

typedef tarn_real narrow
    __attribute__((vector_size(WIDE * sizeof(tarn_real)), aligned(sizeof(tarn_real)), may_alias));

ALWAYS_INLINE wide widened(const tarn_real *from)
{
    return __builtin_convertvector(*(const narrow *)from, wide);
}

ALWAYS_INLINE void store_narrowed(tarn_real *to, wide v)
{
    *(narrow *)to = __builtin_convertvector(v, narrow);
}

#endif

#endif
