/* How loops of the library are shared between threads. */
#ifndef TARN_CORE_PARALLEL_H
#define TARN_CORE_PARALLEL_H

#include <omp.h>
#include <stdint.h>

/* Waking a thread costs microseconds: a loop over fewer elements runs on one. */
enum { TARN__PARALLEL_MIN = 32768 };

/* To be called in the child of a fork(): lets this thread run parallel regions alone there. */
void tarn__threads_after_fork(void);

#define TARN__PRAGMA(text) _Pragma(#text)

/* TARN__EACH (i, n) y[i] = f(x[i]); for bodies that do not depend on each other. */
#define TARN__EACH(i, n)                                                                           \
    TARN__PRAGMA(omp parallel for schedule(static) if ((n) >= TARN__PARALLEL_MIN))                 \
    for (int64_t i = 0; i < (n); i++)

/* TARN__EACH_CHUNK (first, n) f(tarn__chunk(first, n), x + first, y + first); for functions of a
   piece of an array. A piece is even, and fits the first cache with what is computed from it. */
enum { TARN__CHUNK = 1024 };

#define TARN__EACH_CHUNK(first, n)                                                                 \
    TARN__PRAGMA(omp parallel for schedule(static) if ((n) >= TARN__PARALLEL_MIN))                 \
    for (int64_t first = 0; first < (n); first += TARN__CHUNK)

static inline int64_t tarn__chunk(int64_t first, int64_t n)
{
    return n - first < TARN__CHUNK ? n - first : TARN__CHUNK;
}

#endif
