/*
 * Threads that share loops.
 *
 * A loop is cut into more pieces than it has workers, and each worker has a range of them: its own
 * first, always the same in loops over the same images, whose numbers its cache holds; then those
 * at the end of the others' ranges. A piece is claimed by one compare-and-swap on its range. Worker
 * 0 is the thread that called, the others are helpers, which this file starts when they are first
 * needed, at most one for each processor but one. Those that no caller wants any more rest apart.
 *
 * The caller waits for pieces that were claimed and for nothing else. So a helper that has not come
 * yet, or is not there at all, costs nothing. One that lost its processor with a piece in hand
 * does: if that happens again soon, the caller does without helpers for a while, at first for a
 * millisecond, and twice as long each time.
 *
 * A helper without work looks for more for a while, and offers its processor to others meanwhile;
 * if anybody took it, it looks only shortly the next time. Then it sleeps. Waking it takes longer
 * than many a loop: where it came too late for all pieces, the next loops wake nobody, unless one
 * turns out to be long.
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
#include "core/base/processors.h"

enum { MOST_WORKERS = 256, MOST_CALLERS = 16, PIECES_OF_WORKER = 8, CACHE_LINE = 64 };

/* Tests tell of more processors than there are, and of threads that cannot be started. */
#ifndef TARN__PROCESSORS
#define TARN__PROCESSORS tarn__processors()
#endif
#ifndef TARN__START_THREAD
#define TARN__START_THREAD pthread_create
#else
int TARN__START_THREAD(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);
#endif

/* A long loop is cut at whole cache lines. */
enum { LONG_PIECE = 1024 };

/* Nanoseconds. */
enum {
    MICROSECOND = 1000,
    LOOKS = 1000 * MICROSECOND, /* a helper for another loop, before it sleeps */
    LOOKS_SHORTLY = 2 * MICROSECOND,
    LOST = 100 * MICROSECOND,       /* between two looks: somebody else had the processor */
    UNWANTED = 10000 * MICROSECOND, /* a helper, before it rests apart */
    LONG_LOOP = 100 * MICROSECOND,  /* wakes helpers in any case */
    AGAIN = 1000000 * MICROSECOND,  /* after a thread could not be started, the next attempt */
    WAITS = 20 * MICROSECOND,       /* a caller for helpers, before it sleeps */
    LATE = 200 * MICROSECOND,       /* so much later than expected, a helper lost its processor */
    ALONE = 1000 * MICROSECOND,     /* a caller does without helpers then, */
    ALONE_MOST = 200 * ALONE        /* longer each time */
};

/* The loops of a thread after which it counts the processors anew. */
enum { COUNTS_AGAIN = 4096 };

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
    /* << 32 | helpers there may be << 16 | workers, of which 0: no loop */
    _Alignas(CACHE_LINE) _Atomic uint64_t number;
    tarn__work *work;
    const void *context;
    int64_t count, pieces;
    tarn__denormals mode;
    _Alignas(CACHE_LINE) _Atomic int64_t left; /* pieces not done */
    atomic_bool waits;                         /* the caller sleeps */

    /* The caller's alone. */
    int64_t begun;
    bool woke;            /* sleeping helpers */
    int64_t alone, until; /* how long it did without helpers, and until when it will */
    unsigned late, quiet; /* times in a row that helpers came too late; loops that wake nobody */

    range ranges[MOST_WORKERS];
} loop;

static loop loops[MOST_CALLERS];

static struct {
    _Alignas(CACHE_LINE) _Atomic uint32_t begun; /* loops, of all callers */
    _Alignas(CACHE_LINE) atomic_int sleepers;
    atomic_int callers; /* at once, at most so far */
    atomic_int processors;
    atomic_int helpers;    /* started */
    atomic_int wanted;     /* of them: the others rest apart */
    _Atomic int64_t again; /* when more may be started; 0: now */
    atomic_bool stop;
    pthread_mutex_t mutex;
    pthread_cond_t loop_begins, loop_ends, more_wanted;
    pthread_t threads[MOST_WORKERS];
} pool = {.mutex = PTHREAD_MUTEX_INITIALIZER,
          .loop_begins = PTHREAD_COND_INITIALIZER,
          .loop_ends = PTHREAD_COND_INITIALIZER,
          .more_wanted = PTHREAD_COND_INITIALIZER};

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
    for (int i = 0; i < 8; i++)
        __asm__ volatile("isb"); /* yield does nothing on most */
#endif
}

/* ---- Waking */

/* Sleeping helpers, for a loop. */
static void wake_helpers(loop *l)
{
    pthread_mutex_lock(&pool.mutex);
    pthread_cond_broadcast(&pool.loop_begins);
    pthread_mutex_unlock(&pool.mutex);
    l->woke = true;
}

