/* Loops that threads share, as on a machine of four processors (tests/meson.build), whatever this
   one has. */
#define _GNU_SOURCE /* affinities */
#include <errno.h>
#include <omp.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "core/base/denormals.h"
#include "core/base/pool.h"

/* As many elements as are worth threads, however few rounds there are. */
enum { WORTH = TARN__SHARE_MIN, MOST_WORKERS = 16 };

typedef struct job {
    atomic_int *hits; /* of each round */
    pthread_t caller;
    int workers;
    tarn__denormals mode;
    atomic_bool *in_use; /* each worker */
    atomic_int *wrong;   /* things that are not as they should be */
} job;

static void hit(const void *context, int64_t first, int64_t end)
{
    const job *j = context;
    for (int64_t i = first; i < end; i++)
        j->hits[i]++;
}

/* How many of so many rounds are not done once. */
static int64_t count_wrong(int64_t count, int64_t elements)
{
    atomic_int *hits = calloc((size_t)count + 1, sizeof *hits);
    int64_t wrong = 0;
    tarn__share(count, elements, hit, &(job){.hits = hits});
    for (int64_t i = 0; i <= count; i++)
        wrong += hits[i] != (i < count);
    free(hits);
    return wrong;
}

Test(pool, every_round_is_done_once)
{
    const int64_t counts[] = {0, 1, 2, 3, 7, 8, 100, 1000, 4097, 100003, 1 << 20};
    for (int threads = 1; threads <= 9; threads++) {
        omp_set_num_threads(threads);
        for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
            cr_assert_eq(count_wrong(counts[i], WORTH), 0, "%d threads, %lld rounds", threads,
                         (long long)counts[i]);
            cr_assert_eq(count_wrong(counts[i], counts[i]), 0);
        }
    }
}

static void expect_caller(const void *context, int64_t first, int64_t end)
{
    const job *j = context;
    *j->wrong +=
        !pthread_equal(j->caller, pthread_self()) || tarn__worker() != 0 || tarn__workers() != 1;
    j->hits[0] += (int)(end - first);
}

/* How many pieces were not run by the calling thread, as worker 0; or 1 if rounds are missing. */
static int pieces_elsewhere(int64_t count, int64_t elements)
{
    atomic_int hits = 0, wrong = 0;
    tarn__share(count, elements, expect_caller,
                &(job){.hits = &hits, .wrong = &wrong, .caller = pthread_self()});
    return wrong + (hits != count);
}

Test(pool, short_loops_run_on_the_calling_thread)
{
    omp_set_num_threads(4);
    for (int i = 0; i < 1000; i++) {
        cr_assert_eq(pieces_elsewhere(1000, TARN__SHARE_MIN - 1), 0);
        cr_assert_eq(pieces_elsewhere(1, WORTH), 0);
        cr_assert_eq(pieces_elsewhere(0, WORTH), 0);
    }
    omp_set_num_threads(1);
    cr_assert_eq(pieces_elsewhere(1000, WORTH), 0);
}

/* Another loop within the piece, then what is expected of the piece itself. */
static void look_around(const void *context, int64_t first, int64_t end)
{
    const job *j = context;
    const int worker = tarn__worker();
    const bool range = worker >= 0 && worker < j->workers;
    *j->wrong += !range || atomic_exchange(&j->in_use[worker], true);
    *j->wrong += tarn__workers() != 1 || pieces_elsewhere(end - first, WORTH) != 0;
    *j->wrong += tarn__worker() != worker;
    *j->wrong += (tarn__denormals_get() & ~(tarn__denormals)0x3f) != j->mode; /* but for flags */
#ifdef TARN__PROCESSORS /* not OpenMP's threads */
    sigset_t blocked;
    pthread_sigmask(SIG_SETMASK, NULL, &blocked);
    const bool elsewhere = !pthread_equal(j->caller, pthread_self());
    *j->wrong += elsewhere && (!sigismember(&blocked, SIGINT) || sigismember(&blocked, SIGSEGV) ||
                               sigismember(&blocked, SIGFPE));
#endif
    if (range)
        j->in_use[worker] = false;
}

