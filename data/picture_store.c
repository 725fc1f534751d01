#include "data/picture_store.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/error.h"
#include "data/picture_load.h"

/* ---- A picture */

bool tarn__picture_elements(const char *path, const tarn__form *form, void *to, bool *is_deep)
{
    tarn__image picture;
    if (!tarn__picture_read(&picture, path, true))
        return false;
    *is_deep = picture.is_deep;
    const bool good = tarn__picture_fit(&picture, form, path, to);
    free(picture.pixels);
    return good;
}

/* Bytes, or what is deep, as numbers from 0 to 1. */
static void to_numbers(const void *elements, bool is_deep, int64_t count, tarn_real *to)
{
    for (int64_t k = 0; k < count; k++)
        to[k] = is_deep ? (tarn_real)(((const uint16_t *)elements)[k] / 65535.0)
                        : (tarn_real)(((const uint8_t *)elements)[k] / 255.0);
}

bool tarn__picture_numbers(const char *path, const tarn__form *form, tarn_real *to)
{
    const int64_t size = (int64_t)form->height * form->width * form->channels;
    uint16_t *elements = malloc((size_t)size * sizeof *elements);
    bool is_deep;
    if (!elements)
        return tarn_set_error("%s: out of memory", path);
    const bool good = tarn__picture_elements(path, form, elements, &is_deep);
    if (good)
        to_numbers(elements, is_deep, size, to);
    free(elements);
    return good;
}

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

bool tarn__pictures_check(const char *function, const tarn_pictures_args *args)
{
    enum { MOST = 10000 };
    if (args->height < 1 || args->width < 1 || args->height > MOST || args->width > MOST)
        return tarn_fail("%s: pictures of %d x %d pixels, expects 1 to %d", function, args->height,
                         args->width, MOST);
    if (args->channels != 1 && args->channels != 3)
        return tarn_fail("%s: %d channels, expects 1 or 3", function, args->channels);
    if (args->resize != TARN_RESIZE_CROP && args->resize != TARN_RESIZE_STRETCH &&
        args->resize != TARN_RESIZE_PAD)
        return tarn_fail("%s: resize is %d, expects TARN_RESIZE_CROP, TARN_RESIZE_STRETCH or "
                         "TARN_RESIZE_PAD",
                         function, (int)args->resize);
    return args->background <= 0xFFFFFF || tarn_fail("%s: background is 0x%X, expects 0xRRGGBB",
                                                     function, (unsigned)args->background);
}

static tarn__form form_of(const tarn_pictures_args *args)
{
    const uint32_t b = args->background;
    return (tarn__form){args->height,
                        args->width,
                        args->channels,
                        args->resize,
                        {(uint8_t)(b >> 16), (uint8_t)(b >> 8), (uint8_t)b}};
}

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
        .form = form_of(args),
        .size = (int64_t)args->height * args->width * args->channels,
        .files = *list,
    };
    *list = (tarn__file_list){0};
    return dataset_of(self, args, classes, names);
}

tarn_tensor *tarn_data_picture_with(tarn_pictures_args args)
{
    if (!args.path)
        return tarn_fail("data_picture: the path is NULL");
    if (!tarn__pictures_check("data_picture", &args))
        return NULL;
    const tarn__form form = form_of(&args);
    tarn_tensor *picture = tarn_zeros(tarn_shape(1, args.height, args.width, args.channels));
    if (picture && tarn__picture_numbers(args.path, &form, tarn_values(picture)))
        return picture;
    tarn_free(picture);
    return NULL;
}

tarn_tensor *tarn_data_pixels(const char *path)
{
    tarn__image picture;
    if (!path)
        return tarn_fail("data_pixels: the path is NULL");
    if (!tarn__picture_read(&picture, path, true))
        return NULL;
    tarn_tensor *pixels = tarn_zeros(tarn_shape(picture.height, picture.width, picture.channels));
    to_numbers(picture.pixels, picture.is_deep, tarn_size(pixels), tarn_values(pixels));
    free(picture.pixels);
    return pixels;
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
