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

/* What the rounds gave for one number of threads. */
typedef struct rounds {
    int setting;
    double ms[MOST_ROUNDS], shares[MOST_ROUNDS], speedups[MOST_ROUNDS];
    double peer_ms[MOST_ROUNDS], ratios[MOST_ROUNDS];
} rounds;

static void run_round(subject s, pace p, int i, int threads, rounds *r, const rounds *single)
{
    tarn_set_threads(threads);
    r->ms[i] = time_steps(s, p.seconds);
    r->shares[i] = s.flops / r->ms[i] * 1e-6 / fma_peak(threads);
    r->speedups[i] = single->ms[i] / r->ms[i];
    if (r->setting >= 0) {
        r->peer_ms[i] = peer_time(r->setting, s.request, threads, p.seconds);
        r->ratios[i] = r->peer_ms[i] / r->ms[i];
    }
}

void measure(subject s, pace p, figures *out)
{
    int threads[MOST_THREAD_COUNTS], count = thread_counts(threads);
    rounds all[MOST_THREAD_COUNTS];
    for (int t = 0; t < count; t++) {
        out[t] = (figures){.threads = threads[t]};
        all[t].setting = -1;
        if (p.peers && s.request)
            all[t].setting =
                peer_fastest(s.request, threads[t], p.seconds / 2, &out[t].installed_ms);
        tarn_set_threads(threads[t]);
        warm_up(s);
    }
    for (int i = 0; i < p.rounds; i++)
        for (int t = 0; t < count; t++)
            run_round(s, p, i, threads[t], &all[t], &all[0]);
    /* Only now: median() sorts. */
    for (int t = 0; t < count; t++) {
        out[t].ms = median(all[t].ms, p.rounds);
        out[t].gflops = s.flops / out[t].ms * 1e-6;
        out[t].share = median(all[t].shares, p.rounds);
        out[t].speedup = median(all[t].speedups, p.rounds);
        if (all[t].setting < 0)
            continue;
        out[t].peer_ms = median(all[t].peer_ms, p.rounds);
        out[t].ratio = median(all[t].ratios, p.rounds);
        out[t].setting = peer_setting_name(all[t].setting);
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
