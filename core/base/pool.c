/*
 * Threads that share loops.
 *
 * A loop is cut into more pieces than it has workers, and each worker has a range of them: its own
 * first, always the same in loops over the same images, whose numbers its cache holds; then those
 * at the end of the others' ranges. A piece is claimed by one compare-and-swap on its range. Worker
 * 0 is the thread that called, the others are helpers, which this file starts when they are first
 * needed, at most one for each processor but one.
 *
 * The caller waits for pieces that were claimed and for nothing else. So a helper that has not come
 * yet, or is not there at all, costs nothing. One that lost its processor with a
 * piece in hand does: if that happens again soon, the caller does without helpers for a while, at
 * first for a millisecond, and twice as long each time.
 *
 * A helper without work looks for more for a while, and offers its processor to others meanwhile;
 * if anybody took it, it looks only shortly the next time. Then it sleeps. Waking it takes longer
 * than many a loop: where it came too late for all pieces, the next loops wake nobody.
 *
 * Several threads may call at once. Each has a loop of its own, and the helpers, which are worker 1
 * for one caller and perhaps worker 3 for another, divide themselves among the loops.
 */
#include "core/base/pool.h"

#include <omp.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <time.h>

#include "core/base/denormals.h"

enum { MOST_WORKERS = 256, MOST_CALLERS = 16, PIECES_OF_WORKER = 8, CACHE_LINE = 64 };

/* Tests tell of more than there are. */
#ifndef TARN__PROCESSORS
#define TARN__PROCESSORS omp_get_num_procs()
#endif

/* A long loop is cut at whole cache lines. */
enum { LONG_PIECE = 1024 };

/* Nanoseconds. */
enum {
    MICROSECOND = 1000,
    LOOKS = 1000 * MICROSECOND, /* a helper for another loop, before it sleeps */
    LOOKS_SHORTLY = 2 * MICROSECOND,
    LOST = 100 * MICROSECOND,   /* between two looks: somebody else had the processor */
    WAITS = 20 * MICROSECOND,   /* a caller for helpers, before it sleeps */
    LATE = 200 * MICROSECOND,   /* so much later than expected, a helper lost its processor */
    ALONE = 1000 * MICROSECOND, /* a caller does without helpers then, */
    ALONE_MOST = 200 * ALONE    /* longer each time */
};

/* Sharing pays where it went well for so many times what a lost processor costs now. */
enum { PAYS = 16 };

/* The pieces of a worker that nobody has claimed: number of the loop, next, end; 32, 16 and 16
   bits. The number tells a thread that comes too late that this is another loop. */
typedef struct range {
    _Alignas(CACHE_LINE) _Atomic uint64_t at;
} range;

/* The loop of one caller at a time. */
typedef struct loop {
    _Alignas(CACHE_LINE) atomic_bool taken;
    _Alignas(CACHE_LINE) _Atomic uint64_t number; /* << 16 | workers, of which 0: no loop */
    tarn__work *work;
    const void *context;
    int64_t count, pieces;
    tarn__denormals mode;
    _Alignas(CACHE_LINE) _Atomic int64_t left; /* pieces not done */
    atomic_bool waits;                         /* the caller sleeps */

    /* The caller's alone. */
    int64_t alone, until; /* how long it did without helpers, and until when it will */
    unsigned late, quiet; /* times in a row that helpers came too late; loops that wake nobody */

    range ranges[MOST_WORKERS];
} loop;

static loop loops[MOST_CALLERS];

static struct {
    _Alignas(CACHE_LINE) _Atomic uint32_t begun; /* loops, of all callers */
    _Alignas(CACHE_LINE) atomic_int sleepers;
    atomic_int callers; /* at once, at most so far */
    atomic_int helpers; /* started */
    atomic_bool full;   /* no more can be started */
    atomic_bool stop;
    pthread_mutex_t mutex;
    pthread_cond_t loop_begins, loop_ends;
    pthread_t threads[MOST_WORKERS];
} pool = {.mutex = PTHREAD_MUTEX_INITIALIZER,
          .loop_begins = PTHREAD_COND_INITIALIZER,
          .loop_ends = PTHREAD_COND_INITIALIZER};

