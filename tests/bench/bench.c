/*
 * Times training steps, and with --peers those of PyTorch in the same run: ours, theirs, ours,
 * theirs. Machines drift, so what counts are the ratios.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <tarn.h>

#include "tests/bench/machine.h"
#include "tests/bench/peer.h"
#include "tests/bench/workload.h"

enum { ROUNDS = 7, THREAD_COUNTS = 2 };
static const double seconds_a_round = 0.3;

/* The median milliseconds of a step, over about so many seconds. */
static double time_steps(running *r, double seconds)
{
    enum { MOST = 4096 };
    static double times[MOST];
    int count = 0;
    for (double end = seconds_now() + seconds, now = 0; (now < end || count < 3) && count < MOST;) {
        double start = seconds_now();
        workload_step(r);
        now = seconds_now();
        times[count++] = 1e3 * (now - start);
    }
    return median(times, count);
}

static void bench(const workload *w, int threads, peer *theirs)
{
    double ours[ROUNDS], shares[ROUNDS], peers[ROUNDS], ratios[ROUNDS];
    tarn_set_threads(threads);
    running r = workload_start(w);
    for (int i = 0; i < 5; i++)
        workload_step(&r);
    for (int i = 0; i < ROUNDS; i++) {
        ours[i] = time_steps(&r, seconds_a_round);
        shares[i] = w->flops / ours[i] * 1e-6 / fma_peak(threads);
        peers[i] = theirs ? peer_time(theirs, w->name, threads, seconds_a_round) : 0;
        ratios[i] = peers[i] / ours[i];
    }
    workload_stop(&r);
    double ms = median(ours, ROUNDS);
    printf("%-10s %4d %2d  %9.3f %10.0f %9.1f %6.0f%%", w->name, w->batch, threads, ms,
           1e3 * w->batch / ms, w->flops / ms * 1e-6, 100 * median(shares, ROUNDS));
    if (theirs)
        printf("  %9.3f %7.1fx", median(peers, ROUNDS), median(ratios, ROUNDS));
    printf("\n");
    fflush(stdout);
}

int main(int argc, char **argv)
{
    const char *python = NULL;
    if (argc == 3 && strcmp(argv[1], "--peers") == 0)
        python = argv[2];
    else if (argc != 1) {
        fprintf(stderr, "usage: bench [--peers PYTHON]\n");
        return 1;
    }
    peer *theirs = python ? peer_start(python) : NULL;
    for (int t = 1; t <= THREAD_COUNTS; t++)
        printf("%d thread%s: %.0f GFLOP/s of multiply-adds, %.1f GB/s of triad\n", t,
               t == 1 ? " " : "s", fma_peak(t), triad_bandwidth(t));
    printf("\n%-10s %4s %2s  %9s %10s %9s %7s", "", "N", "T", "ms/step", "images/s", "GFLOP/s",
           "peak");
    printf(theirs ? "  %9s %8s\n" : "\n", "PyTorch", "ratio");
    for (const workload *w = workloads; w->name; w++)
        for (int t = 1; t <= THREAD_COUNTS; t++)
            bench(w, t, theirs);
    peer_stop(theirs);
    return 0;
}
