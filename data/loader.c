/*
 * A loader walks over a dataset in batches. The order of an epoch is a function of the seed and
 * the number of the epoch alone, so it can be repeated, and it is the same at any number of
 * threads. All memory is taken at the start.
 */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/error.h"
#include "core/base/parallel.h"
#include "core/base/random_internal.h"
#include "core/op_internal.h"
#include "data/dataset.h"

struct tarn_loader {
    const tarn_dataset *dataset;
    int64_t batch_size;
    int64_t batches; /* in an epoch */
    int64_t next;    /* the batch that comes next, 0 to batches */
    int64_t epoch;
    uint64_t seed;
    int64_t *order;             /* the samples as an epoch shows them; NULL: as they are */
    int64_t shuffled;           /* which epoch; -1: none yet */
    tarn_batch full, remainder; /* a full batch, and a last one that is not; images NULL: none */
    int32_t *labels;            /* of one batch */
    bool failed;
};

/* A tensor of so many times the shape, lent to the user. */
static tarn_tensor *lend(int64_t count, tarn_shape shape)
{
    tarn_shape all = {.ndim = shape.ndim + 1, .dim = {count}};
    for (int i = 0; i < shape.ndim; i++)
        all.dim[i + 1] = shape.dim[i];
    tarn_tensor *t = tarn_zeros(all);
    if (t)
        t->lent = true;
    return t;
}

static bool make_batch(tarn_batch *batch, const tarn_dataset *dataset, int64_t count)
{
    if (count == 0)
        return true;
    batch->count = (int)count;
    batch->images = lend(count, dataset->shape);
    if (dataset->targets)
        batch->targets = lend(count, dataset->target_shape);
    return batch->images && (batch->targets || !dataset->targets);
}

/* Takes all memory. Blocks have one element more than needed, so that none has 0 bytes. */
static bool allocate(tarn_loader *loader, int64_t full, int64_t remainder, bool shuffles)
{
    int64_t largest = full > remainder ? full : remainder;
    loader->labels = malloc((size_t)(largest + 1) * sizeof *loader->labels);
    if (shuffles) {
        int64_t count = tarn_data_count(loader->dataset);
        loader->order = malloc((size_t)(count + 1) * sizeof *loader->order);
    }
    return loader->labels && (loader->order || !shuffles) &&
           make_batch(&loader->full, loader->dataset, full) &&
           make_batch(&loader->remainder, loader->dataset, remainder);
}

tarn_loader *tarn_loader_new_with(tarn_loader_args args)
{
    if (!args.dataset)
        return NULL;
    int64_t count = tarn_data_count(args.dataset);
    int64_t full = args.batch_size <= count ? args.batch_size : 0;
    if (args.batch_size < 1 || (full ? full : count) > INT_MAX)
        return tarn_fail("loader_new: batches of %lld samples, expects 1 to %d",
                         (long long)args.batch_size, INT_MAX);
    int64_t remainder = args.drop_last ? 0 : count % args.batch_size;

    tarn_loader *loader = calloc(1, sizeof *loader);
    if (loader)
        loader->dataset = args.dataset;
    if (!loader || !allocate(loader, full, remainder, args.shuffle)) {
        tarn_set_error("out of memory for a loader of %lld samples in batches of %lld",
                       (long long)count, (long long)args.batch_size);
        tarn_loader_free(loader);
        return NULL;
    }
    loader->batch_size = args.batch_size;
    loader->batches = count / args.batch_size + (remainder > 0);
    loader->seed = args.seed;
    loader->shuffled = -1;
    return loader;
}

/* A uniform number below limit. Masks to the next power of two and draws again what is too large:
   a remainder would favour small numbers. */
static int64_t random_below(uint64_t state, int64_t *drawn, int64_t limit)
{
    uint64_t mask = UINT64_MAX >> __builtin_clzll((uint64_t)limit), number;
    do
        number = tarn__random_at(state, (*drawn)++) & mask;
    while (number >= (uint64_t)limit);
    return (int64_t)number;
}