/* This thread: whether it is within a piece, and as which worker. */
static _Thread_local bool within;
static _Thread_local int worker_here;

static int64_t smaller(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static int64_t now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * (1000000 * (int64_t)MICROSECOND) + t.tv_nsec;
}

/* A moment without work for the processor, some 100 ns. */
static void rest(void)
{
#if defined __x86_64__
    for (int i = 0; i < 8; i++)
        __builtin_ia32_pause();
#elif defined __aarch64__
    for (int i = 0; i < 32; i++)
        __asm__ volatile("yield");
#endif
}

/* ---- Pieces */

static int64_t cut(const loop *l, int64_t piece)
{
    const int64_t at = l->count * piece / l->pieces;
    return piece < l->pieces && l->count / l->pieces >= LONG_PIECE ? at / CACHE_LINE * CACHE_LINE
                                                                   : at;
}

static void run_piece(const loop *l, int64_t piece)
{
    if (worker_here > 0)
        tarn__restore_denormals(l->mode);
    l->work(l->context, cut(l, piece), cut(l, piece + 1));
}

/* Does what is unclaimed in a range, the owner from the front, others from the back; helpers only
   until they are to stop. Returns how many pieces that was. A claim that succeeds proves that the
   loop goes on, and will until the piece is done: only then is the rest of it read. */
static int64_t run_range(loop *l, range *r, uint32_t number, bool own)
{
    int64_t done = 0;
    for (uint64_t at = atomic_load(&r->at);;) {
        const uint64_t next = at >> 16 & 0xffff, end = at & 0xffff;
        if (at >> 32 != number || next >= end || (worker_here > 0 && pool.stop))
            return done;
        if (!atomic_compare_exchange_weak(&r->at, &at, own ? at + (1 << 16) : at - 1))
            continue;
        run_piece(l, (int64_t)(own ? next : end - 1));
        done++;
        at = atomic_load(&r->at);
    }
}

static int64_t run_ranges(loop *l, uint32_t number, int workers, int worker)
{
    int64_t done = 0;
    worker_here = worker;
    for (int i = 0; i < workers; i++)
        done += run_range(l, &l->ranges[(worker + i) % workers], number, i == 0);
    return done;
}

static void run_alone(int64_t count, tarn__work *work, const void *context)
{
    const bool was_within = within;
    const int worker = worker_here;
    within = true, worker_here = 0;
    work(context, 0, count);
    within = was_within, worker_here = worker;
}

/* ---- Helpers */

static int processors(void)
{
    static atomic_int known;
    if (known == 0)
        known = (int)smaller(TARN__PROCESSORS, MOST_WORKERS);
    return known;
}

/* Which worker a helper is in a loop: each takes other helpers first, so that callers that want few
   do not want the same. */
static int worker_of(int helper, int loop_index, int workers)
{
    const int helpers = processors() - 1, skipped = loop_index * (workers - 1) % helpers;
    return (helper - 1 + helpers - skipped) % helpers + 1;
}

/* Looks for unclaimed pieces in all loops, each helper in another one first. */
static bool help_anyone(int helper)
{
    const int callers = pool.callers;
    bool any = false;
    for (int i = 0; i < callers; i++) {
        const int index = (helper + i) % callers;
        loop *l = &loops[index];
        const uint64_t number = atomic_load(&l->number);
        const int workers = (int)(number & 0xffff);
        const int worker = workers > 1 ? worker_of(helper, index, workers) : workers;
        if (worker >= workers)
            continue;
        const int64_t done = run_ranges(l, (uint32_t)(number >> 16), workers, worker);
        any |= done > 0;
        if (done > 0 && atomic_fetch_sub(&l->left, done) == done && l->waits) {
            pthread_mutex_lock(&pool.mutex);
            pthread_cond_broadcast(&pool.loop_ends);
            pthread_mutex_unlock(&pool.mutex);
        }
    }
    return any;
}

/* Looks out for another loop than those seen. False when there was none for so long, or when
   somebody else had the processor, after which it is shorter. */
