/* Vectors of the width of the instruction set that this file is compiled for, in the portable
   notation of gcc and clang. */
#ifndef TARN_CORE_KERNELS_VECTOR_H
#define TARN_CORE_KERNELS_VECTOR_H

#include <stdint.h>
#include <string.h>
#ifdef __AVX__
#include <immintrin.h>
#endif

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

/* What comparing vectors gives: all bits of a lane set, or none. */
#ifdef TARN_DOUBLE
typedef int64_t lane;
#else
typedef int32_t lane;
#endif
typedef lane lanes __attribute__((vector_size(VECTOR_BYTES), aligned(sizeof(lane)), may_alias));

#define ALWAYS_INLINE static inline __attribute__((always_inline))

/* for (...), a loop of few, constant rounds, to be written out, so that arrays of vectors become
   registers. */
#if defined __clang__
#define UNROLLED_FOR _Pragma("clang loop unroll(full)") for
#else
#define UNROLLED_FOR _Pragma("GCC unroll 16") for
#endif

ALWAYS_INLINE vector load(const tarn_real *from)
{
    return *(const vector *)from;
}

ALWAYS_INLINE void store(tarn_real *to, vector v)
{
    *(vector *)to = v;
}

/* Copies a part of a vector, less than all of it, by halves: known sizes need no call. */
ALWAYS_INLINE void copy_part(char *to, const char *from, size_t bytes)
{
    UNROLLED_FOR (size_t half = VECTOR_BYTES / 2; half >= sizeof(tarn_real); half /= 2)
        if (bytes & half) {
            memcpy(to, from, half);
            to += half;
            from += half;
        }
}

ALWAYS_INLINE void store_part(tarn_real *to, vector v, int count)
{
    copy_part((char *)to, (const char *)&v, (size_t)count * sizeof *to);
}

ALWAYS_INLINE lanes lanes_of(lane number)
{
    return number - (lanes){0};
}

/* The first count lanes set. */
ALWAYS_INLINE lanes first_lanes(int count)
{
    lanes index;
    for (int i = 0; i < LANES; i++)
        index[i] = i;
    return index < lanes_of(count);
}

/* The first count lanes only. What lies behind is read (see TARN__SLACK), but not used: the others
   are 0. */
ALWAYS_INLINE vector load_first(const tarn_real *from, int count)
{
    return (vector)((lanes)load(from) & first_lanes(count));
}

/* As store_part, or the whole. */
ALWAYS_INLINE void store_first(tarn_real *to, vector v, int count)
{
    if (count == LANES)
        store(to, v);
    else
        store_part(to, v, count);
}

ALWAYS_INLINE vector broadcast(tarn_real number)
{
    return number - (vector){0}; /* a sum would lose the sign of -0 */
}

/* a where the lane is set, b elsewhere. */
ALWAYS_INLINE vector choose(lanes where, vector a, vector b)
{
    return (vector)(((lanes)a & where) | ((lanes)b & ~where));
}

/* 0 where x <= 0, so that NaN stays NaN. */
ALWAYS_INLINE vector relu_of(vector x)
{
    return (vector)((lanes)x & ~(x <= 0));
}

/* The lanes that are set, as bits. */
ALWAYS_INLINE uint64_t bits_of(lanes where)
{
#if defined __AVX512F__
    return sizeof(lane) == 4 ? _mm512_movepi32_mask((__m512i)where)
                             : _mm512_movepi64_mask((__m512i)where);
#elif defined __AVX__
    return (uint64_t)(sizeof(lane) == 4 ? _mm256_movemask_ps((__m256)where)
                                        : _mm256_movemask_pd((__m256d)where));
#else
    uint64_t bits = 0;
    for (int i = 0; i < LANES; i++)
        bits |= (uint64_t)(where[i] & 1) << i;
    return bits;
#endif
}

/* Whether a lane is set. */
ALWAYS_INLINE bool any_of(lanes where)
{
    return bits_of(where) != 0;
}

/* Whether no lane is infinite or NaN: a finite number less itself is 0, and nothing else is. */
ALWAYS_INLINE bool all_finite(vector x)
{
    return !any_of((x - x) != 0);
}

typedef uint8_t lane_bytes __attribute__((vector_size(LANES)));

/* Bytes as lanes. Of the plain conversion gcc makes one for each lane. */
ALWAYS_INLINE lanes load_bytes(const uint8_t *from)
{
#if defined __AVX512F__
    const __m128i all = _mm_loadu_si128((const __m128i *)from);
    return (lanes)(sizeof(lane) == 4 ? _mm512_cvtepu8_epi32(all) : _mm512_cvtepu8_epi64(all));
#elif defined __AVX__
    const __m128i all = _mm_loadu_si128((const __m128i *)from);
    return (lanes)(sizeof(lane) == 4 ? _mm256_cvtepu8_epi32(all) : _mm256_cvtepu8_epi64(all));
#else
    lane_bytes b;
    memcpy(&b, from, sizeof b);
    return __builtin_convertvector(b, lanes);
#endif
}

/* The first count lanes as bytes. */
ALWAYS_INLINE void store_bytes(uint8_t *to, lanes v, int count)
{
    lane_bytes b = __builtin_convertvector(v, lane_bytes);
    if (count == LANES)
        memcpy(to, &b, sizeof b);
    else
        memcpy(to, &b, (size_t)count);
}

#endif
