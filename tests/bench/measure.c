#include "tests/bench/measure.h"

#include <omp.h>
#include <stdlib.h>

#include <tarn.h>

#include "tests/bench/machine.h"
#include "tests/bench/peer.h"

enum { MOST_ROUNDS = 16 };

int thread_counts(int counts[MOST_THREAD_COUNTS])
{
    counts[0] = 1;
    counts[1] = 2;
    counts[2] = omp_get_num_procs();
    return counts[2] > 2 ? 3 : 2;
}

/* The median milliseconds of a step, over about so many seconds. */
static double time_steps(subject s, double seconds)
{
    for (double end = seconds_now() + settling_time(tarn_threads()); seconds_now() < end;)
        s.step(s.state);

    enum { MOST = 4096 };
    static double times[MOST];
    int count = 0;
    for (double end = seconds_now() + seconds; (seconds_now() < end || count < 3) && count < MOST;)
        times[count++] = 1e3 * s.step(s.state);
    return median(times, count);
}

static void warm_up(subject s)
{
    for (int i = 0; i < 4; i++)
        s.step(s.state);
}

/* What the rounds gave for one number of threads: ours, and the peers' in float and bfloat16. */
enum { PRECISIONS = 2 };

typedef struct rounds {
    int settings[PRECISIONS];
    double ms[PRECISIONS][MOST_ROUNDS], shares[MOST_ROUNDS], speedups[MOST_ROUNDS];
    double peer_ms[PRECISIONS][MOST_ROUNDS], ratios[PRECISIONS][MOST_ROUNDS];
} rounds;

static void run_round(subject s, pace p, int i, int threads, rounds *r, const rounds *single)
{
    tarn_set_threads(threads);
    for (int k = 0; k < PRECISIONS; k++) {
        if (k == 0 || s.products) {
            tarn_set_precision(k == 0 ? TARN_FLOAT : TARN_BF16);
            r->ms[k][i] = time_steps(s, p.seconds);
        }
        if (r->settings[k] >= 0) {
            r->peer_ms[k][i] = peer_time(r->settings[k], s.request, threads, p.seconds);
            r->ratios[k][i] = r->peer_ms[k][i] / r->ms[s.products ? k : 0][i];
        }
    }
    tarn_set_precision(TARN_FLOAT);
    r->shares[i] = s.flops / r->ms[0][i] * 1e-6 / fma_peak(threads);
    r->speedups[i] = single->ms[0][i] / r->ms[0][i];
}

static peer_figures figures_of_peer(rounds *r, int precision, int count)
{
    if (r->settings[precision] < 0)
        return (peer_figures){0};
    return (peer_figures){.setting = peer_setting_name(r->settings[precision]),
                          .ms = median(r->peer_ms[precision], count),
                          .ratio = median(r->ratios[precision], count)};
}

void measure(subject s, pace p, figures *out)
{
    int threads[MOST_THREAD_COUNTS], count = thread_counts(threads);
    rounds all[MOST_THREAD_COUNTS];
    for (int t = 0; t < count; t++) {
        out[t] = (figures){.threads = threads[t]};
        for (int k = 0; k < PRECISIONS; k++)
            all[t].settings[k] =
                p.peers && s.request ? peer_fastest(s.request, k, threads[t], p.seconds / 2) : -1;
        tarn_set_threads(threads[t]);
        warm_up(s);
    }
    for (int i = 0; i < p.rounds; i++)
        for (int t = 0; t < count; t++)
            run_round(s, p, i, threads[t], &all[t], &all[0]);
    /* Only now: median() sorts. */
    for (int t = 0; t < count; t++) {
        out[t].ms = median(all[t].ms[0], p.rounds);
        out[t].bfloat16_ms = s.products ? median(all[t].ms[1], p.rounds) : 0;
        out[t].gflops = s.flops / out[t].ms * 1e-6;
        out[t].share = median(all[t].shares, p.rounds);
        out[t].speedup = median(all[t].speedups, p.rounds);
        out[t].peer = figures_of_peer(&all[t], 0, p.rounds);
        out[t].bfloat16 = figures_of_peer(&all[t], 1, p.rounds);
    }
}

double compare(subject first, subject second, pace p, int threads)
{
    double ratios[MOST_ROUNDS];
    tarn_set_threads(threads);
    warm_up(first);
    warm_up(second);
    for (int i = 0; i < p.rounds; i++) {
        double ms = time_steps(first, p.seconds);
        ratios[i] = time_steps(second, p.seconds) / ms;
    }
    return median(ratios, p.rounds);
}