static bool look_out(uint32_t seen, int64_t *patience)
{
    const int64_t start = now();
    for (int64_t last = start, time; (time = now()) - start <= *patience; last = time) {
        if (time - last > LOST) {
            *patience = LOOKS_SHORTLY;
            return false;
        }
        for (int i = 0; i < 8; i++, rest())
            if (pool.begun != seen || pool.stop)
                return true;
        sched_yield();
    }
    return false;
}

static void sleep_until_begun(uint32_t seen)
{
    pthread_mutex_lock(&pool.mutex);
    pool.sleepers++; /* before it looks once more: who begins a loop first counts it, then looks
                        here */
    while (pool.begun == seen && !pool.stop)
        pthread_cond_wait(&pool.loop_begins, &pool.mutex);
    pool.sleepers--;
    pthread_mutex_unlock(&pool.mutex);
}

static void *help(void *number)
{
    const int helper = (int)(intptr_t)number;
    int64_t patience = LOOKS;
    uint32_t seen = 0;
    within = true;
    while (!pool.stop) {
        if (!look_out(seen, &patience))
            sleep_until_begun(seen);
        seen = pool.begun;
        if (help_anyone(helper))
            patience = smaller(2 * patience, LOOKS);
    }
    return NULL;
}

/* ---- Their beginning and end */

static void before_fork(void)
{
    pthread_mutex_lock(&pool.mutex);
}

static void after_fork(void)
{
    pthread_mutex_unlock(&pool.mutex);
}

/* A child has one thread of the parent's: no helper, and none that has a loop. */
static void begin_child(void)
{
    pthread_mutex_init(&pool.mutex, NULL);
    pthread_cond_init(&pool.loop_begins, NULL);
    pthread_cond_init(&pool.loop_ends, NULL);
    pool.helpers = 0;
    pool.sleepers = 0;
    for (int i = 0; i < MOST_CALLERS; i++) {
        loops[i].number = 0;
        loops[i].waits = false;
        loops[i].taken = false;
    }
}

static void look_after_forks(void)
{
    pthread_atfork(before_fork, after_fork, begin_child);
}

static bool is_sharing(void)
{
    for (int i = 0; i < MOST_CALLERS; i++)
        if (loops[i].taken)
            return true;
    return false;
}

/* At the end of the program, or when the library is unloaded. Threads that still share loops go on
   alone. Within a loop it is the end of the program, by exit(): no helper is waited for, which may
   wait for a lock that the thread that exits holds. */
__attribute__((destructor)) static void stop_helpers(void)
{
    pthread_mutex_lock(&pool.mutex);
    pool.stop = pool.full = true;
    pthread_cond_broadcast(&pool.loop_begins);
    pthread_mutex_unlock(&pool.mutex);
    if (is_sharing())
        return;
    for (int i = 0; i < pool.helpers; i++)
        pthread_join(pool.threads[i], NULL);
    pool.helpers = 0;
}

/* Signals are for the threads of the program, which may have to do with them. */
static void start_helpers(int count)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    sigset_t all, before;
    pthread_once(&once, look_after_forks);
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pthread_mutex_lock(&pool.mutex);
    while (pool.helpers < count && !pool.full) {
        void *number = (void *)(intptr_t)(pool.helpers + 1);
        pool.full = pthread_create(&pool.threads[pool.helpers], NULL, help, number) != 0;
        pool.helpers += !pool.full;
    }
    pthread_mutex_unlock(&pool.mutex);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

/* Whether helpers may come to a loop. */
static bool have_helpers(int loop_index, int workers)
{
    const int wanted = (int)smaller(processors() - 1, (loop_index + 1) * (workers - 1));
    if (pool.helpers < wanted && !pool.full)
        start_helpers(wanted);
    for (int callers = pool.callers; callers <= loop_index;)
        atomic_compare_exchange_weak(&pool.callers, &callers, loop_index + 1);
    return pool.helpers > 0;
}

/* ---- Callers */

int tarn__workers(void)
{
    if (within || omp_get_active_level() >= omp_get_max_active_levels())
        return 1;
    return (int)smaller(smaller(omp_get_max_threads(), omp_get_thread_limit()), MOST_WORKERS);
}

