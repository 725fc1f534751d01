#include "tests/bench/busy.h"

#include <math.h>
#include <omp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/bench/machine.h"

/* A process, and where it will write its result. */
typedef struct child {
    pid_t id;
    int result;
} child;

static void give_up(void)
{
    fprintf(stderr, "bench: no process can be started, or one has ended too soon\n");
    exit(1);
}

/* Ends at once in the child, which goes on with id 0. */
static child start(int *result)
{
    int ends[2];
    child c = {-1, -1};
    fflush(NULL);
    if (pipe(ends) == 0)
        c = (child){fork(), ends[0]};
    if (c.id < 0)
        give_up();
    close(ends[c.id != 0]);
    *result = ends[1];
    return c;
}

/* Starts a program that trains, and will tell how long a step takes in so many seconds. */
static child start_training(const workload *w, int threads, double seconds)
{
    int result;
    const child c = start(&result);
    if (c.id != 0)
        return c;
    tarn_set_threads(threads);
    running *r = workload_start(w, 0);
    int steps = 0;
    for (double end = seconds_now() + settling_time(threads); seconds_now() < end;)
        workload_step(r);
    const double start_time = seconds_now();
    for (; seconds_now() < start_time + seconds || steps == 0; steps++)
        workload_step(r);
    const double time = (seconds_now() - start_time) / steps;
    _exit(write(result, &time, sizeof time) != sizeof time);
}

static double result_of(child c)
{
    double time;
    if (read(c.result, &time, sizeof time) != sizeof time)
        give_up();
    close(c.result);
    waitpid(c.id, NULL, 0);
    return time;
}

static double train(const workload *w, int threads, double seconds)
{
    return result_of(start_training(w, threads, seconds));
}

/* While another process computes, one that ends with this one's patience in any case. */
static double train_beside_another(const workload *w, int threads, double seconds)
{
    int unused;
    const child busy = start(&unused);
    if (busy.id == 0) {
        alarm(60);
        for (volatile unsigned i = 0;; i++)
            ;
    }
    const double time = train(w, threads, seconds);
    kill(busy.id, SIGKILL);
    close(busy.result);
    waitpid(busy.id, NULL, 0);
    return time;
}

/* The time of a step of both. */
static double train_two(const workload *w, int threads, double seconds)
{
    const child first = start_training(w, threads, seconds);
    const child second = start_training(w, threads, seconds);
    const double a = result_of(first), b = result_of(second);
    return 2 / (1 / a + 1 / b);
}

busy_ratios busy_ratios_of(const workload *w, pace p)
{
    enum { MOST_ROUNDS = 16 };
    double beside[MOST_ROUNDS], together[MOST_ROUNDS], crowded[MOST_ROUNDS];
    const int threads = omp_get_num_procs();
    const int rounds = p.rounds < MOST_ROUNDS ? p.rounds : MOST_ROUNDS;
    for (int i = 0; i < rounds; i++) {
        const double single = train(w, 1, p.seconds), alone = train(w, threads, p.seconds);
        const double best = fmin(single, alone * (threads + 1) / threads);
        beside[i] = train_beside_another(w, threads, p.seconds) / best;
        together[i] = train_two(w, threads, p.seconds) / (2 * alone);
        crowded[i] = train(w, 2 * threads, p.seconds) / alone;
    }
    return (busy_ratios){median(beside, rounds), median(together, rounds), median(crowded, rounds)};
}
