/*
 * The inside of a loader. Its batches are numbered through all epochs; who prepares one takes the
 * next number together with its samples, so that the order is decided by one thread at a time, and
 * all the rest (reading, transforming, mixing) depends on seed, epoch, batch and sample alone.
 */
#ifndef TARN_DATA_LOADER_INTERNAL_H
#define TARN_DATA_LOADER_INTERNAL_H

#include "data/dataset.h"

/* What is given at a time, a batch or a part of one, has one of five sizes: that of a full batch,
   or one sample more, those of the last of an epoch, or that which is left without bad ones, for
   which there is no tensor before they are counted. */
enum { TARN__FULL, TARN__FULL_MORE, TARN__LAST, TARN__LAST_MORE, TARN__SHORT, TARN__SIZES };

/* Room for a batch, or a part of one. */
typedef struct tarn__slot {
    tarn_loader_position position;
    int64_t first;                 /* place of its first sample in the epoch */
    int64_t part;                  /* its number among all parts of the epoch */
    double share;                  /* of its batch */
    tarn_batch sizes[TARN__SIZES]; /* images are NULL where a size does not come up */
    tarn_batch *batch;             /* the one of them that is used */
    int64_t *samples;              /* of the dataset */
    int32_t *labels;
    bool *bad; /* samples that could not be read */
    int64_t bad_count, first_bad;
    bool refused;     /* one of them is bad in a way that is not skipped */
    bool failed;      /* there is no batch, and error says why */
    char error[1024]; /* what is wrong with the first that is bad */
    bool ready;       /* for the caller; the workers' lock guards it */
} tarn__slot;

/* Blocks for the transforms, one for each thread that prepares samples. */
typedef struct tarn__workspace {
    tarn_real *spare, *scratch;
} tarn__workspace;

struct tarn_loader {
    const tarn_dataset *dataset;
    tarn_loader_args options;
    int64_t batches;               /* in an epoch */
    int64_t last_size;             /* samples of the last of them */
    int first_part, own_parts;     /* of each batch, those of this shard */
    tarn_loader_position position; /* of the caller */
    tarn_loader_position picked;   /* of the batch to be prepared next */
    int64_t *order;                /* the samples of an epoch; NULL: as they are */
    int64_t ordered;               /* which epoch; -1: none yet */
    double *weights;               /* of samples 0 to i together, where they are drawn; else NULL */
    int slot_count, workspace_count;
    tarn__slot *slots;
    tarn__workspace *workspaces;
    struct tarn__workers *workers; /* NULL: the caller prepares batches itself */
    int64_t skipped;               /* samples left out in all */
    int64_t shown;                 /* parts given in this epoch */
    char last_skipped[1024];
    bool failed;
};

/* ---- data/loader/batch.c */

/* Makes the tensors of a batch of count samples; of none there are no tensors. */
bool tarn__batch_new(tarn_batch *batch, const tarn_loader *loader, int64_t count);
void tarn__batch_free(tarn_batch *batch);

/* Whether batches are mixed. */
static inline bool tarn__mixes(const tarn_loader *loader)
{
    return loader->options.mixup > 0 || loader->options.cutmix > 0;
}

/* ---- data/loader/order.c */

/* Checks the options that decide on the order, and takes its memory. False after a mistake, or with
   tarn_error() set. */
bool tarn__order_begin(tarn_loader *loader);

/* Makes the order of an epoch, unless it is there. */
void tarn__order_of(tarn_loader *loader, int64_t epoch);

/* ---- data/loader/prepare.c */

/* Fills a slot with the batch that is to be prepared next. */
void tarn__pick(tarn_loader *loader, tarn__slot *slot);

/* Reads, transforms and normalizes the samples of a slot by so many threads, of which each has a
   workspace if there are transforms, and mixes them. What went wrong is in the slot. */
void tarn__prepare(const tarn_loader *loader, tarn__slot *slot, int threads,
                   const tarn__workspace *workspaces);

/* Reads sample i and transforms it; list is of pictures. What is bad is in tarn_error(). */
typedef enum tarn__outcome {
    TARN__GOOD,
    TARN__UNREAD, /* its file cannot be read */
    TARN__REFUSED /* memory ran out, or its numbers are not those of a picture */
} tarn__outcome;
tarn__outcome tarn__transform_read(const tarn_dataset *dataset, int64_t i,
                                   const tarn_transforms *list, uint64_t stream,
                                   const tarn__workspace *workspace, tarn_real *to);

/* Where the streams of the transforms of a sample start. */
uint64_t tarn__transform_stream(uint64_t seed, int64_t epoch, int64_t sample);

/* ---- data/loader/mix.c */

/* Mixup or cutmix of a batch that is read and normalized; spare has room for a sample. */
void tarn__mix(const tarn_loader *loader, const tarn__slot *slot, tarn_real *spare);

/* ---- data/loader/workers.c */

/* The slot with the next batch, prepared, once a thread has done it; it is the caller's until the
   next call. NULL with tarn_error() set if no thread can be started. */
tarn__slot *tarn__workers_next(tarn_loader *loader);

struct tarn__workers *tarn__workers_new(int count);

/* Joins the threads; the next batch starts them again. */
void tarn__workers_stop(tarn_loader *loader);

#endif
