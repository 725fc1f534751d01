/* What is in a dataset. */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

#include "core/base/error_internal.h"
#include "core/base/format.h"
#include "data/dataset.h"

/* Adds the sample's sums for each channel: of the differences from the centre, or their squares. */
static void add_sums(const tarn_dataset *dataset, const tarn_real *sample, const double *centre,
                     bool squares, double *sums)
{
    const int64_t size = tarn_shape_size(dataset->shape);
    const int64_t channels = tarn__dataset_channels(dataset);
    for (int64_t k = 0; k < size; k += channels)
        for (int64_t c = 0; c < channels; c++) {
            const double difference = (double)sample[k + c] - centre[c];
            sums[c] += squares ? difference * difference : difference;
        }
}

/* The means over all samples of the differences from the centre, or of their squares. */
static bool means(const tarn_dataset *dataset, tarn_real *sample, const double *centre,
                  bool squares, double *result)
{
    const int64_t channels = tarn__dataset_channels(dataset);
    const double count =
        (double)dataset->count * (double)(tarn_shape_size(dataset->shape) / channels);
    for (int64_t c = 0; c < channels; c++)
        result[c] = 0;
    for (int64_t i = 0; i < dataset->count; i++) {
        if (!tarn__dataset_read(dataset, i, sample))
            return false;
        add_sums(dataset, sample, centre, squares, result);
    }
    for (int64_t c = 0; c < channels; c++)
        result[c] /= count;
    return true;
}

bool tarn_data_statistics(const tarn_dataset *dataset, double *mean, double *deviation)
{
    if (!dataset)
        return false;
    if (!mean || !deviation)
        return tarn_fail("data_statistics: where mean and deviation go is NULL");
    const int64_t size = tarn_shape_size(dataset->shape);
    const int64_t channels = tarn__dataset_channels(dataset);
    if (dataset->count == 0 || size == 0)
        return tarn_set_error("data_statistics: the dataset is empty");
    tarn_real *sample = malloc((size_t)size * sizeof *sample);
    if (!sample)
        return tarn_set_error("out of memory for a sample of shape %s",
                              tarn_shape_to_text(dataset->shape).text);
    double *zeros = calloc((size_t)channels, sizeof *zeros);
    bool good = zeros && means(dataset, sample, zeros, false, mean) &&
                means(dataset, sample, mean, true, deviation);
    if (!zeros)
        tarn_set_error("out of memory for %lld channels", (long long)channels);
    for (int64_t c = 0; good && c < channels; c++)
        deviation[c] = sqrt(deviation[c]);
    free(zeros);
    free(sample);
    return tarn__told(good);
}

int64_t tarn_data_count_of(const tarn_dataset *dataset, int label)
{
    int64_t count = 0;
    for (int64_t i = 0; dataset && i < dataset->count; i++)
        count += dataset->labels[i] == label;
    return count;
}

/* ---- Printed */

/* In one line, and with blanks up to 20 characters; those of UTF-8 are bytes but 10xxxxxx. */
static void print_name(const char *name, FILE *stream)
{
    int width = 0;
    fputs("  ", stream);
    for (; *name; name++) {
        const bool is_control = (unsigned char)*name < ' ' || *name == 0x7F;
        fputc(is_control ? '?' : *name, stream);
        width += (*name & 0xC0) != 0x80;
    }
    fprintf(stream, "%*s", width < 20 ? 20 - width : 0, "");
}

static void print_classes(const tarn_dataset *dataset, FILE *stream)
{
    for (int c = 0; c < dataset->classes; c++) {
        if (dataset->class_names)
            print_name(dataset->class_names[c], stream);
        else
            fprintf(stream, "  %-20d", c);
        fprintf(stream, " %8" PRId64 "\n", tarn_data_count_of(dataset, c));
    }
}

/* A line for each channel of a few. */
static bool print_channels(const tarn_dataset *dataset, FILE *stream)
{
    enum { MOST = 4 };
    double mean[MOST], deviation[MOST];
    const int64_t channels = tarn__dataset_channels(dataset);
    if (channels > MOST || dataset->count == 0 || tarn_shape_size(dataset->shape) == 0)
        return true;
    if (!tarn_data_statistics(dataset, mean, deviation))
        return false;
    for (int64_t c = 0; c < channels; c++) {
        char line[96];
        tarn__format(line, sizeof line, "  channel %d: mean %.4f, deviation %.4f\n", (int)c,
                     mean[c], deviation[c]);
        fputs(line, stream);
    }
    return true;
}

bool tarn_data_print(const tarn_dataset *dataset, FILE *stream)
{
    if (!dataset)
        return false;
    if (!stream)
        return tarn_fail("data_print: the stream is NULL");
    fprintf(stream, "%" PRId64 " samples %s of %d class%s\n", dataset->count,
            tarn_shape_to_text(dataset->shape).text, dataset->classes,
            dataset->classes == 1 ? "" : "es");
    print_classes(dataset, stream);
    if (!print_channels(dataset, stream))
        return false;
    return !ferror(stream) ||
           tarn__told(tarn_set_error("data_print: the stream cannot be written"));
}
