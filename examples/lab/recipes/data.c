#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "examples/lab/lib/training.h"
#include "examples/lab/recipes/recipe.h"

enum { SIZE = 32, MAX_CHANNELS = 3 }; /* of pictures in colour */

/* ---- Cut off */

/* The middle of a batch of pictures as bytes, which they are made of. */
static void cut_batch(const tarn_batch *batch, int border, uint8_t *bytes)
{
    const int height = (int)tarn_dim(batch->images, 1), width = (int)tarn_dim(batch->images, 2);
    const int channels = (int)tarn_dim(batch->images, 3);
    const tarn_real *values = tarn_values(batch->images);
    for (int i = 0; i < batch->count; i++)
        for (int y = border; y < height - border; y++)
            for (int x = border; x < width - border; x++)
                for (int c = 0; c < channels; c++)
                    *bytes++ = (uint8_t)lrint(
                        255 * (double)values[((i * height + y) * width + x) * channels + c]);
}

/* The same samples without their border, in the place of the others, which are freed. */
static tarn_dataset *cut(tarn_dataset *whole, int border)
{
    const tarn_shape full = tarn_data_sample_shape(whole);
    const int64_t count = tarn_data_count(whole), height = full.dim[0] - 2 * border,
                  width = full.dim[1] - 2 * border, size = height * width * full.dim[2];
    static uint8_t *bytes; /* no leak where the program ends with a sentence */
    static int32_t *labels;
    bytes = malloc((size_t)(count * size));
    labels = malloc((size_t)count * sizeof *labels);
    tarn_loader *loader = tarn_loader_new(whole, EVALUATION_BATCH);
    if (!bytes || !labels)
        die("out of memory for %lld pictures", (long long)count);
    check(loader);
    tarn_batch batch;
    for (int64_t done = 0; tarn_loader_next(loader, &batch); done += batch.count) {
        cut_batch(&batch, border, bytes + done * size);
        for (int i = 0; i < batch.count; i++)
            labels[done + i] = batch.labels.ids[i];
    }
    tarn_loader_free(loader);
    tarn_dataset *inner = tarn_data_from_bytes(tarn_shape(count, height, width, full.dim[2]), bytes,
                                               labels, tarn_data_classes(whole));
    check(inner);
    free(bytes), free(labels), bytes = NULL, labels = NULL;
    tarn_dataset_free(whole);
    return inner;
}

/* Cuts as they are in the files, and normalizes what is left as the whole was. */
static void cut_normalized(tarn_dataset **dataset, int border)
{
    double mean[MAX_CHANNELS], deviation[MAX_CHANNELS];
    check(tarn_data_normalization(*dataset, mean, deviation));
    if (border > 0) {
        check(tarn_data_normalize(*dataset, 0, 1));
        *dataset = cut(*dataset, border);
    }
    check(tarn_data_normalize_channels(*dataset, mean, deviation));
}

/* ---- Read */

static void hold_out(ingredients *all, double part)
{
    tarn_dataset *whole = all->training;
    tarn_dataset_free(all->test);
    check(tarn_data_split(whole, part, 1, &all->training, &all->test));
    tarn_dataset_free(whole);
}

static bool is_cifar(const char *folder)
{
    char path[4200];
    snprintf(path, sizeof path, "%s/data_batch_1.bin", folder);
    FILE *file = fopen(path, "rb");
    if (file)
        fclose(file);
    return file != NULL;
}

/* Of a folder of pictures each sixth of a class is kept for the test, as in CIFAR-10. */
static void read_color(ingredients *all, const char *folder)
{
    double mean[MAX_CHANNELS], deviation[MAX_CHANNELS];
    if (!folder)
        die("--recipe color: expects --data DIR, the binary version of CIFAR-10 or a folder of "
            "pictures, a folder for each class");
    if (is_cifar(folder)) {
        all->training = tarn_data_cifar10(folder, TARN_TRAIN);
        check(all->training);
        all->test = tarn_data_cifar10(folder, TARN_TEST);
        check(all->test);
    } else {
        all->training = tarn_data_folder(folder, SIZE, SIZE);
        check(all->training);
        hold_out(all, 1.0 / 6);
    }
    check(tarn_data_statistics(all->training, mean, deviation));
    for (int c = 0; c < MAX_CHANNELS; c++)
        if (!(deviation[c] > 0))
            die("%s: all pictures are the same in channel %d, expects some that differ", folder, c);
    check(tarn_data_normalize_channels(all->training, mean, deviation));
    check(tarn_data_normalize_channels(all->test, mean, deviation));
}

ingredients ingredients_new(const recipe *r, const source *from)
{
    static ingredients all; /* no leak where the program ends with a sentence */
    all = (ingredients){NULL, NULL};
    if (r->color) {
        read_color(&all, from->folder);
    } else {
        all.training = digits_read(&from->digits, TARN_TRAIN);
        if (!from->holdout)
            all.test = digits_read(&from->digits, TARN_TEST);
    }
    if (from->holdout)
        hold_out(&all, 1.0 / 12);
    cut_normalized(&all.training, r->border);
    cut_normalized(&all.test, r->border);
    return all;
}

void ingredients_free(ingredients *all)
{
    tarn_dataset_free(all->training);
    tarn_dataset_free(all->test);
    *all = (ingredients){NULL, NULL};
}
