/* Training where other programs, or more threads than processors, want the machine too. Each run is
   a process of its own. */
#ifndef TARN_TESTS_BENCH_BUSY_H
#define TARN_TESTS_BENCH_BUSY_H

#include "tests/bench/measure.h"
#include "tests/bench/workload.h"

/* Medians over rounds of ratios of times of a step; threads are as many as processors. */
typedef struct busy_ratios {
    double beside;   /* a process that computes without end, to the best that can be had then: alone
                        on   one thread, or on all threads times their number + 1 by their number */
    double together; /* of two programs at once, to one after the other */
    double crowded;  /* twice as many threads, to as many */
} busy_ratios;

/* To be called before this process has started any thread, as memory_of(). */
busy_ratios busy_ratios_of(const workload *w, pace p);

#endif
