/*
 * What each step does to the parameters, for whoever watches it.
 *
 * Before the step the weights are copied, piece by piece, and the squares of weights and gradients
 * summed; after it the copy becomes the difference, and its squares are summed. The sums of the
 * pieces of a parameter are added in order, so that the norms do not depend on the number of
 * threads.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/denormals.h"
#include "core/base/error.h"
#include "core/base/parallel.h"
#include "optim/internal.h"

/* Sums of squares, of one piece. */
typedef struct sums {
    double weight, gradient, update;
} sums;

/* One block, with what the pointers point to behind it. */
typedef struct tarn__optim_watch {
    tarn_optim_watcher *watcher; /* NULL if it has ended the watch itself */
    void *context;
    bool calling;               /* the watcher is running */
    tarn_optim_change *changes; /* one a parameter */
    sums *sums;                 /* one a piece */
    tarn_real *before;          /* TARN__PIECE elements a piece: its weights, then their change */
} tarn__optim_watch;

/* Pieces of parameters that take no part are left out, but for the norm of their weights. */
static void look_before(const tarn_optim *self, int64_t piece)
{
    const tarn_optim_place *place = &self->places[piece];
    const tarn_real *w = tarn_values(place->param->tensor) + place->begin;
    const tarn_real *g = place->param->gradients;
    const int64_t count = tarn__piece_count(place);
    self->watch->sums[piece] = (sums){.weight = tarn__sum_of_squares(w, count)};
    if (!g)
        return;
    memcpy(self->watch->before + piece * TARN__PIECE, w, (size_t)count * sizeof *w);
    self->watch->sums[piece].gradient = tarn__sum_of_squares(g + place->begin, count);
}

static void look_after(const tarn_optim *self, int64_t piece)
{
    const tarn_optim_place *place = &self->places[piece];
    if (!place->param->gradients)
        return;
    const tarn_real *w = tarn_values(place->param->tensor) + place->begin;
    tarn_real *change = self->watch->before + piece * TARN__PIECE;
    const int64_t count = tarn__piece_count(place);
    for (int64_t i = 0; i < count; i++)
        change[i] = w[i] - change[i];
    self->watch->sums[piece].update = tarn__sum_of_squares(change, count);
}

/* Does it for all pieces, in all threads. */
static void each_piece(const tarn_optim *self, void (*look)(const tarn_optim *, int64_t))
{
#pragma omp parallel if (self->place_count * TARN__PIECE >= TARN__PARALLEL_MIN)
    {
        tarn__denormals caller = tarn__flush_denormals();
#pragma omp for schedule(static) nowait
        for (int64_t i = 0; i < self->place_count; i++)
            look(self, i);
        tarn__restore_denormals(caller);
    }
}

void tarn__optim_watch_before(tarn_optim *self)
{
    each_piece(self, look_before);
}

void tarn__optim_watch_after(tarn_optim *self)
{
    tarn__optim_watch *watch = self->watch;
    each_piece(self, look_after);
    for (int i = 0; i < self->param_count; i++) {
        const tarn_optim_param *param = &self->params[i];
        watch->changes[i] =
            (tarn_optim_change){.name = param->name ? param->name : "", .parameter = param->tensor};
    }
    for (int64_t i = 0; i < self->place_count; i++) {
        tarn_optim_change *change = &watch->changes[self->places[i].param - self->params];
        change->weight_norm += watch->sums[i].weight;
        change->gradient_norm += watch->sums[i].gradient;
        change->update_norm += watch->sums[i].update;
    }
    for (int i = 0; i < self->param_count; i++) {
        tarn_optim_change *change = &watch->changes[i];
        change->weight_norm = sqrt(change->weight_norm);
        change->gradient_norm = sqrt(change->gradient_norm);
        change->update_norm = sqrt(change->update_norm);
    }
    watch->calling = true;
    watch->watcher(watch->changes, self->param_count, watch->context);
    watch->calling = false;
    if (!watch->watcher)
        tarn_optim_watch(self, NULL, NULL);
}

bool tarn__optim_watcher_calls(const tarn_optim *self, const char *function)
{
    const bool calls = self->watch && self->watch->calling;
    if (calls)
        tarn_fail("optim_%s: called by the watcher of the same optimizer, expects to be called "
                  "after the step",
                  function);
    return calls;
}

/* NULL when memory runs out. */
static tarn__optim_watch *watch_new(const tarn_optim *self)
{
    const size_t changes = (size_t)self->param_count * sizeof(tarn_optim_change);
    const size_t all_sums = (size_t)self->place_count * sizeof(sums);
    const size_t weights = (size_t)self->place_count * TARN__PIECE * sizeof(tarn_real);
    tarn__optim_watch *watch = malloc(sizeof *watch + changes + all_sums + weights);
    if (!watch) {
        tarn_set_error("optim_watch: out of memory for a copy of the weights of %d parameters",
                       self->param_count);
        return NULL;
    }
    char *behind = (char *)(watch + 1);
    *watch = (tarn__optim_watch){.changes = (tarn_optim_change *)(void *)behind,
                                 .sums = (sums *)(void *)(behind + changes),
                                 .before = (tarn_real *)(void *)(behind + changes + all_sums)};
    return watch;
}

bool tarn_optim_watch(tarn_optim *self, tarn_optim_watcher *watcher, void *context)
{
    if (!self)
        return false;
    if (!watcher && !(self->watch && self->watch->calling)) {
        free(self->watch);
        self->watch = NULL;
        return true;
    }
    if (!self->watch && !(self->watch = watch_new(self)))
        return false;
    self->watch->watcher = watcher;
    self->watch->context = context;
    return true;
}
