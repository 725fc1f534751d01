/*
 * Loops that threads share:
 *
 *     typedef struct job {
 *         const tarn_real *x;
 *         tarn_real *y;
 *     } job;
 *
 *     static void square(const void *context, int64_t first, int64_t end)
 *     {
 *         const job *j = context;
 *         for (int64_t i = first; i < end; i++)
 *             j->y[i] = j->x[i] * j->x[i];
 *     }
 *
 *     tarn__share(size, size, square, &(job){x, y});
 *
 * The loop is cut into pieces, which whoever is free claims: the calling thread does what nobody
 * else has claimed. So a thread that gets no processor, because another program has it, holds
 * nobody up. Which thread does a piece is left to chance, and where the pieces are cut depends on
 * the number of threads: what an element of a result is summed from, and in which order, must not.
 *
 * The threads are those of this file (pool.c); with -Dthreads=openmp OpenMP's (pool_openmp.c), with
 * -Dthreads=none the calling one alone (pool_none.c).
 */
#ifndef TARN_CORE_BASE_POOL_H
#define TARN_CORE_BASE_POOL_H

#include <stdbool.h>
#include <stdint.h>

/* Waking a thread costs microseconds: a loop over fewer elements runs on one. */
enum { TARN__SHARE_MIN = 32768 };

/* Does rounds [first, end) of the loop. */
typedef void tarn__work(const void *context, int64_t first, int64_t end);

/* Does rounds [0, count), over so many elements in all, and returns when they are done. Pieces run
   with the caller's mode for denormal numbers. A loop within a piece, or within a parallel region
   of the user's where OpenMP would not begin another, runs on the calling thread. */
void tarn__share(int64_t count, int64_t elements, tarn__work *work, const void *context);

/* At most so many threads would share a loop that this thread began now: the number of
   tarn_set_threads(), or 1. (Fewer, where there are fewer processors.) */
int tarn__workers(void);

/* Within a piece: which of the threads this is, from 0 to tarn__workers() - 1 of its caller. No two
   pieces of a loop that run at the same time have the same number, so that each has a buffer of its
   own. */
int tarn__worker(void);

/* Bytes between the buffers of two of them: processors fetch ahead, behind the end of what they
   read, and what another thread is writing there takes up to a third of the speed. */
enum { TARN__APART = 16384 };

/* For functions of a short array, which fits the first cache with what is computed from it. A round
   is a chunk, and chunk k begins at element k * TARN__CHUNK, in
   tarn__share(tarn__chunks(n), n, ...). */
enum { TARN__CHUNK = 1024 };

static inline int64_t tarn__chunks(int64_t n)
{
    return (n + TARN__CHUNK - 1) / TARN__CHUNK;
}

/* The elements of the chunk that begins at first, of n. */
static inline int64_t tarn__chunk(int64_t first, int64_t n)
{
    return n - first < TARN__CHUNK ? n - first : TARN__CHUNK;
}

#endif