int tarn__worker(void)
{
    return worker_here;
}

/* Takes a loop that is no other caller's. NULL if there is none, or if its caller should do without
   helpers. */
static loop *take_loop(int workers)
{
    for (int i = 0; i < MOST_CALLERS; i++) {
        loop *l = &loops[i];
        if (l->taken || atomic_exchange(&l->taken, true))
            continue;
        if ((l->until == 0 || now() >= l->until) && have_helpers(i, workers))
            return l;
        l->taken = false;
        return NULL;
    }
    return NULL;
}

/* Returns the loop's number. */
static uint32_t begin_loop(loop *l, int workers)
{
    const uint32_t number = (uint32_t)(l->number >> 16) + 1;
    l->mode = tarn__denormals_get();
    atomic_store_explicit(&l->left, l->pieces, memory_order_relaxed);
    for (int i = 0; i < workers; i++) {
        const int64_t next = l->pieces * i / workers, end = l->pieces * (i + 1) / workers;
        const uint64_t at = (uint64_t)number << 32 | (uint64_t)next << 16 | (uint64_t)end;
        atomic_store_explicit(&l->ranges[i].at, at, memory_order_release);
    }
    l->number = (uint64_t)number << 16 | (uint64_t)workers;
    pool.begun++;
    return number;
}

/* Returns whether it did. */
static bool wake_helpers(loop *l)
{
    if (pool.sleepers == 0 || l->quiet > 0) {
        l->quiet -= l->quiet > 0;
        return false;
    }
    pthread_mutex_lock(&pool.mutex);
    pthread_cond_broadcast(&pool.loop_begins);
    pthread_mutex_unlock(&pool.mutex);
    return true;
}

static void wait_for_helpers(loop *l)
{
    for (const int64_t start = now(); now() - start < WAITS; sched_yield())
        for (int i = 0; i < 8; i++, rest())
            if (l->left == 0)
                return;
    pthread_mutex_lock(&pool.mutex);
    l->waits = true;
    while (l->left > 0)
        pthread_cond_wait(&pool.loop_ends, &pool.mutex);
    l->waits = false;
    pthread_mutex_unlock(&pool.mutex);
}

/* Settles whether the next loops do without helpers, after one whose last piece was waited for from
   begun on; the caller's pieces took so long each. */
static void judge_helpers(loop *l, int64_t begun, int64_t piece)
{
    const int64_t end = now(), late = end - begun - 2 * piece;
    if (late <= LATE)
        return;
    const bool pays = begun - l->until > PAYS * late;
    l->alone = pays ? 0 : smaller(l->alone > 0 ? 2 * l->alone : ALONE, ALONE_MOST);
    l->until = end + l->alone;
}

static void share(loop *l, int workers)
{
    const uint32_t number = begin_loop(l, workers);
    const bool woke = wake_helpers(l);
    const int64_t start = now();
    within = true;
    const int64_t done = run_ranges(l, number, workers, 0);
    within = false;
    if (atomic_fetch_sub(&l->left, done) > done) {
        const int64_t middle = now();
        wait_for_helpers(l);
        judge_helpers(l, middle, done ? (middle - start) / done : 0);
    }
    l->number = (uint64_t)number << 16;
    if (done < l->pieces)
        l->late = 0;
    else if (woke && l->late < 10)
        l->late++;
    if (woke)
        l->quiet = (1u << l->late) - 1;
}

void tarn__share(int64_t count, int64_t elements, tarn__work *work, const void *context)
{
    if (count <= 0)
        return;
    const int threads = count > 1 && elements >= TARN__SHARE_MIN ? tarn__workers() : 1;
    const int workers = (int)smaller(threads, processors());
    loop *l = workers > 1 ? take_loop(workers) : NULL;
    if (!l) {
        run_alone(count, work, context);
        return;
    }
    l->work = work;
    l->context = context;
    l->count = count;
    l->pieces = smaller(count, PIECES_OF_WORKER * threads);
    share(l, (int)smaller(workers, l->pieces));
    l->taken = false;
}