/* Workers that run at the same time have different numbers, the caller's mode for denormals, and no
   helpers; helpers do not see the program's signals, but for faults of their own. */
Test(pool, what_a_piece_finds)
{
    for (int threads = 2; threads <= 9; threads++) {
        atomic_bool in_use[MOST_WORKERS] = {false};
        atomic_int wrong = 0;
        omp_set_num_threads(threads);
        job j = {.caller = pthread_self(), .in_use = in_use, .wrong = &wrong};
        j.workers = tarn__workers();
        cr_assert_eq(j.workers, threads);
        for (int i = 0; i < 500; i++) {
            const tarn__denormals caller = tarn__denormals_get();
            if (i % 2)
                tarn__flush_denormals();
            j.mode = tarn__denormals_get() & ~(tarn__denormals)0x3f;
            tarn__share(1 + i % 64, WORTH, look_around, &j);
            tarn__restore_denormals(caller);
        }
        cr_assert_eq(wrong, 0, "%d threads", threads);
        cr_assert_eq(tarn__workers(), threads);
    }
}

/* In a parallel region of the user's own all are busy, unless OpenMP is told to start more. */
Test(pool, within_a_region_of_the_users)
{
    atomic_int wrong = 0, most = 0;
    omp_set_num_threads(2);
#pragma omp parallel num_threads(2)
    {
        wrong += tarn__workers() != 1 || pieces_elsewhere(5000, WORTH) != 0;
        wrong += count_wrong(5000, WORTH) != 0;
    }
    cr_assert_eq(wrong, 0);
    omp_set_max_active_levels(2);
#pragma omp parallel num_threads(2)
    {
        most += tarn__workers();
        wrong += count_wrong(5000, WORTH) != 0;
    }
    cr_assert_eq(wrong, 0);
    cr_assert_eq(most, 4);
}

static void *call_often(void *result)
{
    atomic_int *wrong = result;
    omp_set_num_threads(2 + rand() % 5);
    for (int i = 0; i < 500; i++)
        *wrong += count_wrong(1 + rand() % 3000, WORTH) != 0;
    return NULL;
}

static void start_callers(pthread_t *callers, int count, atomic_int *wrong)
{
    for (int i = 0; i < count; i++)
        cr_assert_eq(pthread_create(&callers[i], NULL, call_often, wrong), 0);
}

static void join_callers(const pthread_t *callers, int count)
{
    for (int i = 0; i < count; i++)
        cr_assert_eq(pthread_join(callers[i], NULL), 0);
}

/* More of them than there are loops for, at last. */
Test(pool, many_callers_at_once)
{
    const int counts[] = {2, 4, 20};
    atomic_int wrong = 0;
    for (int i = 0; i < 3; i++) {
        pthread_t callers[20];
        start_callers(callers, counts[i], &wrong);
        join_callers(callers, counts[i]);
    }
    cr_assert_eq(wrong, 0);
}

static atomic_bool goes_on;

static void wait_for_the_other(const void *unused, int64_t first, int64_t end)
{
    (void)unused, (void)first, (void)end;
    while (!goes_on)
        nanosleep(&(struct timespec){.tv_nsec = 100000}, NULL);
}

static void *share_pieces_that_wait(void *unused)
{
    omp_set_num_threads(4);
    tarn__share(4, WORTH, wait_for_the_other, NULL);
    return unused;
}

/* Whoever has all helpers at work holds up no other caller. */
Test(pool, a_caller_does_not_wait_for_helpers_of_another)
{
    pthread_t other;
    omp_set_num_threads(4);
    cr_assert_eq(count_wrong(1000, WORTH), 0);
    cr_assert_eq(pthread_create(&other, NULL, share_pieces_that_wait, NULL), 0);
    nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
    for (int i = 0; i < 100; i++)
        cr_assert_eq(count_wrong(1000, WORTH), 0);
    goes_on = true;
    cr_assert_eq(pthread_join(other, NULL), 0);
}

