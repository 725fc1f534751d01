/*
 * Rounds of measurements. In each round, for each number of threads: ours, theirs, and the peak of
 * the machine, one right after the other, because machines drift. Every figure is the median over
 * the rounds, ratios and shares too. Each side first runs for a while untimed (settling_time()).
 */
#ifndef TARN_TESTS_BENCH_MEASURE_H
#define TARN_TESTS_BENCH_MEASURE_H

#include <stdbool.h>

typedef struct pace {
    int rounds;
    double seconds; /* of each side in a round */
    bool peers;
} pace;

/* What is timed: step(state) runs it once and returns the seconds that it took. */
typedef struct subject {
    double (*step)(void *state);
    void *state;
    double flops;
    const char *request; /* for the peers; NULL where they have nothing alike */
    bool products;       /* which tarn_set_precision() makes a difference to */
} subject;

/* The fastest of the peers, in one precision. */
typedef struct peer_figures {
    const char *setting; /* NULL: there is none */
    double ms, ratio;    /* ratio: ms / ours in this precision */
} peer_figures;

typedef struct figures {
    int threads;
    double ms, gflops;
    double share;       /* of the FMA peak of so many threads */
    double speedup;     /* over one thread */
    double bfloat16_ms; /* ours with TARN_BF16; 0: not measured */
    peer_figures peer, bfloat16;
} figures;

/* One, two, and all cores where there are more. */
enum { MOST_THREAD_COUNTS = 3 };
int thread_counts(int counts[MOST_THREAD_COUNTS]);

/* Fills in one for each number of threads. */
void measure(subject s, pace p, figures *out);

/* How many times as long a step of the second takes, on so many threads: the median over rounds. */
double compare(subject first, subject second, pace p, int threads);

#endif
