#include "core/life.h"

#ifdef TARN_DEBUG

#include <pthread.h>
#include <string.h>

#include "core/base/error.h"

enum { HELD_BACK = 65536 };

/* Those that are gone, in the order in which they went. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static tarn_tensor *oldest, **newest = &oldest;
static int count;

tarn_tensor *tarn__life_begin(tarn_tape *tape)
{
    tarn_tensor *t = calloc(1, sizeof *t);
    if (!t) {
        /* Fails, with a report, as all of the tape's memory does. */
        tarn__block_alloc(SIZE_MAX);
        return NULL;
    }
    t->next = tape->tensors;
    tape->tensors = t;
    return t;
}

void tarn__life_end(tarn_tensor *t)
{
    t->dead = true;
    t->values = t->gradients = NULL;
    t->next = NULL;
    pthread_mutex_lock(&lock);
    *newest = t;
    newest = &t->next;
    if (++count > HELD_BACK) {
        tarn_tensor *gone = oldest;
        oldest = gone->next;
        free(gone);
        count--;
    }
    pthread_mutex_unlock(&lock);
}

void tarn__life_end_all(tarn_tape *tape)
{
    for (tarn_tensor *t = tape->tensors, *next; t; t = next) {
        next = t->next;
        tarn__life_end(t);
    }
}

bool tarn__life_over(const tarn_tensor *t)
{
    return t->dead || (t->base && t->base->dead);
}

bool tarn__life_check(const char *function, const tarn_tensor *t)
{
    if (t && tarn__life_over(t))
        return tarn_fail("%s: the tensor was freed, or its tape has ended", function);
    return t;
}

/* Other values give other sums, but for one in 2^64. */
static uint64_t sum_of(const tarn_tensor *t)
{
    uint64_t sum = 0;
    for (int64_t i = 0; i < t->size; i++) {
        uint64_t bits = 0;
        memcpy(&bits, &t->values[i], sizeof t->values[i]);
        sum = (sum ^ bits) * 0x9E3779B97F4A7C15u;
        sum ^= sum >> 32;
    }
    return sum;
}

/* Whether it must stay as it is: a parameter, what a module or a loader owns, or a view of these.
   What is the caller's own may be written over, where backward does not read it. */
static bool must_stay(tarn_tensor *t)
{
    const tarn_tensor *holder = tarn__holder(t);
    return !holder->tape && (holder->requires_grad || holder->lent);
}

bool tarn__life_note(const tarn_node *node)
{
    uint64_t *sums =
        tarn__arena_alloc(node->output->tape->arena, (size_t)node->input_count * sizeof *sums);
    for (int i = 0; sums && i < node->input_count; i++)
        sums[i] = must_stay(node->inputs[i]) ? sum_of(node->inputs[i]) : 0;
    node->output->sums = sums;
    return sums;
}

bool tarn__life_changed(const tarn_node *node, int input)
{
    tarn_tensor *t = node->inputs[input];
    return must_stay(t) && node->output->sums[input] != sum_of(t);
}

/* So that leak checkers find nothing in use at exit. */
__attribute__((destructor)) static void free_all(void)
{
    while (oldest) {
        tarn_tensor *gone = oldest;
        oldest = gone->next;
        free(gone);
    }
}

#endif
