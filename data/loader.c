/*
 * A loader walks over a dataset in batches. What is in a batch is a function of the seed and its
 * place (epoch, batch) alone, so it can be repeated, and it is the same at any number of threads.
 * All memory is taken at the start, but for what batches with bad samples take.
 */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/error.h"
#include "core/base/threads.h"
#include "core/op_internal.h"
#include "data/loader_internal.h"

/* ---- Making and freeing. Blocks have one element more than needed, so that none has 0 bytes. */

/* Parts of a batch of so many samples have count / parts of them, and one more where that leaves
   some. */
static bool make_sizes(tarn_batch *sizes, const tarn_loader *loader, int64_t count)
{
    const int64_t parts = loader->options.parts, more = count % parts ? count / parts + 1 : 0;
    return tarn__batch_new(&sizes[0], loader, count / parts) &&
           tarn__batch_new(&sizes[1], loader, more);
}

static bool make_slot(tarn__slot *slot, const tarn_loader *loader, int64_t full, int64_t last)
{
    const size_t most = (size_t)((full > last ? full : last) / loader->options.parts) + 2;
    slot->samples = malloc(most * sizeof *slot->samples);
    slot->labels = malloc(most * sizeof *slot->labels);
    slot->bad = malloc(most * sizeof *slot->bad);
    return slot->samples && slot->labels && slot->bad &&
           make_sizes(&slot->sizes[TARN__FULL], loader, full) &&
           make_sizes(&slot->sizes[TARN__LAST], loader, last);
}

/* Room for what transforms and mixing need. */
static bool make_workspace(tarn__workspace *workspace, const tarn_loader *loader)
{
    const tarn_shape shape = loader->dataset->shape;
    const bool transforms = loader->options.transforms.count > 0;
    int64_t size = tarn_shape_size(shape);
    if (loader->dataset->targets && tarn_shape_size(loader->dataset->target_shape) > size)
        size = tarn_shape_size(loader->dataset->target_shape);
    if (!transforms && !tarn__mixes(loader))
        return true;
    workspace->spare = malloc((size_t)(size + 1) * sizeof *workspace->spare);
    if (transforms)
        workspace->scratch =
            malloc((size_t)(tarn_sample_scratch((int)shape.dim[0], (int)shape.dim[1]) + 1) *
                   sizeof *workspace->scratch);
    return workspace->spare && (workspace->scratch || !transforms);
}

static bool allocate(tarn_loader *loader, int64_t full, int64_t last)
{
    const int workers = loader->options.workers;
    loader->slot_count = workers + 1; /* one is with the caller */
    loader->workspace_count = workers > 0                            ? workers
                              : loader->options.transforms.count > 0 ? tarn_threads()
                                                                     : 1;
    loader->slots = calloc((size_t)loader->slot_count, sizeof *loader->slots);
    loader->workspaces = calloc((size_t)loader->workspace_count, sizeof *loader->workspaces);
    bool good = loader->slots && loader->workspaces;
    if (workers > 0)
        good = (loader->workers = tarn__workers_new(workers)) && good;
    for (int i = 0; i < loader->slot_count && good; i++)
        good = make_slot(loader->slots + i, loader, full, last);
    for (int i = 0; i < loader->workspace_count && good; i++)
        good = make_workspace(loader->workspaces + i, loader);
    return good ||
           tarn_set_error("out of memory for a loader of %lld samples in batches of %lld",
                          (long long)loader->dataset->count, (long long)loader->options.batch_size);
}

static bool are_pictures(tarn_shape shape)
{
    return shape.ndim == 3 && shape.dim[0] <= INT_MAX && shape.dim[1] <= INT_MAX &&
           shape.dim[2] <= INT_MAX;
}

