/* Pictures in files as the samples of a dataset. */
#include "data/picture_store.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/error.h"
#include "data/picture_load.h"

static bool read_sample(const tarn__store *store, int64_t i, tarn_real *to)
{
    const tarn__picture_store *self = (const tarn__picture_store *)store;
    const int64_t first = i * self->size;
    if (self->numbers)
        memcpy(to, self->numbers + first, (size_t)self->size * sizeof *to);
    else if (self->bytes)
        for (int64_t k = 0; k < self->size; k++)
            to[k] = (tarn_real)self->bytes[first + k] / 255;
    else
        return tarn__picture_numbers(self->files.paths[i], &self->form, to) ||
               tarn__file_list_blame(&self->files, i);
    return true;
}

static void free_pictures(tarn__store *store)
{
    tarn__picture_store *self = (tarn__picture_store *)store;
    tarn__file_list_clear(&self->files);
    free(self->bytes);
    free(self->numbers);
    free(self);
}

/* ---- The dataset */

/* Whether each class has a sample. */
static bool check_classes(const tarn_pictures_args *args, const int32_t *labels, int64_t count,
                          int classes, const char *const *names)
{
    int64_t *counts = calloc((size_t)classes + 1, sizeof *counts);
    if (!counts)
        return tarn_set_error("%s: out of memory for %d classes", args->path, classes);
    for (int64_t i = 0; i < count; i++)
        counts[labels[i]]++;
    bool good = true;
    for (int c = 0; good && c < classes; c++)
        if (counts[c] == 0)
            good = tarn_set_error("%s: class %s has no picture%s", args->path, names[c],
                                  args->skip_bad ? " that can be read" : "");
    free(counts);
    return good;
}

/* Takes the store. */
static tarn_dataset *dataset_of(tarn__picture_store *self, const tarn_pictures_args *args,
                                int classes, const char *const *names)
{
    int64_t skipped = 0;
    int32_t *labels = self->files.labels;
    if (!tarn__pictures_load(self, args, &skipped) ||
        !check_classes(args, labels, self->store.count, classes, names)) {
        free_pictures(&self->store);
        return NULL;
    }
    self->files.labels = NULL;
    self->store.bytes = self->bytes;
    tarn_dataset *dataset = tarn__dataset_new(
        &self->store, tarn_shape(args->height, args->width, args->channels), labels, classes);
    if (dataset && tarn_data_set_class_names(dataset, names)) {
        dataset->skipped = skipped;
        return dataset;
    }
    tarn_dataset_free(dataset);
    return NULL;
}

tarn_dataset *tarn__dataset_of_pictures(tarn__file_list *list, const tarn_pictures_args *args,
                                        int classes, const char *const *names)
{
    tarn__picture_store *self = calloc(1, sizeof *self);
    if (!self) {
        tarn_set_error("%s: out of memory for %lld pictures", args->path, (long long)list->count);
        tarn__file_list_clear(list);
        return NULL;
    }
    *self = (tarn__picture_store){
        .store = {.count = list->count,
                  .read = read_sample,
                  .free = free_pictures,
                  .rounds_first = true},
        .form = tarn__form_of(args),
        .size = (int64_t)args->height * args->width * args->channels,
        .files = *list,
    };
    *list = (tarn__file_list){0};
    return dataset_of(self, args, classes, names);
}

int64_t tarn_data_skipped(const tarn_dataset *dataset)
{
    return dataset ? dataset->skipped : 0;
}

const char *tarn_data_path(const tarn_dataset *dataset, int64_t i)
{
    if (!dataset)
        return NULL;
    if (i < 0 || i >= dataset->count)
        return tarn_fail("data_path: sample %lld of %lld", (long long)i, (long long)dataset->count);
    const tarn__store *store = tarn__dataset_store(dataset, &i);
    return store->read == read_sample ? ((const tarn__picture_store *)store)->files.paths[i] : NULL;
}
