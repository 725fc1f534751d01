/*
 * Datasets and loaders.
 *
 *     tarn_dataset *digits = tarn_data_mnist(dir, TARN_TRAIN);
 *     tarn_loader *loader = tarn_loader_new(digits, 64, .shuffle = true, .seed = 1);
 *     tarn_batch batch;
 *     while (tarn_loader_next(loader, &batch)) ...
 *
 * A dataset is a list of samples of one shape, each with a label. Bytes (pixels) stay bytes until a
 * loader puts them in a batch. What cannot be read gives NULL, and tarn_error() says in one
 * sentence which file it was, what was found and what was expected.
 */
#ifndef TARN_DATA_DATA_H
#define TARN_DATA_DATA_H

#include <stdio.h>

#include "core/base/options.h"
#include "core/tensor.h"
#include "data/formats.h"
#include "data/transform.h"

TARN_API_BEGIN

typedef struct tarn_dataset tarn_dataset;
typedef struct tarn_loader tarn_loader;

/* ---- Datasets */

/* MNIST, or any dataset of its form (Fashion-MNIST, KMNIST): reads train-images-idx3-ubyte and
   train-labels-idx1-ubyte, or t10k-..., from a folder, with a dot before idx as well, raw or with
   .gz (the raw file if both are there). Samples (H, W, 1), pixels scaled to [0, 1], 10 classes. */
tarn_dataset *tarn_data_mnist(const char *dir, tarn_split split);

/* Reads one pair of IDX files (raw or gzip, told by their content), as many images as labels.
   Images have 2 dimensions or more, (count, ...): samples of the other ones, but (H, W, 1) of 3.
   Unsigned bytes are scaled to [0, 1]; signed bytes, 16 and 32 bits, float and double stay as they
   are, and are finite. Labels have 1 dimension and are whole numbers below classes. */
tarn_dataset *tarn_data_idx(const char *images_path, const char *labels_path, int classes);

/* Reads a contact sheet: a PNG picture cut into tiles of height x width pixels, row by row, and a
   text file with one label for each tile. With up to 10 classes every character that is not white
   space is one label, so that the text can be laid out like the picture; with more, labels are
   numbers separated by white space. Samples (height, width, 1) from a gray picture, (height, width,
   3) from a coloured one, of 8 bits or of 16, scaled to [0, 1]; transparency is ignored. */
tarn_dataset *tarn_data_sheet(const char *image_path, const char *labels_path, int height,
                              int width, int classes);

/* The sample of MNIST that comes with Tarn (data/samples: 10,000 training and 2,000 test digits):
   train.png and train-labels.txt, or test..., from a folder. */
tarn_dataset *tarn_data_samples(const char *dir, tarn_split split);

/* Arrays in memory, copied. shape is (count, ...); the rest is the shape of a sample. Bytes are
   scaled to [0, 1] when batched, numbers stay as they are. labels: count class ids below classes
   (else a mistake), or NULL: all 0. */
tarn_dataset *tarn_data_from_bytes(tarn_shape shape, const uint8_t *bytes, const int32_t *labels,
                                   int classes);
tarn_dataset *tarn_data_from_numbers(tarn_shape shape, const tarn_real *numbers,
                                     const int32_t *labels, int classes);

/* ---- What is in a dataset */

int64_t tarn_data_count(const tarn_dataset *dataset);           /* number of samples */
int tarn_data_classes(const tarn_dataset *dataset);             /* number of classes */
tarn_shape tarn_data_sample_shape(const tarn_dataset *dataset); /* (28, 28, 1) */
int tarn_data_label(const tarn_dataset *dataset, int64_t i);    /* class of a sample; -1 for NULL */
int64_t tarn_data_count_of(const tarn_dataset *dataset, int label); /* samples of a class */

/* A name for each class, in UTF-8, copied; NULL before any were set. False after a mistake, for
   NULL, or with tarn_error() set for a name that is not UTF-8 or when memory runs out. */