static void *share_and_look_on(void *arrived)
{
    omp_set_num_threads(4);
    tarn__share(4, WORTH, wait_for_the_other, NULL);
    *(bool *)arrived = true;
    pthread_testcancel();
    *(bool *)arrived = false;
    return NULL;
}

/* While it waits for helpers, which read what lies on its stack. */
Test(pool, a_caller_is_cancelled_behind_its_loop, .timeout = 60)
{
    pthread_t other;
    void *result = NULL;
    bool arrived = false;
    cr_assert_eq(pthread_create(&other, NULL, share_and_look_on, &arrived), 0);
    nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
    cr_assert_eq(pthread_cancel(other), 0);
    nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
    goes_on = true;
    cr_assert_eq(pthread_join(other, &result), 0);
    cr_assert(result == PTHREAD_CANCELED && arrived);
    omp_set_num_threads(4);
    for (int i = 0; i < 100; i++)
        cr_assert_eq(count_wrong(1000, WORTH), 0);
}

#ifdef TARN__PROCESSORS /* not OpenMP's threads */

static int refused; /* attempts to start a thread */
static bool refuses;

int start_thread(pthread_t *thread, const pthread_attr_t *attributes, void *(*f)(void *), void *x);
int start_thread(pthread_t *thread, const pthread_attr_t *attributes, void *(*f)(void *), void *x)
{
    refused += refuses;
    return refuses ? EAGAIN : pthread_create(thread, attributes, f, x);
}

static void count_elsewhere(const void *context, int64_t first, int64_t end)
{
    const job *j = context;
    *j->hits += pthread_equal(j->caller, pthread_self()) ? 0 : (int)(end - first);
    nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
}

/* Of rounds that take a millisecond, how many helpers do. */
static int rounds_of_helpers(void)
{
    atomic_int hits = 0;
    tarn__share(40, WORTH, count_elsewhere, &(job){.hits = &hits, .caller = pthread_self()});
    return hits;
}

/* A thread that cannot be started is not asked for in every loop, but again. */
Test(pool, starts_threads_later)
{
    omp_set_num_threads(4);
    refuses = true;
    for (int i = 0; i < 100; i++)
        cr_assert_eq(count_wrong(1000, WORTH), 0);
    cr_assert_eq(refused, 1);
    refuses = false;
    nanosleep(&(struct timespec){.tv_sec = 1, .tv_nsec = 10000000}, NULL);
    cr_assert_gt(rounds_of_helpers(), 0);
}

/* Short loops for which helpers woke too late again and again teach nothing about a long one. */
Test(pool, a_long_loop_wakes_helpers_after_short_ones)
{
    omp_set_num_threads(4);
    for (int i = 0; i < 60; i++) {
        cr_assert_eq(count_wrong(2, WORTH), 0);
        nanosleep(&(struct timespec){.tv_nsec = 2000000}, NULL); /* they fall asleep */
    }
    cr_assert_gt(rounds_of_helpers(), 0);
}

static void take_a_nap(const void *unused, int64_t first, int64_t end)
{
    (void)unused, (void)first, (void)end;
    nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
}

