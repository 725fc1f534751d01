/* What the machine can do: the rulers that the benchmarks are measured with. */
#ifndef TARN_TESTS_BENCH_MACHINE_H
#define TARN_TESTS_BENCH_MACHINE_H

/* Seconds of the monotonic clock. */
double seconds_now(void);

/* Fused multiply-adds in registers only, on so many threads: GFLOP/s, a multiply-add being two. */
double fma_peak(int threads);

/* a[i] = b[i] + s c[i] over arrays that no cache holds: GB/s, counting three streams. */
double triad_bandwidth(int threads);

/* The middle one of count values, which are sorted. */
double median(double *values, int count);

#endif
