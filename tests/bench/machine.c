#include "tests/bench/machine.h"

#include <omp.h>
#include <stdlib.h>
#include <time.h>

#if defined __AVX512F__
enum { LANES = 16 };
#elif defined __AVX__
enum { LANES = 8 };
#else
enum { LANES = 4 };
#endif

typedef float vector __attribute__((vector_size(LANES * sizeof(float))));

double seconds_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* Twelve sums that do not wait for each other hide the latency of a multiply-add. The empty
   assembler statement keeps the compiler from computing them beforehand. */
#define EACH_SUM(M) M(0) M(1) M(2) M(3) M(4) M(5) M(6) M(7) M(8) M(9) M(10) M(11)
#define DECLARE(i) vector sum##i = {(float)i};
#define MULTIPLY_ADD(i) sum##i = sum##i * x + y;
#if defined __AVX512F__
#define KEEP(i) __asm__ volatile("" : "+v"(sum##i));
#elif defined __x86_64__
#define KEEP(i) __asm__ volatile("" : "+x"(sum##i));
#else
#define KEEP(i) __asm__ volatile("" : "+w"(sum##i));
#endif
#define COLLECT(i) +sum##i[0]

static float multiply_add(long rounds)
{
    const vector x = (vector){0} + 0.999f, y = (vector){0} + 0.001f;
    EACH_SUM(DECLARE)
    for (long k = 0; k < rounds; k++) {
        EACH_SUM(MULTIPLY_ADD)
        EACH_SUM(KEEP)
    }
    return 0 EACH_SUM(COLLECT);
}

int vector_lanes(void)
{
    return LANES;
}

/* The best of a few short runs: the first ones wake threads up and the clock. */
double fma_peak(int threads)
{
    enum { RUNS = 4 };
    const long rounds = 400000;
    volatile float sink;
    double best = 0;
    for (int run = 0; run < RUNS; run++) {
        double start = seconds_now();
#pragma omp parallel num_threads(threads)
        sink = multiply_add(rounds);
        double rate = threads * (double)rounds * 12 * 2 * LANES / (seconds_now() - start) * 1e-9;
        if (rate > best)
            best = rate;
    }
    (void)sink;
    return best;
}

#define ADD4 "add %1, %0\n\tadd %1, %0\n\tadd %1, %0\n\tadd %1, %0\n\t"

double clock_rate(void)
{
#if defined __x86_64__
    const long rounds = 1000000;
    double best = 0;
    for (int run = 0; run < 4; run++) {
        long sum = 0;
        double start = seconds_now();
        for (long i = 0; i < rounds; i++)
            __asm__ volatile(ADD4 ADD4 : "+r"(sum) : "r"(i));
        double rate = 8 * (double)rounds / (seconds_now() - start) * 1e-9;
        if (rate > best)
            best = rate;
    }
    return best;
#else
    return 0;
#endif
}

double triad_bandwidth(int threads)
{
    const long n = 16L << 20;
    double best = 0;
    float *a = malloc((size_t)n * sizeof *a), *b = malloc((size_t)n * sizeof *b),
          *c = malloc((size_t)n * sizeof *c);
    for (int round = 0; a && b && c && round < 4; round++) {
        double start = seconds_now();
#pragma omp parallel for num_threads(threads) schedule(static)
        for (long i = 0; i < n; i++) {
            if (round == 0)
                b[i] = c[i] = 1;
            a[i] = b[i] + 0.5f * c[i];
        }
        double rate = 3.0 * (double)n * sizeof *a / (seconds_now() - start) * 1e-9;
        if (round > 0 && rate > best)
            best = rate;
    }
    free(a);
    free(b);
    free(c);
    return best;
}

double settling_time(int threads)
{
    return threads == 1 ? 0.02 : 0.1;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

double median(double *values, int count)
{
    qsort(values, (size_t)count, sizeof *values, by_value);
    return count % 2 ? values[count / 2] : (values[count / 2 - 1] + values[count / 2]) / 2;
}
