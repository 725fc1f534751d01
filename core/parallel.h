/* How loops of the library are shared between threads. */
#ifndef TARN_CORE_PARALLEL_H
#define TARN_CORE_PARALLEL_H

#include <omp.h>
#include <stdint.h>

/* Waking a thread costs microseconds: a loop over fewer elements runs on one. */
enum { TARN__PARALLEL_MIN = 32768 };

#define TARN__PRAGMA(text) _Pragma(#text)

/* TARN__EACH (i, n) y[i] = f(x[i]); for bodies that do not depend on each other. */
#define TARN__EACH(i, n)                                                                           \
    TARN__PRAGMA(omp parallel for schedule(static) if ((n) >= TARN__PARALLEL_MIN))                 \
    for (int64_t i = 0; i < (n); i++)

#endif
