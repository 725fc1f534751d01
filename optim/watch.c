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
#include "optim/clip.h"
#include "optim/optim_internal.h"

/* Sums of squares, of one piece. */
typedef struct sums {
    double weight, gradient, update;
} sums;

/* One block, with what the pointers point to behind it. */
typedef struct watch {
    tarn__optim_observer base;
    tarn_optim_watcher *watcher; /* NULL if it has ended the watch itself */
    void *context;
    tarn_optim_change *changes; /* one a parameter */
    sums *sums;                 /* one a piece */
    tarn_real *weights;         /* TARN__PIECE elements a piece: before the step, then the change */
} watch;

/* NULL if nobody watches. */
static watch *watch_of(const tarn_optim *self)
{
    return (watch *)self->observer;
}

/* Pieces of parameters that take no part are left out, but for the norm of their weights. */
static void look_before(const tarn_optim *self, int64_t piece)
{
    const tarn_optim_place *place = &self->places[piece];
    const tarn_real *w = tarn_values(place->param->tensor) + place->begin;
    const tarn_real *g = place->param->gradients;
    const int64_t count = tarn__piece_count(place);
    watch_of(self)->sums[piece] = (sums){.weight = tarn__sum_of_squares(w, count)};
    if (!g)
        return;
    memcpy(watch_of(self)->weights + piece * TARN__PIECE, w, (size_t)count * sizeof *w);
    watch_of(self)->sums[piece].gradient = tarn__sum_of_squares(g + place->begin, count);
}

static void look_after(const tarn_optim *self, int64_t piece)
{
    const tarn_optim_place *place = &self->places[piece];
    if (!place->param->gradients)
        return;
    const tarn_real *w = tarn_values(place->param->tensor) + place->begin;
    tarn_real *change = watch_of(self)->weights + piece * TARN__PIECE;
    const int64_t count = tarn__piece_count(place);
    for (int64_t i = 0; i < count; i++)
        change[i] = w[i] - change[i];
    watch_of(self)->sums[piece].update = tarn__sum_of_squares(change, count);
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

static void before(tarn_optim *self)
{
    each_piece(self, look_before);
}

static void after(tarn_optim *self)
{
    watch *own = watch_of(self);
    each_piece(self, look_after);
    for (int i = 0; i < self->param_count; i++) {
        const tarn_optim_param *param = &self->params[i];
        own->changes[i] =
            (tarn_optim_change){.name = param->name ? param->name : "", .parameter = param->tensor};
    }
    for (int64_t i = 0; i < self->place_count; i++) {
        tarn_optim_change *change = &own->changes[self->places[i].param - self->params];
        change->weight_norm += own->sums[i].weight;
        change->gradient_norm += own->sums[i].gradient;
        change->update_norm += own->sums[i].update;
    }
    for (int i = 0; i < self->param_count; i++) {
        tarn_optim_change *change = &own->changes[i];
        change->weight_norm = sqrt(change->weight_norm);
        change->gradient_norm = sqrt(change->gradient_norm);
        change->update_norm = sqrt(change->update_norm);
    }
    own->base.is_calling = true;
    own->watcher(own->changes, self->param_count, own->context);
    own->base.is_calling = false;
    if (!own->watcher)
        tarn_optim_watch(self, NULL, NULL);
}

/* NULL when memory runs out. */
static watch *watch_new(const tarn_optim *self)
{
    const size_t changes = (size_t)self->param_count * sizeof(tarn_optim_change);
    const size_t all_sums = (size_t)self->place_count * sizeof(sums);
    const size_t weights = (size_t)self->place_count * TARN__PIECE * sizeof(tarn_real);
    watch *own = malloc(sizeof *own + changes + all_sums + weights);
    if (!own) {
        tarn_set_error("optim_watch: out of memory for a copy of the weights of %d parameters",
                       self->param_count);
        return NULL;
    }
    char *behind = (char *)(own + 1);
    *own = (watch){.base = {.before = before, .after = after},
                   .changes = (tarn_optim_change *)(void *)behind,
                   .sums = (sums *)(void *)(behind + changes),
                   .weights = (tarn_real *)(void *)(behind + changes + all_sums)};
    return own;
}

bool tarn_optim_watch(tarn_optim *self, tarn_optim_watcher *watcher, void *context)
{
    if (!self)
        return false;
    watch *own = watch_of(self);
    if (!watcher && !(own && own->base.is_calling)) {
        free(own);
        self->observer = NULL;
        return true;
    }
    if (!own && !(own = watch_new(self)))
        return false;
    own->watcher = watcher;
    own->context = context;
    self->observer = &own->base;
    return true;
}
