/* The memory of a training step, measured in a process of its own. */
#ifndef TARN_TESTS_BENCH_MEMORY_H
#define TARN_TESTS_BENCH_MEMORY_H

#include "tests/bench/workload.h"

typedef struct memory_use {
    int steps;   /* that were looked at, after some to warm up */
    double peak; /* bytes of heap at most during these, above those before the network was made */
    double first_peak;              /* the same during the first steps, in which tapes still grow */
    double needed;                  /* workload_needed_bytes() */
    double heap_calls, page_faults; /* a step */
    double growth; /* bytes by which the process grew from the first of the steps to the last */
} memory_use;

/* At most so many steps and about so many seconds. To be called before this process has started any
   thread: OpenMP, which the rulers use, does not survive a fork. */
memory_use memory_of(const workload *w, int threads, int steps, double seconds);

#endif
