/* What the machine can do: the rulers that the benchmarks are measured with. */
#ifndef TARN_TESTS_BENCH_MACHINE_H
#define TARN_TESTS_BENCH_MACHINE_H

/* Seconds of the monotonic clock. */
double seconds_now(void);

/* Additions that wait for one another take one cycle each: GHz. 0 where the assembler is not known.
 */
double clock_rate(void);

/* Floats in the widest vector of the machine that this was compiled for. */
int vector_lanes(void);

/* Fused multiply-adds in registers only, on so many threads: GFLOP/s, a multiply-add being two. The
   machine's limit is mostly 2 (units) x lanes x 2 x GHz a thread. */
double fma_peak(int threads);

/* a[i] = b[i] + s c[i] over arrays that no cache holds: GB/s, counting three streams. */
double triad_bandwidth(int threads);

/* Seconds to run for before a measurement on so many threads. Threads that slept may wake up on the
   same core, and Linux takes some 60 ms to part them: until then two threads are slower than one.
 */
double settling_time(int threads);

/* The middle one of count values, which are sorted. */
double median(double *values, int count);

#endif
