/* The number of OpenMP threads that operations, optimizers and loaders use. Results do not depend
   on it.
   A thread of OpenMP that waits for others spins for a while before it sleeps: milliseconds, by
   default. Where other programs want the cores too, that slows training down many times; there set
   the environment variable GOMP_SPINCOUNT=2000 (gcc) or KMP_BLOCKTIME=0 (clang). */
#ifndef TARN_CORE_THREADS_H
#define TARN_CORE_THREADS_H

#include "core/base/api.h"

TARN_API_BEGIN

/* Sets the number for operations called from this thread, at least 1 (less is a mistake). It is
   OpenMP's own setting (omp_set_num_threads). Without a call: OMP_NUM_THREADS, else all cores.
   In the child of a fork(), where GNU's OpenMP would wait forever for the threads of the parent,
   the thread that goes on stays at 1, whatever is asked for; results are the same. Threads that it
   starts have theirs. */
void tarn_set_threads(int count);

int tarn_threads(void);

TARN_API_END

#endif
