/* The table on stdout, line by line as the figures come, and the same as JSON. */
#ifndef TARN_TESTS_BENCH_REPORT_H
#define TARN_TESTS_BENCH_REPORT_H

#include "tests/bench/busy.h"
#include "tests/bench/kernel.h"
#include "tests/bench/measure.h"
#include "tests/bench/memory.h"
#include "tests/bench/workload.h"

/* Each prints a heading before its first line. */
void report_machine(double clock, int lanes, int threads, double peak, double bandwidth);
void report_workload(const workload *w, const figures *f);
void report_memory(const workload *w, const memory_use *use);
void report_scaling(const char *what, double ratio);
void report_busy(const workload *w, const busy_ratios *r);
void report_kernel(const kernel *k, const figures *f);

/* Writes all that was reported; false, with a message, if that fails. */
bool report_write(const char *path);

#endif
