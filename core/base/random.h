/*
 * Random numbers: SplitMix64 (Steele, Lea, Flood 2014). Output i after state s is a hash of
 * s + (i + 1) * constant, so the generator is also counter-based: loops fill arrays in parallel and
 * the numbers are the same at any number of threads.
 *
 * Each thread of the program has a generator, from which what it calls draws (tarn_rand,
 * tarn_randn, initialization, dropout). It starts as after tarn_seed(0), whatever other threads
 * have seeded or drawn: so a thread gets the numbers that it would get alone, and one that is to
 * have others calls tarn_seed() itself. A loader has its own, from its seed.
 */
#ifndef TARN_CORE_RANDOM_H
#define TARN_CORE_RANDOM_H

#include <stdint.h>

#include "core/base/api.h"

TARN_API_BEGIN

/* Starts the sequence that belongs to the seed, in this thread. Without a call the seed is 0. */
void tarn_seed(uint64_t seed);

/* The whole state of this thread's generator, to save in a checkpoint and to resume from. */
uint64_t tarn_random_state(void);
void tarn_set_random_state(uint64_t state);

TARN_API_END

#endif