bool tarn_data_set_class_names(tarn_dataset *dataset, const char *const *names);
const char *const *tarn_data_class_names(const tarn_dataset *dataset);

/* Gives each sample a target beside its class: numbers to come near to (regression), or several
   labels as 0 and 1. targets is (count, shape), copied; batches hold them. An ndim of -1 is the
   shape where there are none. False as above. */
bool tarn_data_set_targets(tarn_dataset *dataset, tarn_shape shape, const tarn_real *targets);
tarn_shape tarn_data_target_shape(const tarn_dataset *dataset);

/* Mean and deviation, sqrt(mean of (x - mean)^2), of each channel (each place in the last
   dimension) over all samples as they are stored, bytes scaled to [0, 1], in double. Reads all
   samples twice. False with tarn_error() set for an empty dataset, where a file cannot be read, or
   when memory runs out. */
bool tarn_data_statistics(const tarn_dataset *dataset, double *mean, double *deviation);

/* From now on batches hold (value - mean) / deviation, the value of a byte being byte / 255: with
   the same two numbers for all channels, or with two for each. Replaces what an earlier call asked
   for. deviation must be positive. MNIST: 0.1307, 0.3081. False as above. */
bool tarn_data_normalize(tarn_dataset *dataset, double mean, double deviation);
bool tarn_data_normalize_channels(tarn_dataset *dataset, const double *mean,
                                  const double *deviation);

/* The mean and deviation of each channel by which batches are normalized; 0 and 1 before. False for
   NULL. */
bool tarn_data_normalization(const tarn_dataset *dataset, double *mean, double *deviation);

/* Prints how many samples there are of each class, and mean and deviation of up to four channels.
   Whether all could be read and written: false for NULL, or with tarn_error() set. */
bool tarn_data_print(const tarn_dataset *dataset, FILE *stream);

/* Writes a contact sheet as a PNG file: samples of gray or coloured pictures, chosen evenly, row by
   row in their order, each above the name of its class or its number, in which what is not ASCII is
   a question mark. Small pictures are magnified by a whole factor; of numbers outside [0, 1] the
   nearest is shown. False after a mistake, for NULL, or with tarn_error() set: for an empty
   dataset, where a file cannot be read or written, or when memory runs out. */
#define TARN_DATA_CONTACT_SHEET_OPTIONS(OPTION)                                                    \
    OPTION(int, rows, 8)    /* at most; 1 to 100 */                                                \
    OPTION(int, columns, 8) /* 1 to 100 */
typedef struct tarn_data_contact_sheet_args {
    const tarn_dataset *dataset;
    const char *path;
    TARN_OPTIONS(TARN_DATA_CONTACT_SHEET_OPTIONS)
} tarn_data_contact_sheet_args;
bool tarn_data_contact_sheet_with(tarn_data_contact_sheet_args args);
#define tarn_data_contact_sheet(dataset_, ...)                                                     \
    TARN_CALL(tarn_data_contact_sheet_with, tarn_data_contact_sheet_args,                          \
              TARN_DATA_CONTACT_SHEET_OPTIONS, .dataset = (dataset_), .path = __VA_ARGS__)

/* ---- Parts and sums. They share the samples with the datasets that they are made of, and can be
   freed before them or after; class names and normalization are copied. NULL after a mistake, for
   NULL, or with tarn_error() set when memory runs out. */

/* The samples with these indices, in this order; an index may stand there twice. */
tarn_dataset *tarn_data_subset(const tarn_dataset *dataset, const int64_t *indices, int64_t count);

/* Parts the dataset in two, each in the order of the whole. The second gets this fraction, in
   [0, 1), of each class, rounded, but of a class of two samples or more at least one, unless the
   fraction is 0, and never all; which ones depends on the seed alone. Both are set to NULL when it
   fails. */
bool tarn_data_split(const tarn_dataset *dataset, double fraction, uint64_t seed,
                     tarn_dataset **first, tarn_dataset **second);

