/* The number of threads that operations, optimizers and loaders use. Results do not depend on it.
   The threads are the library's own, started when they are first needed, at most as many as there
   are processors; none waits for one that has no processor. They end with the program, or when the
   library is unloaded, and do not see its signals. In the child of a fork() there are new ones. */
#ifndef TARN_CORE_BASE_THREADS_H
#define TARN_CORE_BASE_THREADS_H

#include "core/base/api.h"

TARN_API_BEGIN

/* Sets the number for operations called from this thread, at least 1 (less is a mistake). It is
   OpenMP's own setting (omp_set_num_threads). Without a call: OMP_NUM_THREADS, else all cores.
   Within a parallel region of the program's own, an operation runs on the thread that calls it. */
void tarn_set_threads(int count);

int tarn_threads(void);

TARN_API_END

#endif
