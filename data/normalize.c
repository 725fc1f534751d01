/* Normalization: (x - mean) / deviation by channel, of bytes from tables. */
#include <math.h>
#include <stdlib.h>

#include "core/base/error.h"
#include "data/dataset.h"
#include "data/normalize.h"

/* What a byte is in a batch. */
static tarn_real of_byte(const tarn_dataset *dataset, bool rounds_first, int64_t channel, int byte)
{
    const double value = rounds_first ? (double)(tarn_real)(byte / 255.0) : byte / 255.0;
    return dataset->mean
               ? (tarn_real)((value - dataset->mean[channel]) / dataset->deviation[channel])
               : (tarn_real)value;
}

void tarn__dataset_fill_tables(tarn_dataset *dataset)
{
    const int64_t channels = tarn__dataset_channels(dataset);
    for (int rounds = 0; rounds < 2; rounds++)
        for (int64_t c = 0; c < channels && c < TARN__TABLES; c++)
            for (int byte = 0; byte < 256; byte++)
                dataset->tables[rounds][c][byte] = of_byte(dataset, rounds, c, byte);
}

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
    tarn__dataset_fill_tables(dataset);
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

/* ---- Samples */

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