/* All samples of the first, then those of the second, ... Shapes of samples and targets and the
   number of classes must agree; class names and normalization are those of the first. */
#define tarn_data_concat(...) TARN_LIST(tarn_data_concat_of, tarn_dataset *, __VA_ARGS__)
tarn_dataset *tarn_data_concat_of(int count, tarn_dataset *const *datasets);

void tarn_dataset_free(tarn_dataset *dataset); /* safe on NULL */

/* ---- What transforms do to pictures */

/* Writes a contact sheet as a PNG file: each row shows one sample of gray or coloured pictures,
   chosen evenly, first as it is and then as a loader with this seed gives it in epochs 0, 1, 2, ...
   (before it is normalized). Small pictures are magnified by a whole factor. False after a mistake,
   for NULL, or with tarn_error() set: for an empty dataset, where a file cannot be read or written,
   for numbers outside [0, 1], or when memory runs out. */
#define TARN_DATA_SHOW_OPTIONS(OPTION)                                                             \
    OPTION(int, rows, 8)    /* at most; 1 to 100 */                                                \
    OPTION(int, columns, 8) /* 1 to 100 */                                                         \
    OPTION(uint64_t, seed, 0)
typedef struct tarn_data_show_args {
    const tarn_dataset *dataset;
    tarn_transforms transforms;
    const char *path;
    TARN_OPTIONS(TARN_DATA_SHOW_OPTIONS)
} tarn_data_show_args;
bool tarn_data_show_with(tarn_data_show_args args);
#define tarn_data_show(dataset_, transforms_, ...)                                                 \
    TARN_CALL(tarn_data_show_with, tarn_data_show_args, TARN_DATA_SHOW_OPTIONS,                    \
              .dataset = (dataset_), .transforms = (transforms_), .path = __VA_ARGS__)

/* ---- Loaders */

typedef struct tarn_batch {
    tarn_tensor *images;  /* (count, sample shape); the loader's */
    tarn_labels labels;   /* the loader's */
    tarn_tensor *targets; /* (count, target shape); the loader's; NULL for none */
    int count;
    int part, parts; /* which of how many parts of its batch this is; 0 of 1 if batches are whole */
    bool last;       /* of those of its batch that the loader gives: a step may follow */
    double share; /* of the samples of the whole batch, by its size: of all parts they add to 1 */
} tarn_batch;

enum { TARN_WORKERS_MAX = 256 };

/* shuffle: a new order each epoch, all from the seed; else as in the dataset.
   drop_last: leave out a last batch that is not full.
   sampling: a weight for each sample, finite and at least 0, copied. An epoch then has as many
     samples, drawn with replacement, each by its share in the sum of the weights; shuffle has no
     meaning. balanced: the same, with every class as often, and the samples of one alike.
   transforms: what becomes of each picture of (height, width, channels), before it is normalized;
     its numbers must be in [0, 1] (else the loader fails). Another change in each epoch; which one
     depends on seed, epoch and sample alone (with sampling or balanced, on the place in the epoch).
   mixup, cutmix: alpha of Beta(alpha, alpha), 0 to 1000, 0 for none; by both a batch is mixed in
   one of the two ways, each as often. data/loader/mix.c has the formulas. batch.targets then holds
     the mixture of what each sample is mixed of: of its targets, or (count, classes) probabilities
     for tarn_cross_entropy_soft(); labels are those of the samples before.
   workers: so many threads prepare batches ahead, one for each thread beside the one that the
   caller has; 0 to TARN_WORKERS_MAX. Batches are the same for every number. With 0 a batch is
   prepared when it is asked for, by the threads of tarn_set_threads(). They start with the first
   batch, also in the child of a fork(). skip_bad: leave out samples that cannot be read, and count
   them: batches have fewer samples, and one that has none is not shown. What memory runs out for
   is not bad: it fails as without. An epoch of nothing but
   such samples fails.
   parts: cuts each batch in so many, of equal sizes or one more, and gives one after the other, for
     steps over batches that are too large for the memory, or that several processes share
     (optim/optim.h, docs/machines.md). No part is empty: fewer samples than parts at the end of an
     epoch are added to the batch before. Samples are mixed within a part. Of a part, skip_bad
   leaves out samples, but never all: that fails. shard, shards: gives only those parts of each
   batch that belong to shard number shard, from 0, of so many: the parts from parts * shard /
   shards on, before parts * (shard + 1) / shards. All shards together give each sample of an epoch
   once. */