static bool check(const tarn_loader_args *a)
{
    const int64_t count = tarn_data_count(a->dataset);
    if (a->batch_size < 1 || (a->batch_size <= count ? a->batch_size : count) > INT_MAX)
        return tarn_fail("loader_new: batches of %lld samples, expects 1 to %d",
                         (long long)a->batch_size, INT_MAX);
    if (a->workers < 0 || a->workers > TARN_WORKERS_MAX)
        return tarn_fail("loader_new: %d workers, expects 0 to %d", a->workers, TARN_WORKERS_MAX);
    if (a->parts < 1 || a->parts > a->batch_size)
        return tarn_fail("loader_new: batches of %lld samples in %d parts, expects 1 part to one "
                         "for each sample",
                         (long long)a->batch_size, a->parts);
    if (a->shards < 1 || a->shards > a->parts || a->shard < 0 || a->shard >= a->shards)
        return tarn_fail("loader_new: shard %d of %d, of batches in %d parts; expects at most as "
                         "many shards as parts, and one from 0 to %d",
                         a->shard, a->shards, a->parts, a->shards - 1);
    if (!(a->mixup >= 0 && a->mixup <= 1000) || !(a->cutmix >= 0 && a->cutmix <= 1000))
        return tarn_fail("loader_new: mixup is %g, cutmix %g, expects 0 to 1000", a->mixup,
                         a->cutmix);
    if ((a->transforms.count > 0 || a->cutmix > 0) && !are_pictures(a->dataset->shape))
        return tarn_fail("loader_new: samples of shape %s; transforms and cutmix expect pictures, "
                         "(height,width,channels)",
                         tarn_shape_to_text(a->dataset->shape).text);
    return a->transforms.count >= 0;
}

/* How many batches there are, how large the last one is, and which parts of them are given. */
static bool lay_out(tarn_loader *loader)
{
    const tarn_loader_args *a = &loader->options;
    const int64_t count = a->dataset->count, size = a->batch_size;
    const int64_t rest = a->drop_last ? 0 : count % size;
    if (count > 0 && count < a->parts)
        return tarn_set_error("loader_new: a dataset of %lld samples, expects one for each of the "
                              "%d parts of a batch",
                              (long long)count, a->parts);
    loader->batches = count / size + (rest >= a->parts);
    loader->last_size = rest >= a->parts ? rest : size + rest;
    loader->first_part = (int)((int64_t)a->parts * a->shard / a->shards);
    loader->own_parts = (int)((int64_t)a->parts * (a->shard + 1) / a->shards) - loader->first_part;
    return true;
}

tarn_loader *tarn_loader_new_with(tarn_loader_args args)
{
    if (!args.dataset || !check(&args))
        return NULL;
    tarn_loader *loader = calloc(1, sizeof *loader);
    if (!loader) {
        tarn_set_error("out of memory for a loader");
        return NULL;
    }
    loader->dataset = args.dataset;
    loader->options = args;
    const bool laid_out = lay_out(loader);
    const int64_t full = args.batch_size, last = loader->last_size;
    if (!laid_out || !tarn__order_begin(loader) ||
        !allocate(loader, full <= args.dataset->count ? full : 0, last == full ? 0 : last)) {
        tarn_loader_free(loader);
        return NULL;
    }
    loader->options.sampling = NULL; /* it need not live longer */
    return loader;
}

void tarn_loader_free(tarn_loader *loader)
{
    if (!loader)
        return;
    if (loader->workers)
        tarn__workers_stop(loader);
    for (int i = 0; loader->slots && i < loader->slot_count; i++) {
        tarn__slot *slot = loader->slots + i;
        for (int size = 0; size < TARN__SIZES; size++)
            tarn__batch_free(&slot->sizes[size]);
        free(slot->samples);
        free(slot->labels);
        free(slot->bad);
    }
    for (int i = 0; loader->workspaces && i < loader->workspace_count; i++) {
        free(loader->workspaces[i].spare);
        free(loader->workspaces[i].scratch);
    }
    free(loader->slots);
    free(loader->workspaces);
    free(loader->workers);
    free(loader->order);
    free(loader->weights);
    free(loader);
}

/* ---- Walking */