static double seconds_of(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* Two of three helpers have nothing to do, and do not look out for it; when wanted they are there.
 */
Test(pool, helpers_that_no_loop_wants_rest)
{
    omp_set_num_threads(4);
    cr_assert_gt(rounds_of_helpers(), 0);
    omp_set_num_threads(2);
    for (int i = 0; i < 50; i++)
        tarn__share(2, WORTH, take_a_nap, NULL);
    const double begun = seconds_of(CLOCK_MONOTONIC);
    const double worked = seconds_of(CLOCK_PROCESS_CPUTIME_ID);
    for (int i = 0; i < 100; i++)
        tarn__share(2, WORTH, take_a_nap, NULL);
    cr_expect_lt(seconds_of(CLOCK_PROCESS_CPUTIME_ID) - worked,
                 0.3 * (seconds_of(CLOCK_MONOTONIC) - begun));
    omp_set_num_threads(4);
    cr_assert_gt(rounds_of_helpers(), 20);
}

static void look_at_processors(const void *context, int64_t first, int64_t end)
{
    const job *j = context;
    cpu_set_t set;
    (void)first, (void)end;
    nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
    if (pthread_equal(j->caller, pthread_self()))
        return;
    sched_getaffinity(0, sizeof set, &set);
    *j->hits += CPU_COUNT(&set) != j->workers;
}

static void *share_on_one_processor(void *job_of_main)
{
    job *j = job_of_main;
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET((size_t)sched_getcpu(), &one);
    *j->wrong += sched_setaffinity(0, sizeof one, &one) != 0;
    j->caller = pthread_self();
    omp_set_num_threads(4);
    tarn__share(40, WORTH, look_at_processors, j);
    return NULL;
}

/* Helpers of a thread that is pinned to a processor may run on all that the program has. */
Test(pool, helpers_of_a_pinned_caller)
{
    pthread_t other;
    cpu_set_t set;
    atomic_int hits = 0, wrong = 0;
    job j = {.hits = &hits, .wrong = &wrong};
    cr_assert_eq(sched_getaffinity(0, sizeof set, &set), 0);
    j.workers = CPU_COUNT(&set) > omp_get_num_procs() ? CPU_COUNT(&set) : omp_get_num_procs();
    cr_assert_eq(pthread_create(&other, NULL, share_on_one_processor, &j), 0);
    cr_assert_eq(pthread_join(other, NULL), 0);
    cr_assert_eq(wrong, 0);
    cr_assert_eq(hits, 0);
}

#endif

/* The emulator that tests run in on aarch64 cannot start threads after a fork(). */
#ifndef __aarch64__
static bool has_helpers(void)
{
#ifdef TARN__PROCESSORS
    for (int i = 0; i < 100; i++)
        if (rounds_of_helpers() > 0)
            return true;
    return false;
#else
    return true; /* OpenMP's are its own business */
#endif
}

/* Whether a child shares loops, and with whom. */
static bool child_shares(void)
{
    const pid_t child = fork();
    if (child == 0) {
        alarm(20);
        int64_t wrong = 0;
        for (int i = 0; i < 20; i++)
            wrong += count_wrong(5000, WORTH);
        _exit(wrong != 0 ||
              !has_helpers()); /* what the threads held that are not here is no leak */
    }
    int status = -1;
    return waitpid(child, &status, 0) == child && status == 0;
}

Test(pool, a_child_has_helpers_of_its_own)
{
    omp_set_num_threads(4);
    cr_assert(child_shares(), "forked before the first loop");
    for (int i = 0; i < 20; i++) {
        cr_assert_eq(count_wrong(5000, WORTH), 0);
        cr_assert(child_shares());
    }
}

Test(pool, a_child_of_a_process_that_is_sharing)
{
    pthread_t callers[2];
    atomic_int wrong = 0;
    start_callers(callers, 2, &wrong);
    omp_set_num_threads(4);
    for (int i = 0; i < 50; i++)
        cr_assert(child_shares());
    join_callers(callers, 2);
    cr_assert_eq(wrong, 0);
}

/* The caller ends the program while a helper waits for what the caller holds. */
#ifndef __SANITIZE_ADDRESS__ /* which would look for leaks at the end of the child */
static pthread_mutex_t held = PTHREAD_MUTEX_INITIALIZER;
static atomic_bool waiting;

static void end_the_program(const void *context, int64_t first, int64_t end)
{
    const job *j = context;
    (void)first, (void)end;
    if (pthread_equal(j->caller, pthread_self())) {
        while (!waiting)
            sched_yield();
        exit(0);
    }
    waiting = true;
    pthread_mutex_lock(&held);
    pthread_mutex_unlock(&held);
}

Test(pool, exit_within_a_loop_does_not_wait)
{
    const pid_t child = fork();
    if (child == 0) {
        alarm(20);
        omp_set_num_threads(2);
        pthread_mutex_lock(&held);
        tarn__share(100, WORTH, end_the_program, &(job){.caller = pthread_self()});
        _exit(1);
    }
    int status = -1;
    cr_assert_eq(waitpid(child, &status, 0), child);
    cr_assert_eq(status, 0);
}
#endif
#endif
