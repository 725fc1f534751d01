#include "data/dataset.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/error.h"
#include "core/base/text.h"

/* ---- Making and freeing */

static void release(tarn__store *store)
{
    if (store && __atomic_sub_fetch(&store->users, 1, __ATOMIC_ACQ_REL) == 0)
        store->free(store);
}

void tarn__dataset_share(tarn_dataset *dataset, tarn__store *store)
{
    __atomic_add_fetch(&store->users, 1, __ATOMIC_RELAXED);
    dataset->stores[dataset->store_count++] = store;
}

int64_t tarn__dataset_channels(const tarn_dataset *dataset)
{
    return dataset->shape.ndim > 0 ? dataset->shape.dim[dataset->shape.ndim - 1] : 1;
}

/* What a byte is in a batch. */
static tarn_real of_byte(const tarn_dataset *dataset, bool rounds_first, int64_t channel, int byte)
{
    const double value = rounds_first ? (double)(tarn_real)(byte / 255.0) : byte / 255.0;
    return dataset->mean
               ? (tarn_real)((value - dataset->mean[channel]) / dataset->deviation[channel])
               : (tarn_real)value;
}

static void fill_tables(tarn_dataset *dataset)
{
    const int64_t channels = tarn__dataset_channels(dataset);
    for (int rounds = 0; rounds < 2; rounds++)
        for (int64_t c = 0; c < channels && c < TARN__TABLES; c++)
            for (int byte = 0; byte < 256; byte++)
                dataset->tables[rounds][c][byte] = of_byte(dataset, rounds, c, byte);
}

tarn_dataset *tarn__dataset_new(tarn__store *store, tarn_shape shape, int32_t *labels, int classes)
{
    tarn_dataset *dataset = store && labels ? calloc(1, sizeof *dataset) : NULL;
    if (dataset)
        dataset->stores = malloc(sizeof *dataset->stores);
    if (!dataset || !dataset->stores) {
        tarn_set_error("out of memory for a dataset of samples of shape %s",
                       tarn_shape_to_text(shape).text);
        if (store)
            store->free(store);
        free(labels);
        free(dataset);
        return NULL;
    }
    dataset->count = store->count;
    dataset->shape = shape;
    dataset->labels = labels;
    dataset->classes = classes;
    tarn__dataset_share(dataset, store);
    fill_tables(dataset);
    return dataset;
}

void tarn_dataset_free(tarn_dataset *dataset)
{
    if (!dataset)
        return;
    for (int i = 0; i < dataset->store_count; i++)
        release(dataset->stores[i]);
    free(dataset->stores);
    free(dataset->rows);
    free(dataset->labels);
    free(dataset->class_names);
    free(dataset->targets);
    free(dataset->mean);
    free(dataset);
}

/* ---- Looking at it */

int64_t tarn_data_count(const tarn_dataset *dataset)
{
    return dataset ? dataset->count : 0;
}

int tarn_data_classes(const tarn_dataset *dataset)
{
    return dataset ? dataset->classes : 0;
}

tarn_shape tarn_data_sample_shape(const tarn_dataset *dataset)
{
    return dataset ? dataset->shape : (tarn_shape){.ndim = -1};
}

int tarn_data_label(const tarn_dataset *dataset, int64_t i)
{
    if (!dataset)
        return -1;
    if (i < 0 || i >= dataset->count) {
        tarn_fail("data_label: sample %lld of %lld", (long long)i, (long long)dataset->count);
        return -1;
    }
    return dataset->labels[i];
}

/* ---- Class names */

/* The names as one block: pointers, then the text. */
static char **copy_names(const char *const *names, int count)
{
    size_t size = (size_t)count * sizeof(char *);
    for (int i = 0; i < count; i++)
        size += strlen(names[i]) + 1;
    char **copies = malloc(size + 1);
    char *text = copies ? (char *)(copies + count) : NULL;
    for (int i = 0; copies && i < count; i++) {
        copies[i] = text;
        text = stpcpy(text, names[i]) + 1;
    }
    return copies;
}

