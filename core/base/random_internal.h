/* SplitMix64 as a counter-based generator, for loops that fill arrays. */
#ifndef TARN_CORE_BASE_RANDOM_INTERNAL_H
#define TARN_CORE_BASE_RANDOM_INTERNAL_H

#include <math.h>
#include <stdint.h>

#include "core/base/api.h"

#define TARN__RANDOM_STEP 0x9E3779B97F4A7C15u /* 2^64 divided by the golden ratio */

/* The state that belongs to a seed: hashed, so that seeds 1, 2, 3 give unrelated sequences. */
uint64_t tarn__random_from_seed(uint64_t seed);

/* Takes the next count outputs from this thread's generator: they are tarn__random_at(state, 0) to
   (state, count - 1) of the state returned. Not for use inside of parallel regions, whose threads
   have generators of their own: the caller reserves, the threads compute. */
uint64_t tarn__random_reserve(int64_t count);

/* Output i after a state: 64 random bits. */
static inline uint64_t tarn__random_at(uint64_t state, int64_t i)
{
    uint64_t z = state + ((uint64_t)i + 1) * TARN__RANDOM_STEP;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

/* Uniform in [0, 1), from the 24 (double: 53) highest bits, so that 1 cannot come out. */
static inline tarn_real tarn__random_uniform(uint64_t bits)
{
#ifdef TARN_DOUBLE
    return (tarn_real)(bits >> 11) * 0x1p-53;
#else
    return (tarn_real)(bits >> 40) * 0x1p-24f;
#endif
}

/* Normal number i after a state, of the outputs 2 i and 2 i + 1. Box and Muller (1958):
   sqrt(-2 ln u) cos(2 pi v) is normal for uniform u, v. */
static inline double tarn__random_normal(uint64_t state, int64_t i)
{
    const double two_pi = 6.283185307179586;
    /* u in (0, 1], so that the logarithm is finite. */
    double u = ((double)(tarn__random_at(state, 2 * i) >> 11) + 1) * 0x1p-53;
    double v = (double)(tarn__random_at(state, 2 * i + 1) >> 11) * 0x1p-53;
    return sqrt(-2 * log(u)) * cos(two_pi * v);
}

#endif
