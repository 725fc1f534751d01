#include "data/picture_store.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/error_internal.h"
#include "core/base/parallel.h"
#include "data/dataset.h"
#include "data/picture.h"

typedef struct picture_store {
    tarn__store store;
    tarn__form form;
    int64_t size;   /* of a sample */
    char **paths;   /* of count files */
    uint8_t *bytes; /* the samples, as bytes ... */
    tarn_real
        *numbers; /* ... or as numbers if one has 16 bits; both NULL: they stay in the files */
} picture_store;

/* ---- Reading */

/* Writes a picture in the form, as bytes or as 16 bits: to has room for either. */
static bool read_elements(const char *path, const tarn__form *form, void *to, bool *is_deep)
{
    tarn__image picture;
    if (!tarn__picture_read(&picture, path, true))
        return false;
    *is_deep = picture.is_deep;
    const bool good = tarn__picture_fit(&picture, form, path, to);
    free(picture.pixels);
    return good;
}

static bool read_numbers(const char *path, const tarn__form *form, tarn_real *to)
{
    const int64_t size = (int64_t)form->height * form->width * form->channels;
    uint16_t *elements = malloc((size_t)size * sizeof *elements);
    bool is_deep;
    if (!elements)
        return tarn_set_error("%s: out of memory", path);
    const bool good = read_elements(path, form, elements, &is_deep);
    for (int64_t k = 0; good && k < size; k++)
        to[k] = is_deep ? (tarn_real)(elements[k] / 65535.0)
                        : (tarn_real)(((const uint8_t *)elements)[k] / 255.0);
    free(elements);
    return good;
}

static bool read_sample(const tarn__store *store, int64_t i, tarn_real *to)
{
    const picture_store *self = (const picture_store *)store;
    const int64_t first = i * self->size;
    if (self->numbers)
        memcpy(to, self->numbers + first, (size_t)self->size * sizeof *to);
    else if (self->bytes)
        for (int64_t k = 0; k < self->size; k++)
            to[k] = (tarn_real)(self->bytes[first + k] / 255.0);
    else
        return read_numbers(self->paths[i], &self->form, to);
    return true;
}

static void free_pictures(tarn__store *store)
{
    picture_store *self = (picture_store *)store;
    for (int64_t i = 0; i < store->count; i++)
        free(self->paths[i]);
    free(self->paths);
    free(self->bytes);
    free(self->numbers);
    free(self);
}

/* ---- All at once */

/* What became of a picture. */
enum { AS_BYTES, DEEP, BAD, OUT_OF_MEMORY };

/* Reads one, for its place among the bytes, or to see whether it can be read. */
static uint8_t try_picture(const picture_store *self, int64_t i)
{
    uint16_t *elements = malloc((size_t)self->size * sizeof *elements);
    bool is_deep = false;
    errno = 0;
    if (!elements)
        return OUT_OF_MEMORY;
    const bool good = read_elements(self->paths[i], &self->form, elements, &is_deep);
    const uint8_t state = !good     ? (errno == ENOMEM ? OUT_OF_MEMORY : BAD)
                          : is_deep ? DEEP
                                    : AS_BYTES;
    if (state == AS_BYTES && self->bytes)
        memcpy(self->bytes + i * self->size, elements, (size_t)self->size);
    free(elements);
    return state;
}

/* Sets tarn_error() by reading again what could not be read in another thread. */
static bool report(const char *path, uint8_t state)
{
    tarn__image picture;
    if (state == OUT_OF_MEMORY)
        return tarn_set_error("%s: out of memory for this picture", path);
    if (!tarn__picture_read(&picture, path, true))
        return false;
    free(picture.pixels);
    return tarn_set_error("%s: changed while it was read", path);
}

/* Removes what is bad. */
static int64_t skip_bad(picture_store *self, int32_t *labels, uint8_t *states)
{
    int64_t kept = 0;
    for (int64_t i = 0; i < self->store.count; i++) {
        if (states[i] == BAD) {
            free(self->paths[i]);
            continue;
        }
        self->paths[kept] = self->paths[i];
        labels[kept] = labels[i];
        states[kept] = states[i];
        if (self->bytes && kept < i)
            memcpy(self->bytes + kept * self->size, self->bytes + i * self->size,
                   (size_t)self->size);
        kept++;
    }
    const int64_t skipped = self->store.count - kept;
    self->store.count = kept;
    return skipped;
}

