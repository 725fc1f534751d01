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

#include "core/base/options.h"
#include "core/tensor.h"

TARN_API_BEGIN

typedef struct tarn_dataset tarn_dataset;
typedef struct tarn_loader tarn_loader;

typedef enum tarn_split { TARN_TRAIN = 0, TARN_TEST = 1 } tarn_split;

/* ---- Datasets */

/* MNIST, or any dataset of its form (Fashion-MNIST, KMNIST): reads train-images-idx3-ubyte and
   train-labels-idx1-ubyte, or t10k-..., from a folder, with a dot before idx as well, raw or with
   .gz (the raw file if both are there). Samples (H, W, 1), pixels scaled to [0, 1], 10 classes. */
tarn_dataset *tarn_data_mnist(const char *dir, tarn_split split);

/* Reads one pair of IDX files (raw or gzip, told by their content): unsigned bytes, images in 3
   dimensions, labels in 1, as many of each, labels below classes. Samples (H, W, 1), pixels scaled
   to [0, 1]. */
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

/* From now on batches hold (value - mean) / deviation, the value of a byte being byte / 255.
   Replaces what an earlier call asked for. deviation must be positive. MNIST: 0.1307, 0.3081. */
void tarn_data_normalize(tarn_dataset *dataset, double mean, double deviation);

int64_t tarn_data_count(const tarn_dataset *dataset);           /* number of samples */
int tarn_data_classes(const tarn_dataset *dataset);             /* number of classes */
tarn_shape tarn_data_sample_shape(const tarn_dataset *dataset); /* (28, 28, 1) */

void tarn_dataset_free(tarn_dataset *dataset); /* safe on NULL */

/* ---- Loaders */

typedef struct tarn_batch {
    tarn_tensor *images; /* (count, sample shape); the loader's */
    tarn_labels labels;  /* the loader's */
    int count;
} tarn_batch;

#define TARN_LOADER_OPTIONS(OPTION)                                                                \
    OPTION(bool, shuffle,                                                                          \
           false) /* a new order each epoch, all from the seed; else as in the dataset */          \
    OPTION(uint64_t, seed, 0)                                                                      \
    OPTION(bool, drop_last, false) /* leave out a last batch that is not full */
typedef struct tarn_loader_args {
    tarn_dataset *dataset;
    int64_t batch_size;
    TARN_OPTIONS(TARN_LOADER_OPTIONS)
} tarn_loader_args;

/* The dataset is borrowed and must outlive the loader. NULL for a NULL dataset. A batch size below
   1 is a mistake; one above the number of samples gives one batch that is not full. */
tarn_loader *tarn_loader_new_with(tarn_loader_args args);
#define tarn_loader_new(dataset_, ...)                                                             \
    TARN_CALL(tarn_loader_new_with, tarn_loader_args, TARN_LOADER_OPTIONS, .dataset = (dataset_),  \
              .batch_size = __VA_ARGS__)

/* Fills batch with the next one, valid until the next call or the end of the loader. False at the
   end of an epoch; the call after that begins the next epoch. */
bool tarn_loader_next(tarn_loader *loader, tarn_batch *batch);

int64_t tarn_loader_batches(const tarn_loader *loader); /* in an epoch */
void tarn_loader_free(tarn_loader *loader);             /* safe on NULL */

TARN_API_END

#endif
