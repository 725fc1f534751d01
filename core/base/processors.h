/*
 * The processors that threads of this process may run on. A thread inherits those of the one that
 * starts it, which may be pinned to a single one: OpenMP pins the first thread as soon as it is
 * told of places (OMP_PROC_BIND, OMP_PLACES, GOMP_CPU_AFFINITY). So they are taken together from
 * OpenMP's places, the main thread and the calling thread.
 */
#ifndef TARN_CORE_BASE_PROCESSORS_H
#define TARN_CORE_BASE_PROCESSORS_H

#include <pthread.h>

/* How many, at least 1. Takes a microsecond. */
int tarn__processors(void);

/* Lets a thread run on all of them. */
void tarn__free_thread(pthread_t thread);

#endif
