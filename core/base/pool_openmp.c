/* Loops that OpenMP's threads share, in equal pieces, in builds with -Dthreads=openmp. */
#include <omp.h>
#include <pthread.h>

#include "core/base/denormals.h"
#include "core/base/pool.h"

/* LLVM's OpenMP has this function, GNU's does not. */
extern int kmp_get_blocktime(void) __attribute__((weak, visibility("default")));

/* This thread: whether it is within a piece, and as which worker; whether OpenMP waits for threads
   that did not follow it through a fork(). */
static _Thread_local bool within, alone;
static _Thread_local int worker_here;

/* GNU's OpenMP goes on with the threads of the parent, which the child does not have: as soon as a
   region asks for more than one, it waits forever. LLVM's starts anew. */
static void begin_child(void)
{
    alone = !kmp_get_blocktime;
}

__attribute__((constructor)) static void look_after_forks(void)
{
    pthread_atfork(NULL, NULL, begin_child);
}

int tarn__workers(void)
{
    if (within || alone || omp_get_active_level() >= omp_get_max_active_levels())
        return 1;
    const int threads = omp_get_max_threads(), most = omp_get_thread_limit();
    return threads < most ? threads : most;
}

int tarn__worker(void)
{
    return worker_here;
}

static void run(int64_t first, int64_t end, tarn__work *work, const void *context, int worker)
{
    const bool was_within = within;
    const int worker_before = worker_here;
    within = true, worker_here = worker;
    if (first < end)
        work(context, first, end);
    within = was_within, worker_here = worker_before;
}

void tarn__share(int64_t count, int64_t elements, tarn__work *work, const void *context)
{
    const int workers = count > 1 && elements >= TARN__SHARE_MIN ? tarn__workers() : 1;
    if (workers == 1) {
        run(0, count, work, context, 0);
        return;
    }
    const tarn__denormals mode = tarn__denormals_get();
#pragma omp parallel num_threads(workers)
    {
        const int64_t own = omp_get_thread_num(), threads = omp_get_num_threads();
        const tarn__denormals before = tarn__denormals_get();
        if (own > 0)
            tarn__restore_denormals(mode);
        run(count * own / threads, count * (own + 1) / threads, work, context, (int)own);
        if (own > 0)
            tarn__restore_denormals(before);
    }
}
