#include "examples/lab/tune/search.h"

#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "examples/lab/lib/options.h"

/* The trials of a rung, taken by threads in their order. */
typedef struct rung {
    search *search;
    int number; /* from 1 */
    double part;
    int count;
    trial **trials;
    outcome *outcomes; /* of those that are done */
    bool *done;
    const volatile sig_atomic_t *stop;

    pthread_mutex_t lock; /* of what follows, outcomes and done */
    pthread_cond_t changed;
    int next, working;
} rung;

/* ---- The threads */

/* Takes the next that is neither known nor the same as an earlier one; NULL behind the last. */
static trial *take(rung *r, int *index)
{
    trial *t = NULL;
    pthread_mutex_lock(&r->lock);
    while (!t && r->next < r->count && !*r->stop) {
        *index = r->next++;
        if (!r->done[*index])
            t = r->trials[*index];
    }
    pthread_mutex_unlock(&r->lock);
    return t;
}

static void *work(void *argument)
{
    rung *r = argument;
    int i;
    tarn_set_threads(1);
    for (trial *t; (t = take(r, &i));) {
        outcome result;
        const bool done =
            trial_train(t, r->search->data, r->search->settings.epochs, r->part, r->stop, &result);
        pthread_mutex_lock(&r->lock);
        if (done) {
            r->outcomes[i] = result;
            r->done[i] = true;
            pthread_cond_signal(&r->changed);
        }
        pthread_mutex_unlock(&r->lock);
    }
    pthread_mutex_lock(&r->lock);
    r->working--;
    pthread_cond_signal(&r->changed);
    pthread_mutex_unlock(&r->lock);
    return NULL;
}

static void start_threads(rung *r, pthread_t *threads, int count)
{
    for (int i = 0; i < count; i++)
        if (pthread_create(&threads[i], NULL, work, r) != 0)
            die("thread %d of %d cannot be started, expects a smaller --threads", i + 1, count);
}

/* ---- What becomes of results */

static double cost_of(const search *s, const rung *r, const trial *t)
{
    const int before = r->number - 2;
    return t->same_as ? 0 : r->part - (before < 0 ? 0 : s->parts[before]);
}

/* How many of a rung go on. */
static int promoted(const search *s, int number)
{
    return number < s->rungs ? s->sizes[number] : 0;
}

/* Of those reported so far only so many can go on: frees the network of the worst beyond them. */
static void drop_worst(rung *r, int reported)
{
    trial *worst = NULL;
    int in_memory = 0;
    for (int i = 0; i < reported; i++)
        if (r->trials[i]->training.model) {
            in_memory++;
            if (!worst || trial_better(worst, r->trials[i]))
                worst = r->trials[i];
        }
    if (in_memory > promoted(r->search, r->number))
        trial_drop(worst);
}

static void report(rung *r, int i)
{
    search *const s = r->search;
    trial *const t = r->trials[i];
    t->outcome = t->same_as ? s->trials[t->same_as - 1].outcome : r->outcomes[i];
    if (t->same_as)
        t->outcome.seconds = 0;
    t->rung = r->number;
    if (t->rung == 1)
        t->first_accuracy = t->outcome.accuracy;
    s->cost += cost_of(s, r, t);
    s->best_accuracy = fmax(s->best_accuracy, t->outcome.accuracy);
    drop_worst(r, i + 1);
    if (s->report)
        s->report(s, t, s->context);
}

static void wait_a_moment(rung *r)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_nsec += 100000000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000;
    }
    pthread_cond_timedwait(&r->changed, &r->lock, &until);
}

/* Reports in order what the threads have done. False if they stopped before the end. */
static bool report_all(rung *r, tarn_progress *bar)
{
    char label[96];
    int reported = 0;
    pthread_mutex_lock(&r->lock);
    for (;;) {
        while (reported < r->count && r->done[reported]) {
            pthread_mutex_unlock(&r->lock);
            report(r, reported++);
            pthread_mutex_lock(&r->lock);
        }
        if (reported == r->count || r->working == 0)
            break;
        snprintf(label, sizeof label, "%d of %d trials, best %.2f%%", reported, r->count,
                 100 * r->search->best_accuracy);
        bar->label = label;
        tarn_progress_show(bar, reported, r->count, NAN);
        wait_a_moment(r);
    }
    pthread_mutex_unlock(&r->lock);
    return reported == r->count;
}

/* ---- Rung by rung */

/* Takes over the results that are known from before, and marks those that need no training. */
static void take_known(search *s, rung *r)
{
    for (int i = 0; i < r->count; i++) {
        r->done[i] = r->trials[i]->same_as > 0;
        if (s->known_count > 0) {
            r->outcomes[i] = *s->known++;
            r->done[i] = true;
            s->known_count--;
        }
    }
}

static int by_rank(const void *a, const void *b)
{
    return trial_better(*(trial *const *)a, *(trial *const *)b) ? -1 : 1;
}

static int by_number(const void *a, const void *b)
{
    return (*(trial *const *)a)->number - (*(trial *const *)b)->number;
}

static bool run_rung(rung *r, int threads)
{
    pthread_t *ids = calloc((size_t)threads, sizeof *ids);
    if (!ids)
        die("out of memory for %d threads", threads);
    tarn_progress bar = tarn_progress_begin("");
    r->working = threads;
    start_threads(r, ids, threads);
    const bool complete = report_all(r, &bar);
    for (int i = 0; i < threads; i++)
        pthread_join(ids[i], NULL);
    tarn_progress_end(&bar);
    free(ids);
    return complete;
}

bool search_run(search *s, const volatile sig_atomic_t *stop)
{
    rung r = {.search = s, .stop = stop, .count = s->count};
    const size_t count = (size_t)s->count;
    bool complete = true;
    r.trials = malloc(count * sizeof(trial *));
    r.outcomes = calloc(count, sizeof *r.outcomes);
    r.done = calloc(count, sizeof *r.done);
    if (!r.trials || !r.outcomes || !r.done)
        die("out of memory for %d trials", s->count);
    pthread_mutex_init(&r.lock, NULL);
    pthread_cond_init(&r.changed, NULL);
    for (int i = 0; i < s->count; i++)
        r.trials[i] = &s->trials[i];
    for (r.number = 1; r.number <= s->rungs && complete; r.number++) {
        qsort(r.trials, (size_t)r.count, sizeof(trial *), by_rank);
        r.part = s->parts[r.number - 1];
        r.count = s->sizes[r.number - 1];
        r.next = 0;
        qsort(r.trials, (size_t)r.count, sizeof(trial *), by_number);
        take_known(s, &r);
        complete = run_rung(&r, (int)s->settings.threads);
    }
    pthread_cond_destroy(&r.changed);
    pthread_mutex_destroy(&r.lock);
    free(r.done);
    free(r.outcomes);
    free(r.trials);
    return complete;
}

const trial *search_winner(const search *s)
{
    const trial *best = &s->trials[0];
    for (int i = 1; i < s->count; i++)
        if (trial_better(&s->trials[i], best))
            best = &s->trials[i];
    return best;
}