static void wake_unless_quiet(loop *l)
{
    l->woke = false;
    if (l->quiet > 0)
        l->quiet--;
    else if (pool.sleepers > 0)
        wake_helpers(l);
}

/* After a piece. */
static void wake_if_long(loop *l)
{
    if (!l->woke && pool.sleepers > 0 && now() - l->begun > LONG_LOOP)
        wake_helpers(l);
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
        if (worker_here == 0)
            wake_if_long(l);
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

/* Which worker a helper is in a loop, whose number is given; 0: none. Each loop takes other helpers
   first, so that callers that want few do not want the same. */
static int worker_of(int helper, int loop_index, uint64_t number)
{
    const int helpers = (int)(number >> 16 & 0xffff), workers = (int)(number & 0xffff);
    if (workers < 2 || helper > helpers)
        return 0;
    const int skipped = loop_index * (workers - 1) % helpers;
    const int worker = (helper - 1 + helpers - skipped) % helpers + 1;
    return worker < workers ? worker : 0;
}

/* What a helper finds: no loop, or none that wants it, or no piece, or some. */
typedef enum finding { NOTHING, NOT_FOR_IT, TOO_LATE, HELPED } finding;

static finding help_caller(int helper, int loop_index)
{
    loop *l = &loops[loop_index];
    const uint64_t number = atomic_load(&l->number);
    const int workers = (int)(number & 0xffff), worker = worker_of(helper, loop_index, number);
    if (worker == 0)
        return workers > 0 ? NOT_FOR_IT : NOTHING;
    const int64_t done = run_ranges(l, (uint32_t)(number >> 32), workers, worker);
    if (done > 0 && atomic_fetch_sub(&l->left, done) == done && l->waits) {
        pthread_mutex_lock(&pool.mutex);
        pthread_cond_broadcast(&pool.loop_ends);
        pthread_mutex_unlock(&pool.mutex);
    }
    return done > 0 ? HELPED : TOO_LATE;
}

/* Looks for unclaimed pieces in all loops, each helper in another one first. Returns the best that
   it found. */
static finding help_anyone(int helper)
{
    const int callers = pool.callers;
    finding best = NOTHING;
    for (int i = 0; i < callers; i++) {
        const finding f = help_caller(helper, (helper + i) % callers);
        best = f > best ? f : best;
    }
    return best;
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

static void rest_until_wanted(int helper)
{
    pthread_mutex_lock(&pool.mutex);
    pool.wanted = (int)smaller(pool.wanted, helper - 1);
    while (pool.wanted < helper && !pool.stop)
        pthread_cond_wait(&pool.more_wanted, &pool.mutex);
    pthread_mutex_unlock(&pool.mutex);
}

static void *help(void *number)
{
    const int helper = (int)(intptr_t)number;
    int64_t patience = LOOKS, unwanted = 0; /* since when */
    uint32_t seen = 0;
    within = true;
    while (!pool.stop) {
        if (!look_out(seen, &patience))
            sleep_until_begun(seen);
        seen = pool.begun;
        const finding f = help_anyone(helper);
        if (f == HELPED)
            patience = smaller(2 * patience, LOOKS);
        if (f != NOT_FOR_IT)
            unwanted = f == NOTHING ? unwanted : 0;
        else if (unwanted == 0)
            unwanted = now();
        else if (now() - unwanted > UNWANTED) {
            rest_until_wanted(helper);
            unwanted = 0;
        }
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
    pthread_cond_init(&pool.more_wanted, NULL);
    pool.helpers = pool.wanted = pool.sleepers = 0;
    pool.again = 0;
    for (int i = 0; i < MOST_CALLERS; i++) {
        loops[i].number = 0;
        loops[i].waits = false;
        loops[i].taken = false;
    }
}

/* Before any thread of the program can share a loop while another forks. */
__attribute__((constructor)) static void look_after_forks(void)
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
    pool.stop = true;
    pthread_cond_broadcast(&pool.loop_begins);
    pthread_cond_broadcast(&pool.more_wanted);
    pthread_mutex_unlock(&pool.mutex);
    if (is_sharing())
        return;
    for (int i = 0; i < pool.helpers; i++)
        pthread_join(pool.threads[i], NULL);
    pool.helpers = 0;
}

/* Signals are for the threads of the program, which may have to do with them; but a fault is one of
   the loop. */
static sigset_t signals_of_others(void)
{
    static const int faults[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP, SIGSYS};
    sigset_t signals;
    sigfillset(&signals);
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++)
        sigdelset(&signals, faults[i]);
    return signals;
}

static bool start_helper(void)
{
    pthread_t *thread = &pool.threads[pool.helpers];
    void *number = (void *)(intptr_t)(pool.helpers + 1);
    if (TARN__START_THREAD(thread, NULL, help, number) != 0)
        return false;
    tarn__free_thread(*thread);
    pool.helpers++;
    return true;
}

/* Calls those who rest, and starts those who are missing, if the system allows. */
static void want_helpers(int count)
{
    const sigset_t blocked = signals_of_others();
    sigset_t before;
    pthread_sigmask(SIG_SETMASK, &blocked, &before);
    pthread_mutex_lock(&pool.mutex);
    bool starts = true;
    while (starts && pool.helpers < count && !pool.stop)
        starts = start_helper();
    pool.again = starts ? 0 : now() + AGAIN;
    if (pool.wanted < count)
        pool.wanted = (int)smaller(count, pool.helpers);
    pthread_cond_broadcast(&pool.more_wanted);
    pthread_mutex_unlock(&pool.mutex);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

/* Whether helpers may come to a loop. */
static bool have_helpers(int loop_index, int workers)
{
    const int wanted = (int)smaller(pool.processors - 1, (loop_index + 1) * (workers - 1));
    if (pool.wanted < wanted && (pool.again == 0 || now() >= pool.again))
        want_helpers(wanted);
    for (int callers = pool.callers; callers <= loop_index;)
        atomic_compare_exchange_weak(&pool.callers, &callers, loop_index + 1);
    return pool.helpers > 0;
}

/* Looks whether there are more processors than were known. */
static void count_processors(void)
{
    const int count = (int)smaller(TARN__PROCESSORS, MOST_WORKERS);
    pthread_mutex_lock(&pool.mutex);
    for (int i = 0; i < pool.helpers && count > pool.processors; i++)
        tarn__free_thread(pool.threads[i]);
    if (count > pool.processors)
        pool.processors = count;
    pthread_mutex_unlock(&pool.mutex);
}

/* Each thread counts in its first loop, and again at times: another may have been pinned, and it
   itself may have been since. */
static int processors(void)
{
    static _Thread_local unsigned loops_here;
    if (loops_here++ % COUNTS_AGAIN == 0)
        count_processors();
    return pool.processors;
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
    const uint32_t number = (uint32_t)(l->number >> 32) + 1;
    l->mode = tarn__denormals_get();
    atomic_store_explicit(&l->left, l->pieces, memory_order_relaxed);
    for (int i = 0; i < workers; i++) {
        const int64_t next = l->pieces * i / workers, end = l->pieces * (i + 1) / workers;
        const uint64_t at = (uint64_t)number << 32 | (uint64_t)next << 16 | (uint64_t)end;
        atomic_store_explicit(&l->ranges[i].at, at, memory_order_release);
    }
    l->number = (uint64_t)number << 32 | (uint64_t)(pool.processors - 1) << 16 | (uint64_t)workers;
    pool.begun++;
    return number;
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
   begun on; the caller's pieces took so long each. Whoever did none knows of no helper that took
   longer. */
static void judge_helpers(loop *l, int64_t begun, int64_t piece)
{
    const int64_t end = now(), late = end - begun - 2 * piece;
    if (late <= LATE)
        return;
    const bool pays = begun - l->until > PAYS * late;
    l->alone = pays ? 0 : smaller(l->alone > 0 ? 2 * l->alone : ALONE, ALONE_MOST);
    l->until = end + l->alone;
}

/* Learns from a loop of which the caller has done so many pieces. */
static void judge_waking(loop *l, int64_t done)
{
    if (done < l->pieces)
        l->late = 0;
    else if (l->woke && l->late < 10)
        l->late++;
    if (l->woke)
        l->quiet = (1u << l->late) - 1;
}

/* Helpers read what lies on the caller's stack: it is not cancelled before they are done. */
static void share(loop *l, int workers)
{
    int cancelled;
    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancelled);
    const uint32_t number = begin_loop(l, workers);
    wake_unless_quiet(l);
    l->begun = now();
    within = true;
    const int64_t done = run_ranges(l, number, workers, 0);
    within = false;
    if (atomic_fetch_sub(&l->left, done) > done) {
        const int64_t middle = now();
        wait_for_helpers(l);
        if (done > 0)
            judge_helpers(l, middle, (middle - l->begun) / done);
    }
    l->number = (uint64_t)number << 32;
    judge_waking(l, done);
    pthread_setcancelstate(cancelled, NULL);
}

void tarn__share(int64_t count, int64_t elements, tarn__work *work, const void *context)
{
    if (count <= 0)
        return;
    const int threads = count > 1 && elements >= TARN__SHARE_MIN ? tarn__workers() : 1;
    const int workers = threads > 1 ? (int)smaller(threads, processors()) : 1;
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
