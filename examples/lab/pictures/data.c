#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "examples/lab/lib/options.h"
#include "examples/lab/lib/text.h"
#include "examples/lab/pictures/pictures.h"

const char *const augmentations[] = {"none", "shift", "light", "strong", NULL};

/* Shifts move by a part of the size; the border shows the nearest pixels. */
static tarn_transforms augmentation(const char *name, double size)
{
    const tarn_transform shift =
        tarn_transform_shift(size / 10, .border = TARN_BORDER_EDGE, .fill = 0);
    if (strcmp(name, "none") == 0)
        return (tarn_transforms){0};
    if (strcmp(name, "shift") == 0)
        return tarn_transforms_of(shift);
    if (strcmp(name, "light") == 0)
        return tarn_transforms_of(shift, tarn_transform_flip(0.5));
    return tarn_transforms_of(
        shift, tarn_transform_rotate(10, .border = TARN_BORDER_EDGE, .fill = 0),
        tarn_transform_scale(0.85, 1.15, .border = TARN_BORDER_EDGE, .fill = 0),
        tarn_transform_flip(0.5), tarn_transform_brightness(0.2), tarn_transform_contrast(0.2),
        tarn_transform_erase(0.25));
}

/* By mean and deviation of the training part; where all is equal numbers keep their size. */
static void normalize(picture_data *d)
{
    const tarn_shape shape = tarn_data_sample_shape(d->training);
    d->channels = (int)shape.dim[shape.ndim - 1];
    d->mean = calloc(2 * (size_t)d->channels, sizeof *d->mean);
    if (!d->mean)
        die("out of memory for the means of %d channels", d->channels);
    d->deviation = d->mean + d->channels;
    check(tarn_data_statistics(d->training, d->mean, d->deviation));
    for (int c = 0; c < d->channels; c++)
        if (d->deviation[c] == 0)
            d->deviation[c] = 1;
    check(tarn_data_normalize_channels(d->training, d->mean, d->deviation) &&
          tarn_data_normalize_channels(d->validation, d->mean, d->deviation));
}

/* Classes without names are called by their numbers. */
static void name_classes(tarn_dataset *dataset)
{
    const int classes = tarn_data_classes(dataset);
    if (tarn_data_class_names(dataset))
        return;
    char(*texts)[12] = calloc((size_t)classes, sizeof *texts);
    const char **names = calloc((size_t)classes, sizeof *names);
    for (int c = 0; texts && names && c < classes; c++) {
        snprintf(texts[c], sizeof texts[c], "%d", c);
        names[c] = texts[c];
    }
    if (!texts || !names || !tarn_data_set_class_names(dataset, names))
        die("out of memory for the names of %d classes", classes);
    free(names);
    free(texts);
}

/* FNV-1a over the bytes. */
static uint64_t hashed(uint64_t hash, const void *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++)
        hash = (hash ^ ((const uint8_t *)bytes)[i]) * 0x100000001B3u;
    return hash;
}

static uint64_t hashed_part(uint64_t hash, const tarn_dataset *dataset)
{
    for (int64_t i = 0; i < tarn_data_count(dataset); i++) {
        const int label = tarn_data_label(dataset, i);
        const char *path = tarn_data_path(dataset, i);
        hash = hashed(hash, &label, sizeof label);
        hash = path ? hashed(hash, path, strlen(path) + 1) : hash;
    }
    return hash;
}

/* What a run that goes on must find again. */
static void take_fingerprint(picture_data *d, picture_settings *s)
{
    uint64_t hash = 0xCBF29CE484222325u;
    for (int c = 0; c < tarn_data_classes(d->training); c++) {
        const char *name = tarn_data_class_names(d->training)[c];
        hash = hashed(hash, name, strlen(name) + 1);
    }
    hash = hashed_part(hashed_part(hash, d->training), d->validation);
    hash = hashed(hash, d->mean, 2 * (size_t)d->channels * sizeof *d->mean);
    snprintf(d->fingerprint, sizeof d->fingerprint, "%016llx", (unsigned long long)hash);
    if (s->fingerprint && !is(s->fingerprint, d->fingerprint))
        die("--resume: %s does not hold what the run in %s was begun with: other classes, files or "
            "pixels; --overwrite or another --out begins anew",
            source_name(s), s->out);
    s->fingerprint = d->fingerprint;
}

/* Whether the classes are numbers with a fraction, or nearly as many as there are samples. */
static bool looks_like_targets(const tarn_dataset *dataset)
{
    const int classes = tarn_data_classes(dataset);
    bool numbers = true, fractions = false;
    for (int c = 0; c < classes; c++) {
        const char *name = tarn_data_class_names(dataset)[c];
        char *end;
        const double number = strtod(name, &end);
        numbers &= *end == '\0';
        fractions |= number != floor(number);
    }
    return (numbers && fractions) || 2 * (int64_t)classes > tarn_data_count(dataset);
}

static void check_classes(const tarn_dataset *dataset, const picture_settings *s)
{
    const char *of_table = source_has_numbers(s) ? "; --label names another column" : "";
    if (tarn_data_classes(dataset) < 2)
        die("%s: each sample is of the class %s, expects at least two classes%s", source_name(s),
            tarn_data_class_names(dataset)[0], of_table);
    if (source_has_numbers(s) && looks_like_targets(dataset))
        die("%s: column %s has %d values in %lld rows, as numbers do that are to be predicted; "
            "train tells classes apart, expects a few%s",
            source_name(s), s->label, tarn_data_classes(dataset),
            (long long)tarn_data_count(dataset), of_table);
}

static void check_split(const picture_data *d, const picture_settings *s)
{
    for (int c = 0; c < tarn_data_classes(d->training); c++)
        if (s->validation > 0 && tarn_data_count_of(d->validation, c) == 0)
            die("%s: class %s has a single sample, expects at least two: to train on, and to "
                "validate on",
                source_name(s), tarn_data_class_names(d->training)[c]);
    if (tarn_data_count(d->validation) == 0)
        die("%s: no sample is left to validate on%s", source_name(s),
            source_has_test(s) ? "" : ", expects a --validation above 0");
}

static void read_parts(picture_data *d, const picture_settings *s)
{
    static tarn_dataset *all; /* no leak where it dies */
    all = read_source(s, TARN_TRAIN);
    name_classes(all);
    check_classes(all, s);
    if (source_has_test(s)) {
        d->training = all;
        d->validation = read_source(s, TARN_TEST);
    } else {
        check(tarn_data_split(all, s->validation, (uint64_t)s->seed, &d->training, &d->validation));
        tarn_dataset_free(all);
    }
}

picture_data read_pictures(picture_settings *s)
{
    static picture_data d;
    read_parts(&d, s);
    check_split(&d, s);
    text_print(stdout, source_name(s));
    printf(": training on ");
    check(tarn_data_print(d.training, stdout));
    printf("validating on %lld more\n", (long long)tarn_data_count(d.validation));
    normalize(&d);
    take_fingerprint(&d, s);
    const tarn_shape shape = tarn_data_sample_shape(d.training);
    if (!s->augment)
        return d;
    d.transforms = augmentation(s->augment, (double)shape.dim[0]);
    printf("augmented by ");
    tarn_transforms_print(&d.transforms, stdout);
    printf("\n");
    return d;
}

void free_pictures(picture_data *d)
{
    tarn_dataset_free(d->training);
    tarn_dataset_free(d->validation);
    free(d->mean);
}
