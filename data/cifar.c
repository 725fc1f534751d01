/*
 * CIFAR-10 and CIFAR-100 (Krizhevsky 2009) in their binary version. A file is a row of records:
 *
 *     the class, or in CIFAR-100 the superclass and the class, a byte each
 *     32 x 32 bytes of red, as many of green, as many of blue, row by row
 *
 * and the names of the classes stand in a text file, one a line.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/error_internal.h"
#include "data/dataset.h"
#include "data/input.h"
#include "data/store.h"

enum { SIDE = 32, PLANE = SIDE * SIDE, PIXELS = 3 * PLANE };

/* How the records of a set are read. */
typedef struct cifar {
    const char *dir;
    const char *const *files; /* their names, up to a NULL */
    const char *names;        /* the file of the names of the classes */
    int label_bytes, label;   /* how many labels a record has, and which of them is the class */
    int classes;
} cifar;

/* What was read of it. */
typedef struct samples {
    int64_t count;
    uint8_t *pixels; /* (count, SIDE, SIDE, 3) */
    int32_t *labels;
} samples;

static bool take_record(const cifar *set, const char *path, const uint8_t *record, int64_t place,
                        samples *s)
{
    const int label = record[set->label];
    if (label >= set->classes)
        return tarn_set_error("%s: the class of record %lld is %d, expects 0 to %d", path,
                              (long long)place, label, set->classes - 1);
    const uint8_t *planes = record + set->label_bytes;
    uint8_t *to = s->pixels + s->count * PIXELS;
    for (int i = 0; i < PLANE; i++)
        for (int c = 0; c < 3; c++)
            *to++ = planes[c * PLANE + i];
    s->labels[s->count++] = label;
    return true;
}

/* Makes room for so many samples more. */
static bool make_room(samples *s, int64_t more, const char *path)
{
    const size_t count = (size_t)(s->count + more);
    uint8_t *pixels = realloc(s->pixels, count * PIXELS);
    s->pixels = pixels ? pixels : s->pixels;
    int32_t *labels = realloc(s->labels, count * sizeof *labels);
    s->labels = labels ? labels : s->labels;
    return (pixels && labels) ||
           tarn_set_error("%s: out of memory for %lld pictures", path, (long long)more);
}

/* Adds the records of a file. */
static bool read_records(const cifar *set, const char *path, samples *s)
{
    const int64_t size = set->label_bytes + PIXELS;
    tarn__input input;
    if (!tarn__input_open(&input, path))
        return false;
    const int64_t count = input.size / size;
    uint8_t *bytes = NULL;
    bool good = input.size % size == 0 ||
                tarn_set_error("%s: has %lld bytes, expects a multiple of %lld, the size of a "
                               "record",
                               path, (long long)input.size, (long long)size);
    if (good)
        bytes = tarn__input_load(&input, 0);
    tarn__input_close(&input);
    good = bytes && make_room(s, count, path);
    for (int64_t i = 0; good && i < count; i++)
        good = take_record(set, path, bytes + i * size, i, s);
    free(bytes);
    return good;
}

/* Cuts text of some lines into their first count; false if there are not as many. */
static bool cut_lines(char *text, const char **lines, int count)
{
    char *at = text;
    for (int i = 0; i < count; i++) {
        lines[i] = at;
        const size_t length = strcspn(at, "\r\n");
        if (length == 0)
            return false;
        at += length;
        if (*at == '\r')
            *at++ = '\0';
        if (*at == '\n')
            *at++ = '\0';
    }
    return true;
}

/* Gives the classes the names that a file has for them, if there is one. */
static bool read_names(tarn_dataset *dataset, const char *path)
{
    enum { MOST = 100 };
    tarn__input input;
    if (access(path, F_OK) != 0)
        return true;
    if (!tarn__input_open(&input, path))
        return false;
    char *text = (char *)tarn__input_load(&input, 0); /* with room for one byte more */
    tarn__input_close(&input);
    if (!text)
        return false;
    text[input.size] = '\0';
    const char *names[MOST];
    const bool good = cut_lines(text, names, dataset->classes)
                          ? tarn_data_set_class_names(dataset, names) ||
                                tarn_set_error("%s: %s", path, tarn__error_unread())
                          : tarn_set_error("%s: holds less than %d names, expects one a line", path,
                                           dataset->classes);
    free(text);
    return good;
}

static tarn_dataset *with_names(tarn_dataset *dataset, const cifar *set)
{
    char *path = dataset ? tarn__path(set->dir, set->names, "") : NULL;
    const bool good = path && read_names(dataset, path);
    free(path);
    if (good)
        return dataset;
    tarn_dataset_free(dataset);
    return NULL;
}

static tarn_dataset *read_set(const cifar *set)
{
    samples s = {0};
    bool good = true;
    for (int f = 0; good && set->files[f]; f++) {
        char *path = tarn__path(set->dir, set->files[f], "");
        good = path && read_records(set, path, &s);
        free(path);
    }
    if (!good) {
        free(s.pixels);
        free(s.labels);
        return NULL;
    }
    return with_names(tarn__dataset_of_bytes(tarn_shape(s.count, SIDE, SIDE, 3), s.pixels, s.labels,
                                             set->classes),
                      set);
}

static bool check_split(const char *function, tarn_split split)
{
    return split == TARN_TRAIN || split == TARN_TEST ||
           tarn_fail("%s: split is %d, expects TARN_TRAIN or TARN_TEST", function, (int)split);
}

tarn_dataset *tarn_data_cifar10(const char *dir, tarn_split split)
{
    static const char *const train[] = {"data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin",
                                        "data_batch_4.bin", "data_batch_5.bin", NULL},
                             *const test[] = {"test_batch.bin", NULL};
    const cifar set = {dir, split == TARN_TRAIN ? train : test, "batches.meta.txt", 1, 0, 10};
    return check_split("data_cifar10", split) ? read_set(&set) : NULL;
}

tarn_dataset *tarn_data_cifar100_with(tarn_data_cifar100_args args)
{
    static const char *const train[] = {"train.bin", NULL}, *const test[] = {"test.bin", NULL};
    const cifar set = {args.dir,
                       args.split == TARN_TRAIN ? train : test,
                       args.coarse ? "coarse_label_names.txt" : "fine_label_names.txt",
                       2,
                       args.coarse ? 0 : 1,
                       args.coarse ? 20 : 100};
    return check_split("data_cifar100", args.split) ? read_set(&set) : NULL;
}
