/*
 * What each step does to the parameters, for whoever watches it.
 *
 * Before the step the weights are copied, piece by piece, and the squares of weights and gradients
 * summed, and the products of the gradients with those of the step before, of which a copy is kept;
 * after it the copy of the weights becomes the difference, and its squares are summed. The sums of
 * the pieces of a parameter are added in order, so that they do not depend on the number of
 * threads.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/denormals.h"
#include "core/base/error.h"
#include "core/base/pool.h"
#include "optim/clip_internal.h"
#include "optim/optim_internal.h"

/* Of one piece: sums of squares, and of products. */
typedef struct sums {
    double weight, gradient, update;
    double last;    /* of the gradient before; 0 if there was none */
    double product; /* of the gradient with the one before */
} sums;

/* One block, with what the pointers point to behind it. The pieces of a parameter lie behind each
   other, and only its last is short, so that its elements do too. */
typedef struct watch {
    tarn__optim_observer base;
    tarn_optim_watcher *watcher; /* NULL if it has ended the watch itself */
    void *context;
    tarn_optim_change *changes; /* one a parameter */
    sums *sums;                 /* one a piece */
    tarn_real *weights;         /* TARN__PIECE elements a piece: before the step, then the change */
    tarn_real *gradients;       /* as many, of the last step that had any; zeros at first */
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
    const int64_t count = tarn__piece_count(place);
    const watch *own = watch_of(self);
    sums *s = &own->sums[piece];
    *s = (sums){.weight = tarn__sum_of_products(w, w, count), .last = s->last};
    if (!place->param->gradients)
        return;
    const tarn_real *g = place->param->gradients + place->begin;
    tarn_real *last = own->gradients + piece * TARN__PIECE;
    s->gradient = tarn__sum_of_products(g, g, count);
    s->product = tarn__sum_of_products(g, last, count);
    memcpy(last, g, (size_t)count * sizeof *g);
    memcpy(own->weights + piece * TARN__PIECE, w, (size_t)count * sizeof *w);
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
    watch_of(self)->sums[piece].update = tarn__sum_of_products(change, change, count);
}

static void look_at_all_before(const void *context, int64_t first, int64_t end)
{
    tarn__denormals caller = tarn__flush_denormals();
    for (int64_t i = first; i < end; i++)
        look_before(context, i);
    tarn__restore_denormals(caller);
}

static void look_at_all_after(const void *context, int64_t first, int64_t end)
{
    tarn__denormals caller = tarn__flush_denormals();
    for (int64_t i = first; i < end; i++)
        look_after(context, i);
    tarn__restore_denormals(caller);
}

static void share_pieces(const tarn_optim *self, tarn__work *work)
{
    tarn__share(self->place_count, self->place_count * TARN__PIECE, work, self);
}

static void before(tarn_optim *self)
{
    share_pieces(self, look_at_all_before);
}

/* From a sum of products and two of squares. NaN where one of these is 0 or not finite. */
static double cosine_of(double product, double a, double b)
{
    const double cosine = product / sqrt(a) / sqrt(b);
    return cosine > 1 ? 1 : cosine < -1 ? -1 : cosine; /* of rounding */
}

/* What happened to a parameter, whose pieces are those from first to before end. */
static tarn_optim_change change_of(const tarn_optim *self, const tarn_optim_param *param,
                                   int64_t first, int64_t end)
{
    const watch *own = watch_of(self);
    sums all = {0};
    for (int64_t i = first; i < end; i++) {
        sums *s = &own->sums[i];
        all.weight += s->weight;
        all.gradient += s->gradient;
        all.update += s->update;
        all.last += s->last;
        all.product += s->product;
        if (param->gradients)
            s->last = s->gradient;
    }
    return (tarn_optim_change){.name = param->name ? param->name : "",
                               .parameter = param->tensor,
                               .weight_norm = sqrt(all.weight),
                               .gradient_norm = sqrt(all.gradient),
                               .update_norm = sqrt(all.update),
                               .cosine = cosine_of(all.product, all.gradient, all.last),
                               .gradients = param->gradients,
                               .updates =
                                   param->gradients ? own->weights + first * TARN__PIECE : NULL};
}

static void after(tarn_optim *self)
{
    watch *own = watch_of(self);
    share_pieces(self, look_at_all_after);
    int64_t first = 0;
    for (int i = 0; i < self->param_count; i++) {
        int64_t end = first;
        while (end < self->place_count && self->places[end].param == &self->params[i])
            end++;
        own->changes[i] = change_of(self, &self->params[i], first, end);
        first = end;
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
    watch *own = calloc(1, sizeof *own + changes + all_sums + 2 * weights);
    if (!own) {
        tarn_set_error("optim_watch: out of memory for copies of the weights and gradients of %d "
                       "parameters",
                       self->param_count);
        return NULL;
    }
    char *behind = (char *)(own + 1);
    *own = (watch){.base = {.before = before, .after = after},
                   .changes = (tarn_optim_change *)(void *)behind,
                   .sums = (sums *)(void *)(behind + changes),
                   .weights = (tarn_real *)(void *)(behind + changes + all_sums),
                   .gradients = (tarn_real *)(void *)(behind + changes + all_sums + weights)};
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