bool tarn_data_set_class_names(tarn_dataset *dataset, const char *const *names)
{
    if (!dataset)
        return false;
    for (int i = 0; i < dataset->classes; i++)
        if (!names || !names[i])
            return tarn_fail("data_set_class_names: name %d is NULL, expects %d names", i,
                             dataset->classes);
    for (int i = 0; i < dataset->classes; i++)
        if (!tarn_is_utf8(names[i]))
            return tarn_set_error("the name of class %d, \"%s\", is not UTF-8", i, names[i]);
    char **copies = copy_names(names, dataset->classes);
    if (!copies)
        return tarn_set_error("out of memory for the names of %d classes", dataset->classes);
    free(dataset->class_names);
    dataset->class_names = copies;
    return true;
}

const char *const *tarn_data_class_names(const tarn_dataset *dataset)
{
    return dataset ? (const char *const *)dataset->class_names : NULL;
}

/* ---- Targets */

bool tarn_data_set_targets(tarn_dataset *dataset, tarn_shape shape, const tarn_real *targets)
{
    if (!dataset)
        return false;
    const int64_t size = tarn_shape_size(shape);
    if (size < 0 || shape.ndim >= TARN_MAX_NDIM)
        return tarn_fail("data_set_targets: targets of shape %s", tarn_shape_to_text(shape).text);
    int64_t bytes;
    if (__builtin_mul_overflow(size * (int64_t)sizeof *targets, dataset->count, &bytes))
        return tarn_fail("data_set_targets: %lld targets of shape %s are too many",
                         (long long)dataset->count, tarn_shape_to_text(shape).text);
    if (!targets && bytes > 0)
        return tarn_fail("data_set_targets: the targets are NULL, expects %lld of shape %s",
                         (long long)dataset->count, tarn_shape_to_text(shape).text);
    tarn_real *copies = malloc((size_t)bytes + 1);
    if (!copies)
        return tarn_set_error("out of memory for %lld targets of shape %s",
                              (long long)dataset->count, tarn_shape_to_text(shape).text);
    if (bytes > 0)
        memcpy(copies, targets, (size_t)bytes);
    free(dataset->targets);
    dataset->targets = copies;
    dataset->target_shape = shape;
    return true;
}

tarn_shape tarn_data_target_shape(const tarn_dataset *dataset)
{
    return dataset && dataset->targets ? dataset->target_shape : (tarn_shape){.ndim = -1};
}

/* ---- Normalization */

static bool set_normalization(tarn_dataset *dataset, const double *mean, const double *deviation,
                              int64_t stride)
{
    const int64_t channels = tarn__dataset_channels(dataset);
    for (int64_t c = 0; c < channels; c++)
        if (!isfinite(mean[c * stride]) || !isfinite(deviation[c * stride]) ||
            deviation[c * stride] <= 0)
            return tarn_fail("data_normalize: mean %g, deviation %g; expects finite numbers, the "
                             "deviation above 0",
                             mean[c * stride], deviation[c * stride]);
    double *both = malloc(2 * (size_t)channels * sizeof *both + 1);
    if (!both)
        return tarn_set_error("out of memory for the normalization of %lld channels",
                              (long long)channels);
    for (int64_t c = 0; c < channels; c++) {
        both[c] = mean[c * stride];
        both[channels + c] = deviation[c * stride];
    }
    free(dataset->mean);
    dataset->mean = both;
    dataset->deviation = both + channels;
    fill_tables(dataset);
    return true;
}

bool tarn_data_normalize(tarn_dataset *dataset, double mean, double deviation)
{
    return dataset && set_normalization(dataset, &mean, &deviation, 0);
}

bool tarn_data_normalize_channels(tarn_dataset *dataset, const double *mean,
                                  const double *deviation)
{
    if (!dataset)
        return false;
    if (!mean || !deviation)
        return tarn_fail("data_normalize_channels: a mean and a deviation for each channel are "
                         "expected, not NULL");
    return set_normalization(dataset, mean, deviation, 1);
}

