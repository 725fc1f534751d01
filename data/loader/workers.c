/*
 * Threads that prepare batches ahead, in a ring of slots: batch k, counted from the start of the
 * threads, lies in slot k modulo their number. Under the lock a thread takes the next batch that
 * has a slot, with its samples; without it, it prepares the batch. The caller has one slot at a
 * time, which is given back by its next call.
 *
 * The threads start with the first batch that is asked for. In the child of a fork() they are not
 * there: it forgets them and starts its own.
 */
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/error.h"
#include "data/loader_internal.h"

struct tarn__workers {
    int count, running; /* threads asked for, and started */
    int at_work;        /* of them, those that have a workspace */
    pid_t process;      /* that started them */
    pthread_mutex_t lock;
    pthread_cond_t ready, vacant; /* a batch for the caller; a slot for the threads */
    bool stop;
    int64_t taken, given, back; /* batches taken by threads, given to the caller, given back */
    pthread_t threads[];
};

static void make_locks(struct tarn__workers *workers)
{
    pthread_mutex_init(&workers->lock, NULL);
    pthread_cond_init(&workers->ready, NULL);
    pthread_cond_init(&workers->vacant, NULL);
}

struct tarn__workers *tarn__workers_new(int count)
{
    struct tarn__workers *workers =
        calloc(1, sizeof *workers + (size_t)count * sizeof *workers->threads);
    if (workers) {
        workers->count = count;
        make_locks(workers);
    }
    return workers;
}

static void *work(void *argument)
{
    tarn_loader *loader = argument;
    struct tarn__workers *workers = loader->workers;
    pthread_mutex_lock(&workers->lock);
    const tarn__workspace *workspace = loader->workspaces + workers->at_work++;
    while (!workers->stop) {
        if (workers->taken - workers->back == loader->slot_count) {
            pthread_cond_wait(&workers->vacant, &workers->lock);
            continue;
        }
        tarn__slot *slot = loader->slots + workers->taken++ % loader->slot_count;
        slot->ready = false;
        tarn__pick(loader, slot);
        pthread_mutex_unlock(&workers->lock);
        tarn__prepare(loader, slot, 1, workspace);
        pthread_mutex_lock(&workers->lock);
        slot->ready = true;
        pthread_cond_signal(&workers->ready);
    }
    pthread_mutex_unlock(&workers->lock);
    return NULL;
}

/* After a fork() in the child: the threads are not here, nor is one that held the lock or was
   making an order. */
static void forget(tarn_loader *loader)
{
    make_locks(loader->workers);
    loader->workers->running = 0;
    loader->ordered = -1;
}

/* Signals are for the threads of the program, which may have to do with them. */
static bool start(tarn_loader *loader)
{
    struct tarn__workers *workers = loader->workers;
    int problem = 0;
    sigset_t all, before;
    workers->at_work = 0;
    workers->stop = false;
    workers->taken = workers->given = workers->back = 0;
    workers->process = getpid();
    loader->picked = loader->position;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    while (workers->running < workers->count && problem == 0) {
        problem = pthread_create(&workers->threads[workers->running], NULL, work, loader);
        workers->running += problem == 0;
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return workers->running > 0 ||
           tarn_set_error("loader_next: no thread can be started: %s", strerror(problem));
}

tarn__slot *tarn__workers_next(tarn_loader *loader)
{
    struct tarn__workers *workers = loader->workers;
    if (workers->running > 0 && workers->process != getpid())
        forget(loader);
    if (workers->running == 0 && !start(loader))
        return NULL;
    pthread_mutex_lock(&workers->lock);
    workers->back = workers->given;
    pthread_cond_signal(&workers->vacant);
    tarn__slot *slot = loader->slots + workers->given % loader->slot_count;
    while (workers->given == workers->taken || !slot->ready)
        pthread_cond_wait(&workers->ready, &workers->lock);
    workers->given++;
    pthread_mutex_unlock(&workers->lock);
    return slot;
}

void tarn__workers_stop(tarn_loader *loader)
{
    struct tarn__workers *workers = loader->workers;
    if (workers->running > 0 && workers->process != getpid())
        forget(loader);
    pthread_mutex_lock(&workers->lock);
    workers->stop = true;
    pthread_cond_broadcast(&workers->vacant);
    pthread_mutex_unlock(&workers->lock);
    while (workers->running > 0)
        pthread_join(workers->threads[--workers->running], NULL);
}
