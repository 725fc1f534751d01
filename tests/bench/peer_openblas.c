/* OpenBLAS's side of the benchmark: reads lines "- THREADS SETTLE SECONDS matmul M K N" from
   stdin, runs that product for SETTLE seconds, then for SECONDS, and answers each with the median
   milliseconds. The library is the one that LD_LIBRARY_PATH leads to; nothing is linked with it. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/bench/machine.h"

typedef void sgemm_function(int order, int transpose_a, int transpose_b, int m, int n, int k,
                            float alpha, const float *a, int a_row, const float *b, int b_row,
                            float beta, float *c, int c_row);

static void *library;

/* The function of that name, into a pointer to a function: POSIX says that they are alike. */
static void find(const char *name, void *pointer)
{
    void *symbol = dlsym(library, name);
    if (!symbol) {
        fprintf(stderr, "bench: OpenBLAS: %s\n", dlerror());
        exit(1);
    }
    *(void **)pointer = symbol;
}

static float *matrix(int rows, int cols)
{
    float *values = malloc((size_t)rows * (size_t)cols * sizeof *values);
    for (int i = 0; values && i < rows * cols; i++)
        values[i] = (float)(i * 7 % 11 - 5);
    return values;
}

static double median_time(sgemm_function *sgemm, int m, int k, int n, double settle, double seconds)
{
    enum { MOST = 4096, ROW_MAJOR = 101, NO_TRANSPOSE = 111 };
    static double times[MOST];
    float *a = matrix(m, k), *b = matrix(k, n), *c = matrix(m, n);
    int count = 0;
    if (!a || !b || !c)
        exit(1);
    const double begin = seconds_now() + settle, end = begin + seconds;
    for (double now = 0; (now < end || count < 3) && count < MOST;) {
        double start = seconds_now();
        sgemm(ROW_MAJOR, NO_TRANSPOSE, NO_TRANSPOSE, m, n, k, 1, a, k, b, n, 0, c, n);
        now = seconds_now();
        if (start >= begin)
            times[count++] = 1e3 * (now - start);
    }
    free(a);
    free(b);
    free(c);
    return median(times, count);
}

int main(void)
{
    sgemm_function *sgemm;
    void (*set_threads)(int);
    const char *(*core)(void);
    int threads, m, k, n;
    double settle, seconds;
    Dl_info info;
    library = dlopen("libopenblas.so.0", RTLD_NOW);
    find("cblas_sgemm", &sgemm);
    find("openblas_set_num_threads", &set_threads);
    find("openblas_get_corename", &core);
    dladdr(*(void **)&sgemm, &info);
    printf("%s, %s\n-\n", info.dli_fname, core());
    fflush(stdout);
    while (scanf(" %*s %d %lf %lf matmul %d %d %d", &threads, &settle, &seconds, &m, &k, &n) == 6) {
        set_threads(threads);
        printf("%.9g\n", median_time(sgemm, m, k, n, settle, seconds));
        fflush(stdout);
    }
    return 0;
}