/* Fisher and Yates: each place, from the last, gets one of those not yet placed. */
static void shuffle(tarn_loader *loader)
{
    loader->shuffled = loader->epoch;
    uint64_t state = tarn__random_at(tarn__random_from_seed(loader->seed), loader->epoch);
    int64_t drawn = 0, *order = loader->order, count = tarn_data_count(loader->dataset);
    for (int64_t i = 0; i < count; i++)
        order[i] = i;
    for (int64_t i = count - 1; i > 0; i--) {
        int64_t j = random_below(state, &drawn, i + 1), moved = order[i];
        order[i] = order[j];
        order[j] = moved;
    }
}

/* Copies samples order[first] ... to a batch, normalized. False with tarn_error() set where the
   file of one cannot be read: of those, the first in the batch. */
static bool fill(const tarn_loader *loader, int64_t first, const tarn_batch *batch)
{
    const tarn_dataset *dataset = loader->dataset;
    const int64_t count = batch->count;
    const int64_t size = tarn_shape_size(dataset->shape);
    const int64_t target_size = dataset->targets ? tarn_shape_size(dataset->target_shape) : 0;
    tarn_real *values = tarn_values(batch->images), *targets = tarn_values(batch->targets);
    int64_t unread = count;
    TARN__PRAGMA(omp parallel for schedule(static) if (count * size >= TARN__PARALLEL_MIN) reduction(min : unread))
    for (int64_t i = 0; i < count; i++) {
        const int64_t sample = loader->order ? loader->order[first + i] : first + i;
        if (!tarn__dataset_read_normalized(dataset, sample, values + i * size) && i < unread)
            unread = i;
        loader->labels[i] = dataset->labels[sample];
        if (target_size > 0)
            memcpy(targets + i * target_size, dataset->targets + sample * target_size,
                   (size_t)target_size * sizeof *targets);
    }
    if (unread == count)
        return true;
    /* Once more, so that it is this thread's tarn_error() which says what is wrong. */
    const int64_t sample = loader->order ? loader->order[first + unread] : first + unread;
    return tarn__dataset_read_normalized(dataset, sample, values + unread * size) &&
           fill(loader, first, batch);
}

bool tarn_loader_next(tarn_loader *loader, tarn_batch *batch)
{
    if (!batch)
        return tarn_fail("loader_next: the batch to fill is NULL");
    *batch = (tarn_batch){.images = NULL};
    if (!loader)
        return tarn_fail_null("loader_next: the loader");
    if (loader->failed)
        return false;
    if (loader->next == loader->batches) {
        loader->next = 0;
        loader->epoch++;
        return false;
    }
    if (loader->order && loader->shuffled != loader->epoch)
        shuffle(loader);
    const bool last = loader->next == loader->batches - 1;
    tarn_batch *filled = last && loader->remainder.images ? &loader->remainder : &loader->full;
    if (!fill(loader, loader->next * loader->batch_size, filled)) {
        loader->failed = true;
        return false;
    }
    filled->labels = tarn_labels(filled->count, loader->labels);
    *batch = *filled;
    loader->next++;
    return true;
}

bool tarn_loader_failed(const tarn_loader *loader)
{
    return loader && loader->failed;
}

tarn_loader_position tarn_loader_tell(const tarn_loader *loader)
{
    return loader ? (tarn_loader_position){loader->epoch, loader->next}
                  : (tarn_loader_position){0, 0};
}

bool tarn_loader_seek(tarn_loader *loader, tarn_loader_position position)
{
    if (!loader)
        return false;
    if (position.epoch < 0 || position.batch < 0 || position.batch > loader->batches)
        return tarn_fail("loader_seek: epoch %lld, batch %lld; expects at least 0, and at most "
                         "batch %lld",
                         (long long)position.epoch, (long long)position.batch,
                         (long long)loader->batches);
    loader->epoch = position.epoch;
    loader->next = position.batch;
    loader->failed = false;
    return true;
}

int64_t tarn_loader_batches(const tarn_loader *loader)
{
    return loader ? loader->batches : 0;
}

void tarn_loader_free(tarn_loader *loader)
{
    if (!loader)
        return;
    tarn__free_lent(loader->full.images);
    tarn__free_lent(loader->full.targets);
    tarn__free_lent(loader->remainder.images);
    tarn__free_lent(loader->remainder.targets);
    free(loader->labels);
    free(loader->order);
    free(loader);
}
