/* One batch, from its place in the order to the tensors that the caller gets. */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/error_internal.h"
#include "core/base/pool.h"
#include "core/base/random_internal.h"
#include "core/op_internal.h"
#include "data/loader_internal.h"
#include "data/normalize.h"

void tarn__pick(tarn_loader *loader, tarn__slot *slot)
{
    const int64_t size = loader->options.batch_size, parts = loader->options.parts;
    const int64_t at = loader->picked.batch, batch = at / loader->own_parts;
    const int64_t part = loader->first_part + at % loader->own_parts;
    const bool last = batch == loader->batches - 1 && loader->last_size != size;
    const int64_t of_batch = last ? loader->last_size : size;
    const int64_t first = of_batch * part / parts, count = of_batch * (part + 1) / parts - first;
    tarn__order_of(loader, loader->picked.epoch);
    slot->position = loader->picked;
    slot->first = batch * size + first;
    slot->part = batch * parts + part;
    slot->share = (double)count / (double)of_batch;
    slot->batch = &slot->sizes[(last ? TARN__LAST : TARN__FULL) + (count > of_batch / parts)];
    for (int64_t i = 0; i < count; i++)
        slot->samples[i] = loader->order ? loader->order[slot->first + i] : slot->first + i;
    loader->picked = at + 1 < loader->batches * loader->own_parts
                         ? (tarn_loader_position){loader->picked.epoch, at + 1}
                         : (tarn_loader_position){loader->picked.epoch + 1, 0};
}

/* ---- Samples */

/* The first number outside [0, 1], or NULL: summed up, so that the loop becomes vectors. */
static const tarn_real *outside(const tarn_real *values, int64_t size)
{
    int wrong = 0;
    for (int64_t k = 0; k < size; k++)
        wrong |= !(values[k] >= 0 && values[k] <= 1);
    while (wrong && *values >= 0 && *values <= 1)
        values++;
    return wrong ? values : NULL;
}

uint64_t tarn__transform_stream(uint64_t seed, int64_t epoch, int64_t sample)
{
    seed = tarn__random_from_seed(seed ^ 0x7472616E73666F72u);
    return tarn__random_at(tarn__random_at(seed, epoch), sample);
}

/* Reads a sample by one of the functions for that. What memory ran out for is not bad: it may be
   there at another time. */
static tarn__outcome read_by(bool (*read)(const tarn_dataset *, int64_t, tarn_real *),
                             const tarn_dataset *dataset, int64_t i, tarn_real *to)
{
    errno = 0;
    return read(dataset, i, to) ? TARN__GOOD : errno == ENOMEM ? TARN__REFUSED : TARN__UNREAD;
}

tarn__outcome tarn__transform_read(const tarn_dataset *dataset, int64_t i,
                                   const tarn_transforms *list, uint64_t stream,
                                   const tarn__workspace *workspace, tarn_real *to)
{
    const int64_t size = tarn_shape_size(dataset->shape);
    tarn_sample sample = {
        .height = (int)dataset->shape.dim[0],
        .width = (int)dataset->shape.dim[1],
        .channels = (int)dataset->shape.dim[2],
        .values = to,
        .spare = workspace->spare,
        .scratch = workspace->scratch,
    };
    const tarn__outcome how = read_by(tarn__dataset_read, dataset, i, to);
    if (how != TARN__GOOD)
        return how;
    const tarn_real *wrong = outside(to, size);
    if (wrong) {
        tarn_set_error("sample %lld holds %g; transforms expect numbers from 0 to 1", (long long)i,
                       (double)*wrong);
        return TARN__REFUSED;
    }
    tarn_transforms_apply(list, &sample, stream);
    if (sample.values != to)
        memcpy(to, sample.values, (size_t)size * sizeof *to);
    return TARN__GOOD;
}

/* A sample that is drawn several times in an epoch is told apart by its place in it. */
static tarn__outcome transform(const tarn_loader *loader, const tarn__slot *slot, int64_t i,
                               tarn_real *to, const tarn__workspace *workspace)
{
    const int64_t key = loader->weights ? slot->first + i : slot->samples[i];
    tarn__outcome how = tarn__transform_read(
        loader->dataset, slot->samples[i], &loader->options.transforms,
        tarn__transform_stream(loader->options.seed, slot->position.epoch, key), workspace, to);
    if (how == TARN__GOOD)
        tarn__dataset_normalize(loader->dataset, to);
    return how;
}

/* Sample i of the batch, with label and target. */
static tarn__outcome prepare_sample(const tarn_loader *loader, tarn__slot *slot, int64_t i,
                                    const tarn__workspace *workspace)
{
    const tarn_dataset *dataset = loader->dataset;
    const int64_t sample = slot->samples[i], size = tarn_shape_size(dataset->shape);
    tarn_real *to = tarn_values(slot->batch->images) + i * size;
    slot->labels[i] = dataset->labels[sample];
    if (dataset->targets) {
        const int64_t target = tarn_shape_size(dataset->target_shape);
        if (target > 0)
            memcpy(tarn_values(slot->batch->targets) + i * target,
                   dataset->targets + sample * target, (size_t)target * sizeof *to);
    }
    if (loader->options.transforms.count > 0)
        return transform(loader, slot, i, to, workspace);
    return read_by(tarn__dataset_read_normalized, dataset, sample, to);
}