/* Numbers in place of bytes, if they are not too many. */
static bool widen(picture_store *self, const uint8_t *states, int64_t limit)
{
    const int64_t count = self->store.count, size = self->size;
    uint8_t *bytes = self->bytes;
    self->bytes = NULL;
    if (count * size <= limit / (int64_t)sizeof *self->numbers)
        self->numbers = malloc((size_t)(count * size) * sizeof *self->numbers);
    bool good = true;
    for (int64_t i = 0; self->numbers && good && i < count; i++) {
        tarn_real *to = self->numbers + i * size;
        if (states[i] == DEEP)
            good = read_numbers(self->paths[i], &self->form, to);
        else
            for (int64_t k = 0; k < size; k++)
                to[k] = (tarn_real)(bytes[i * size + k] / 255.0);
    }
    free(bytes);
    return good;
}

/* Reads all pictures, into memory if they fit. */
static bool read_all(picture_store *self, int32_t *labels, const tarn_pictures_args *args,
                     int64_t *skipped)
{
    const int64_t count = self->store.count, limit = args->in_memory_limit;
    const bool fits = self->size <= limit / count;
    if (!fits && !args->skip_bad)
        return true;
    uint8_t *states = malloc((size_t)count);
    self->bytes = fits ? malloc((size_t)(count * self->size)) : NULL;
    bool good = states && (self->bytes || !fits), any_deep = false;
    if (!good)
        tarn_set_error("%s: out of memory for %lld pictures", args->path, (long long)count);
    else
        TARN__PRAGMA(omp parallel for schedule(dynamic, 4))
    for (int64_t i = 0; i < count; i++)
        states[i] = try_picture(self, i);
    for (int64_t i = 0; good && i < count; i++) {
        any_deep |= states[i] == DEEP;
        if (states[i] == OUT_OF_MEMORY || (states[i] == BAD && !args->skip_bad))
            good = report(self->paths[i], states[i]);
    }
    if (good && args->skip_bad)
        *skipped = skip_bad(self, labels, states);
    if (good && *skipped > 0)
        tarn__told(false); /* what is wrong with them stopped nothing */
    if (good && self->bytes && any_deep)
        good = widen(self, states, limit);
    free(states);
    return good;
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

/* Takes the store and the labels. */
static tarn_dataset *dataset_of(picture_store *self, int32_t *labels,
                                const tarn_pictures_args *args, int classes,
                                const char *const *names)
{
    int64_t skipped = 0;
    if (!read_all(self, labels, args, &skipped) ||
        !check_classes(args, labels, self->store.count, classes, names)) {
        free_pictures(&self->store);
        free(labels);
        return NULL;
    }
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
    picture_store *self = calloc(1, sizeof *self);
    if (!self) {
        tarn_set_error("%s: out of memory for %lld pictures", args->path, (long long)list->count);
        tarn__file_list_clear(list);
        return NULL;
    }
    *self = (picture_store){
        .store = {.count = list->count,
                  .read = read_sample,
                  .free = free_pictures,
                  .rounds_first = true},
        .form = form_of(args),
        .size = (int64_t)args->height * args->width * args->channels,
        .paths = list->paths,
    };
    int32_t *labels = list->labels;
    *list = (tarn__file_list){0};
    return dataset_of(self, labels, args, classes, names);
}

tarn_tensor *tarn_data_picture_with(tarn_pictures_args args)
{
    if (!args.path)
        return tarn_fail("data_picture: the path is NULL");
    if (!tarn__pictures_check("data_picture", &args))
        return NULL;
    const tarn__form form = form_of(&args);
    tarn_tensor *picture = tarn_zeros(tarn_shape(1, args.height, args.width, args.channels));
    if (picture && read_numbers(args.path, &form, tarn_values(picture)))
        return picture;
    tarn_free(picture);
    return NULL;
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
    return store->read == read_sample ? ((const picture_store *)store)->paths[i] : NULL;
}
