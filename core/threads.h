/* The number of OpenMP threads that operations, optimizers and loaders use. Results do not depend
   on it. */
#ifndef TARN_CORE_THREADS_H
#define TARN_CORE_THREADS_H

#include "core/api.h"

TARN_API_BEGIN

/* Sets the number for operations called from this thread, at least 1 (less is a mistake). It is
   OpenMP's own setting (omp_set_num_threads). Without a call: OMP_NUM_THREADS, else all cores. */
void tarn_set_threads(int count);

int tarn_threads(void);

TARN_API_END

#endif