#define TARN_LOADER_OPTIONS(OPTION)                                                                \
    OPTION(bool, shuffle, false)                                                                   \
    OPTION(uint64_t, seed, 0)                                                                      \
    OPTION(bool, drop_last, false)                                                                 \
    OPTION(const double *, sampling, NULL)                                                         \
    OPTION(bool, balanced, false)                                                                  \
    OPTION(tarn_transforms, transforms, TARN__EMPTY)                                               \
    OPTION(double, mixup, 0)                                                                       \
    OPTION(double, cutmix, 0)                                                                      \
    OPTION(int, workers, 0)                                                                        \
    OPTION(bool, skip_bad, false)                                                                  \
    OPTION(int, parts, 1)                                                                          \
    OPTION(int, shard, 0)                                                                          \
    OPTION(int, shards, 1)
typedef struct tarn_loader_args {
    tarn_dataset *dataset;
    int64_t batch_size;
    TARN_OPTIONS(TARN_LOADER_OPTIONS)
} tarn_loader_args;

/* The dataset is borrowed and must outlive the loader. NULL for a NULL dataset. A batch size below
   1 or the number of parts is a mistake, and so are fewer parts than shards; a batch size above the
   number of samples gives one batch that is not full. NULL with tarn_error() set for fewer samples
   than parts. */
tarn_loader *tarn_loader_new_with(tarn_loader_args args);
#define tarn_loader_new(dataset_, ...)                                                             \
    TARN_CALL(tarn_loader_new_with, tarn_loader_args, TARN_LOADER_OPTIONS, .dataset = (dataset_),  \
              .batch_size = TARN_WHOLE_FIRST(__VA_ARGS__))

/* Fills batch with the next one, valid until the next call or the end of the loader. False at the
   end of an epoch; the call after that begins the next epoch. False as well, with tarn_error() set,
   where the file of a sample cannot be read: then tarn_loader_failed(), and each further call is
   false. */
bool tarn_loader_next(tarn_loader *loader, tarn_batch *batch);
bool tarn_loader_failed(const tarn_loader *loader);

/* How many samples .skip_bad left out since the loader was made; what was wrong with the last batch
   that had such samples (its first), if last is not NULL: "" for none. Valid until the next call;
   the loader's. */
int64_t tarn_loader_skipped(const tarn_loader *loader, const char **last);

/* Where the loader stands: the epoch, from 0, and which of its batches comes next, from 0. From
   there seek() goes on, in any loader of the same dataset, options and seed, with the same batches,
   whatever its parts and shards; between the parts of a batch, with the first of them.
   batch may be the number of batches in an epoch: the next call then ends it. False after a
   mistake, and for NULL. */
typedef struct tarn_loader_position {
    int64_t epoch, batch;
} tarn_loader_position;
tarn_loader_position tarn_loader_tell(const tarn_loader *loader);
bool tarn_loader_seek(tarn_loader *loader, tarn_loader_position position);

int64_t tarn_loader_batches(const tarn_loader *loader); /* in an epoch; those of all parts */

/* What it was made with; the loader's, NULL for NULL. Of the weights of sampling only whether there
   were any: they were copied. */
const tarn_loader_args *tarn_loader_options(const tarn_loader *loader);

void tarn_loader_free(tarn_loader *loader); /* safe on NULL */

TARN_API_END

#endif