/* Keeps what this thread's error says: of the first that is refused, else of the first that is bad.
 */
static void note_bad(tarn__slot *slot, int64_t i, tarn__outcome how)
{
    const bool refused = how == TARN__REFUSED, first = slot->bad_count == 0;
    const bool before = refused == slot->refused ? i < slot->first_bad : refused;
    slot->bad[i] = true;
    slot->bad_count++;
    slot->refused |= refused;
    if (!first && !before)
        return;
    slot->first_bad = i;
    strcpy(slot->error, tarn__error_unread()); /* as large */
}

static void prepare_alone(const tarn_loader *loader, tarn__slot *slot,
                          const tarn__workspace *workspace)
{
    for (int64_t i = 0; i < slot->batch->count; i++) {
        tarn__outcome how = prepare_sample(loader, slot, i, workspace);
        if (how != TARN__GOOD)
            note_bad(slot, i, how);
    }
}

/* A batch in so many shares. */
typedef struct job {
    const tarn_loader *loader;
    tarn__slot *slot;
    int shares;
    const tarn__workspace *workspaces; /* one for each, if there are transforms */
    pthread_mutex_t *lock;             /* of what is bad */
} job;

static void prepare_shares(const void *context, int64_t first, int64_t end)
{
    const job *j = context;
    const int64_t count = j->slot->batch->count;
    for (int64_t k = first; k < end; k++)
        for (int64_t i = count * k / j->shares; i < count * (k + 1) / j->shares; i++) {
            const bool own = j->loader->options.transforms.count > 0;
            tarn__outcome how =
                prepare_sample(j->loader, j->slot, i, j->workspaces + (own ? k : 0));
            if (how == TARN__GOOD)
                continue;
            pthread_mutex_lock(j->lock);
            note_bad(j->slot, i, how);
            pthread_mutex_unlock(j->lock);
        }
}

static void prepare_together(const tarn_loader *loader, tarn__slot *slot, int threads,
                             const tarn__workspace *workspaces)
{
    pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    tarn__share(threads, TARN__SHARE_MIN, prepare_shares,
                &(job){loader, slot, threads, workspaces, &lock});
}

/* ---- What remains without the bad ones */

/* Copies the good rows to the short batch. */
static void keep_good(const tarn__slot *slot, tarn_tensor *to, const tarn_tensor *from)
{
    const int64_t count = slot->batch->count;
    const size_t row = to ? (size_t)(tarn_size(from) / count) * sizeof(tarn_real) : 0;
    char *next = (char *)tarn_values(to);
    for (int64_t i = 0; row > 0 && i < count; i++)
        if (!slot->bad[i]) {
            memcpy(next, (const char *)tarn_values(from) + (size_t)i * row, row);
            next += row;
        }
}

/* Makes the batch one of the good samples alone. False with the slot's error set if there is no
   memory for it. */
static bool leave_out_bad(const tarn_loader *loader, tarn__slot *slot)
{
    tarn_batch *from = slot->batch, *to = &slot->sizes[TARN__SHORT];
    const int64_t count = from->count - slot->bad_count;
    if (to->count != count) {
        tarn__batch_free(to);
        if (!tarn__batch_new(to, loader, count)) {
            strcpy(slot->error, tarn__error_unread());
            tarn__batch_free(to);
            return false;
        }
    }
    keep_good(slot, to->images, from->images);
    keep_good(slot, to->targets, from->targets);
    int64_t next = 0;
    for (int64_t i = 0; i < from->count; i++)
        if (!slot->bad[i])
            slot->labels[next++] = slot->labels[i];
    slot->batch = to;
    return true;
}

void tarn__prepare(const tarn_loader *loader, tarn__slot *slot, int threads,
                   const tarn__workspace *workspaces)
{
    const int64_t count = slot->batch->count;
    slot->bad_count = 0;
    slot->refused = false;
    memset(slot->bad, 0, (size_t)count * sizeof *slot->bad);
    if (threads > 1 && count * tarn_shape_size(loader->dataset->shape) >= TARN__SHARE_MIN)
        prepare_together(loader, slot, threads, workspaces);
    else
        prepare_alone(loader, slot, workspaces);
    slot->failed = slot->bad_count > 0 &&
                   (slot->refused || !loader->options.skip_bad || !leave_out_bad(loader, slot));
    slot->batch->labels = tarn_labels(slot->batch->count, slot->labels);
    if (!slot->failed && slot->bad_count > 0)
        tarn__told(false); /* what is wrong with samples that are left out stopped nothing */
    if (!slot->failed && slot->batch->count > 0)
        tarn__mix(loader, slot, workspaces->spare);
}
