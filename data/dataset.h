/* The inside of a dataset, for the files of data/. */
#ifndef TARN_DATA_DATASET_H
#define TARN_DATA_DATASET_H

#include "data/data.h"

/* Where samples come from: memory, or files that are read when asked for. A kind of store is a
   struct that begins with this one. Datasets share stores and count their users; any number of
   threads may read at once. */
typedef struct tarn__store {
    int users; /* changed atomically */
    int64_t count;
    const uint8_t *bytes; /* all samples, if they are bytes in memory; else NULL */
    /* Bytes are rounded to tarn_real before they are normalized, as what comes from files is, so
       that batches have the same bits wherever the samples are. */
    bool rounds_first;
    /* Writes sample i as numbers, bytes scaled to [0, 1]. False with tarn_error() set if its file
       cannot be read. */
    bool (*read)(const struct tarn__store *store, int64_t i, tarn_real *to);
    void (*free)(struct tarn__store *store);
} tarn__store;

/* So many channels have tables, see below; an image has no more. */
enum { TARN__TABLES = 4 };

struct tarn_dataset {
    int64_t count, skipped; /* samples, and files left out */
    tarn_shape shape;       /* of a sample */
    int classes;
    int store_count;
    tarn__store **stores;
    int64_t *rows;      /* the samples, counted through all stores; NULL: all, in order */
    int32_t *labels;    /* count class ids */
    char **class_names; /* in one block; NULL: none */
    tarn_shape target_shape;
    tarn_real *targets; /* (count, target_shape); NULL: none */
    /* Of each channel, that is each place in the last dimension; NULL: 0 and 1. */
    double *mean, *deviation;
    /* What a byte is in a batch, for the first channels; [1]: where the store rounds first. */
    tarn_real tables[2][TARN__TABLES][256];
};

/* A dataset of all samples of a store, which it takes, as it takes the labels (from malloc; below
   classes). When that fails, or if one of them is NULL, frees both and returns NULL with
   tarn_error() set. */
tarn_dataset *tarn__dataset_new(tarn__store *store, tarn_shape shape, int32_t *labels, int classes);

/* Adds a store to a dataset with room for it, as one more user. */
void tarn__dataset_share(tarn_dataset *dataset, tarn__store *store);

/* The number of channels: the last dimension of a sample, or 1. */
static inline int64_t tarn__dataset_channels(const tarn_dataset *dataset)
{
    return dataset->shape.ndim > 0 ? dataset->shape.dim[dataset->shape.ndim - 1] : 1;
}

/* The store that holds sample i, which becomes its number there. */
const tarn__store *tarn__dataset_store(const tarn_dataset *dataset, int64_t *i);

/* Sample i as it is stored, bytes scaled to [0, 1]. False with tarn_error() set where its file
   cannot be read. */
bool tarn__dataset_read(const tarn_dataset *dataset, int64_t i, tarn_real *to);

#endif