static tarn__slot *next_slot(tarn_loader *loader)
{
    if (loader->workers)
        return tarn__workers_next(loader);
    int threads = tarn_threads();
    if (loader->options.transforms.count > 0 && threads > loader->workspace_count)
        threads = loader->workspace_count;
    loader->picked = loader->position;
    tarn__pick(loader, loader->slots);
    tarn__prepare(loader, loader->slots, threads, loader->workspaces);
    return loader->slots;
}

/* Ends an epoch. Nothing but bad samples is no epoch: a program would train on nothing. */
static bool end_epoch(tarn_loader *loader)
{
    if (loader->shown == 0 && loader->batches > 0 && loader->last_skipped[0]) {
        loader->failed = true;
        return tarn_set_error("no sample of epoch %lld could be used; the last: %s",
                              (long long)loader->position.epoch, loader->last_skipped);
    }
    loader->shown = 0;
    loader->position = (tarn_loader_position){loader->position.epoch + 1, 0};
    return false;
}

/* Without a part the sum over a batch would not be there: a batch may be left out, its parts may
   not. */
static bool is_needed(const tarn_loader *loader, tarn__slot *slot)
{
    if (slot->batch->count > 0 || loader->options.parts == 1)
        return false;
    char why[sizeof slot->error];
    strcpy(why, slot->error);
    snprintf(slot->error, sizeof slot->error,
             "no sample of part %lld of a batch could be used; the first: %.900s",
             (long long)(slot->part % loader->options.parts), why);
    return true;
}

/* The next batch that has a sample; NULL at the end of the epoch or after a failure. */
static tarn__slot *next_batch(tarn_loader *loader)
{
    while (loader->position.batch < loader->batches * loader->own_parts) {
        tarn__slot *slot = next_slot(loader);
        if (!slot || slot->failed || is_needed(loader, slot)) {
            if (slot)
                tarn_set_error("%s", slot->error);
            loader->failed = true;
            return NULL;
        }
        loader->position.batch++;
        if (slot->bad_count > 0) {
            loader->skipped += slot->bad_count;
            strcpy(loader->last_skipped, slot->error);
        }
        if (slot->batch->count > 0) {
            loader->shown++;
            return slot;
        }
    }
    end_epoch(loader);
    return NULL;
}

bool tarn_loader_next(tarn_loader *loader, tarn_batch *batch)
{
    if (!batch)
        return tarn_fail("loader_next: the batch to fill is NULL");
    *batch = (tarn_batch){.images = NULL};
    if (!loader)
        return tarn_fail_null("loader_next: the loader");
    const tarn__slot *next = loader->failed ? NULL : next_batch(loader);
    if (!next)
        return false;
    *batch = *next->batch;
    batch->parts = loader->options.parts;
    batch->part = (int)(next->part % batch->parts);
    batch->last = batch->part == loader->first_part + loader->own_parts - 1;
    batch->share = next->share;
    return true;
}

bool tarn_loader_failed(const tarn_loader *loader)
{
    return loader && loader->failed;
}

int64_t tarn_loader_skipped(const tarn_loader *loader, const char **last)
{
    if (last)
        *last = loader ? loader->last_skipped : "";
    return loader ? loader->skipped : 0;
}

tarn_loader_position tarn_loader_tell(const tarn_loader *loader)
{
    if (!loader)
        return (tarn_loader_position){0, 0};
    return (tarn_loader_position){loader->position.epoch,
                                  loader->position.batch / loader->own_parts};
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
    if (loader->workers)
        tarn__workers_stop(loader);
    position.batch *= loader->own_parts;
    loader->position = position;
    loader->shown = position.batch;
    loader->failed = false;
    return true;
}

int64_t tarn_loader_batches(const tarn_loader *loader)
{
    return loader ? loader->batches : 0;
}

const tarn_loader_args *tarn_loader_options(const tarn_loader *loader)
{
    return loader ? &loader->options : NULL;
}
