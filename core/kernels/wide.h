/* Vectors of double, for sums and functions that are computed in double: half as many numbers as a
   vector of floats has. */
#ifndef TARN_CORE_KERNELS_WIDE_H
#define TARN_CORE_KERNELS_WIDE_H

#include "core/kernels/vector.h"

#define WIDE (VECTOR_BYTES / 8)
typedef double wide __attribute__((vector_size(VECTOR_BYTES), aligned(8), may_alias));

/* As many as they are stored. */
typedef tarn_real narrow
    __attribute__((vector_size(WIDE * sizeof(tarn_real)), aligned(sizeof(tarn_real)), may_alias));

ALWAYS_INLINE narrow load_narrow(const tarn_real *from)
{
    return *(const narrow *)from;
}

ALWAYS_INLINE void store_narrow(tarn_real *to, narrow v)
{
    *(narrow *)to = v;
}

/* Each is one instruction, of which gcc 12 makes four. */
#if defined __AVX512F__ && !defined TARN_DOUBLE

ALWAYS_INLINE wide widened(narrow v)
{
    return (wide)_mm512_cvtps_pd((__m256)v);
}

ALWAYS_INLINE narrow narrowed(wide v)
{
    return (narrow)_mm512_cvtpd_ps((__m512d)v);
}

#elif defined __AVX__ && !defined TARN_DOUBLE

ALWAYS_INLINE wide widened(narrow v)
{
    return (wide)_mm256_cvtps_pd((__m128)v);
}

ALWAYS_INLINE narrow narrowed(wide v)
{
    return (narrow)_mm256_cvtpd_ps((__m256d)v);
}

#else

ALWAYS_INLINE wide widened(narrow v)
{
    return __builtin_convertvector(v, wide);
}

ALWAYS_INLINE narrow narrowed(wide v)
{
    return __builtin_convertvector(v, narrow);
}

#endif

#endif
