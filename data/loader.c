/*
 * A loader walks over a dataset in batches. The order of an epoch is a function of the seed and
 * the number of the epoch alone, so it can be repeated, and it is the same at any number of
 * threads. All memory is taken at the start.
 */
#include <limits.h>
#include <stdlib.h>

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
    int64_t *order;                /* the samples as this epoch shows them; NULL: as they are */
    tarn_tensor *full, *remainder; /* a full batch, and a last one that is not; NULL if none is */
    int32_t *labels;               /* of one batch */
};

static bool make_batch(tarn_tensor **batch, const tarn_dataset *dataset, int64_t count)
{
    tarn_shape shape = dataset->shape;
    shape.dim[0] = count;
    *batch = count > 0 ? tarn_zeros(shape) : NULL;
    if (*batch)
        (*batch)->lent = true;
    return *batch || count == 0;
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

/* Copies samples order[first] ... to the values of a batch, normalized. */
static void fill(const tarn_loader *loader, int64_t first, int64_t count, tarn_real *values)
{
    const tarn_dataset *dataset = loader->dataset;
    double mean = dataset->mean, deviation = dataset->deviation;
    int64_t size = tarn_shape_size(tarn_data_sample_shape(dataset));
    tarn_real of_byte[256];
    for (int byte = 0; byte < 256; byte++)
        of_byte[byte] = (tarn_real)((byte / 255.0 - mean) / deviation);
    TARN__PRAGMA(omp parallel for schedule(static) if (count * size >= TARN__PARALLEL_MIN))
    for (int64_t i = 0; i < count; i++) {
        int64_t sample = loader->order ? loader->order[first + i] : first + i;
        tarn_real *to = values + i * size;
        if (dataset->bytes)
            for (int64_t k = 0; k < size; k++)
                to[k] = of_byte[dataset->bytes[sample * size + k]];
        else
            for (int64_t k = 0; k < size; k++)
                to[k] = (tarn_real)((dataset->numbers[sample * size + k] - mean) / deviation);
        loader->labels[i] = dataset->labels[sample];
    }
}

bool tarn_loader_next(tarn_loader *loader, tarn_batch *batch)
{
    if (!batch)
        return tarn_fail("loader_next: the batch to fill is NULL");
    *batch = (tarn_batch){.images = NULL};
    if (!loader)
        return tarn_fail_null("loader_next: the loader");
    if (loader->next == loader->batches) {
        loader->next = 0;
        loader->epoch++;
        return false;
    }
    if (loader->next == 0 && loader->order)
        shuffle(loader);
    bool last = loader->next == loader->batches - 1;
    tarn_tensor *images = last && loader->remainder ? loader->remainder : loader->full;
    int64_t count = tarn_dim(images, 0);
    fill(loader, loader->next * loader->batch_size, count, tarn_values(images));
    *batch = (tarn_batch){images, tarn_labels(count, loader->labels), (int)count};
    loader->next++;
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
    tarn__free_lent(loader->full);
    tarn__free_lent(loader->remainder);
    free(loader->labels);
    free(loader->order);
    free(loader);
}
