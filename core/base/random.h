/*
 * Random numbers: SplitMix64 (Steele, Lea, Flood 2014). Output i after state s is a hash of
 * s + (i + 1) * constant, so the generator is also counter-based: loops fill arrays in parallel and
 * the numbers are the same at any number of threads.
 *
 * Each thread of the program has a generator, from which what it calls draws (tarn_rand,
 * tarn_randn, initialization, dropout), and no other thread comes between. The program's first, as
 * after tarn_seed(0), is that of the thread which seeds or draws first. Another starts where that
 * one stands when it draws for the first time, as a process starts from a copy of its parent:
 * whoever seeds, makes models and then starts threads to train them gets from each the numbers that
 * it would get alone. Where the first thread draws meanwhile, let each thread call tarn_seed()
 * itself. A loader has a generator of its own, from its seed.
 */
#ifndef TARN_CORE_BASE_RANDOM_H
#define TARN_CORE_BASE_RANDOM_H

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