bool tarn_data_normalization(const tarn_dataset *dataset, double *mean, double *deviation)
{
    if (!dataset || !mean || !deviation)
        return false;
    const int64_t channels = tarn__dataset_channels(dataset);
    for (int64_t c = 0; c < channels; c++) {
        mean[c] = dataset->mean ? dataset->mean[c] : 0;
        deviation[c] = dataset->mean ? dataset->deviation[c] : 1;
    }
    return true;
}

/* ---- Reading */

const tarn__store *tarn__dataset_store(const tarn_dataset *dataset, int64_t *i)
{
    if (dataset->rows)
        *i = dataset->rows[*i];
    int s = 0;
    for (; *i >= dataset->stores[s]->count; s++)
        *i -= dataset->stores[s]->count;
    return dataset->stores[s];
}

bool tarn__dataset_read(const tarn_dataset *dataset, int64_t i, tarn_real *to)
{
    const tarn__store *store = tarn__dataset_store(dataset, &i);
    return store->read(store, i, to);
}

/* Numbers of a block, each with the mean and the deviation of its channel. */
enum { BLOCK = 24 };
static void normalize_block(tarn_real *to, const double *mean, const double *deviation)
{
    for (int k = 0; k < BLOCK; k++)
        to[k] = (tarn_real)(((double)to[k] - mean[k]) / deviation[k]);
}

/* Blocks, for vectors, where they hold whole pixels. */
void tarn__dataset_normalize(const tarn_dataset *dataset, tarn_real *sample)
{
    if (!dataset->mean)
        return;
    const int64_t size = tarn_shape_size(dataset->shape);
    const int64_t channels = tarn__dataset_channels(dataset);
    int64_t k = 0;
    if (channels > 0 && BLOCK % channels == 0) {
        double mean[BLOCK], deviation[BLOCK];
        for (int i = 0; i < BLOCK; i++) {
            mean[i] = dataset->mean[i % channels];
            deviation[i] = dataset->deviation[i % channels];
        }
        for (; k + BLOCK <= size; k += BLOCK)
            normalize_block(sample + k, mean, deviation);
    }
    for (; k < size; k += channels)
        for (int64_t c = 0; c < channels; c++)
            sample[k + c] =
                (tarn_real)(((double)sample[k + c] - dataset->mean[c]) / dataset->deviation[c]);
}

/* What bytes are by the tables of their channels. */
static inline __attribute__((always_inline)) void look_up(tarn_real *to, const uint8_t *bytes,
                                                          int64_t size,
                                                          const tarn_real (*tables)[256],
                                                          int channels)
{
    for (int64_t k = 0; k < size; k += channels)
        for (int c = 0; c < channels; c++)
            to[k + c] = tables[c][bytes[k + c]];
}

static void read_bytes(const tarn_dataset *dataset, const tarn__store *store, int64_t i,
                       tarn_real *to)
{
    const int64_t size = tarn_shape_size(dataset->shape);
    const int64_t channels = tarn__dataset_channels(dataset);
    const uint8_t *bytes = store->bytes + i * size;
    const bool rounds = store->rounds_first;
    if (channels == 1)
        look_up(to, bytes, size, dataset->tables[rounds], 1);
    else if (channels == 3)
        look_up(to, bytes, size, dataset->tables[rounds], 3);
    else
        for (int64_t k = 0; k < size; k += channels)
            for (int64_t c = 0; c < channels; c++)
                to[k + c] = c < TARN__TABLES ? dataset->tables[rounds][c][bytes[k + c]]
                                             : of_byte(dataset, rounds, c, bytes[k + c]);
}

bool tarn__dataset_read_normalized(const tarn_dataset *dataset, int64_t i, tarn_real *to)
{
    const tarn__store *store = tarn__dataset_store(dataset, &i);
    if (store->bytes) {
        read_bytes(dataset, store, i, to);
        return true;
    }
    if (!store->read(store, i, to))
        return false;
    tarn__dataset_normalize(dataset, to);
    return true;
}
