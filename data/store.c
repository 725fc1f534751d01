/* Samples in memory. */
#include <stdlib.h>
#include <string.h>

#include "core/base/error.h"
#include "data/dataset.h"
#include "data/store.h"

typedef struct memory_store {
    tarn__store store;
    int64_t size; /* of a sample */
    void *elements;
} memory_store;

static void free_memory(tarn__store *store)
{
    free(((memory_store *)store)->elements);
    free(store);
}

static bool read_bytes(const tarn__store *store, int64_t i, tarn_real *to)
{
    const int64_t size = ((const memory_store *)store)->size;
    const uint8_t *bytes = store->bytes + i * size;
    for (int64_t k = 0; k < size; k++)
        to[k] = (tarn_real)bytes[k] / 255; /* the same bits as divided in double */
    return true;
}

static bool read_numbers(const tarn__store *store, int64_t i, tarn_real *to)
{
    const memory_store *self = (const memory_store *)store;
    if (self->size > 0)
        memcpy(to, (const tarn_real *)self->elements + i * self->size,
               (size_t)self->size * sizeof *to);
    return true;
}

/* Takes the elements, also when it fails, and the labels. */
static tarn_dataset *new_dataset(tarn_shape shape, void *elements, bool are_bytes, int32_t *labels,
                                 int classes)
{
    tarn_shape sample = {.ndim = shape.ndim - 1};
    for (int i = 0; i < sample.ndim; i++)
        sample.dim[i] = shape.dim[i + 1];
    memory_store *self = elements ? calloc(1, sizeof *self) : NULL;
    if (!self) {
        free(elements);
        return tarn__dataset_new(NULL, sample, labels, classes);
    }
    self->size = tarn_shape_size(sample);
    self->elements = elements;
    self->store.count = shape.dim[0];
    self->store.bytes = are_bytes ? elements : NULL;
    self->store.read = are_bytes ? read_bytes : read_numbers;
    self->store.free = free_memory;
    return tarn__dataset_new(&self->store, sample, labels, classes);
}

tarn_dataset *tarn__dataset_of_bytes(tarn_shape shape, uint8_t *bytes, int32_t *labels, int classes)
{
    return new_dataset(shape, bytes, true, labels, classes);
}

tarn_dataset *tarn__dataset_of_numbers(tarn_shape shape, tarn_real *numbers, int32_t *labels,
                                       int classes)
{
    return new_dataset(shape, numbers, false, labels, classes);
}

/* ---- Copies of arrays */

/* Never asks for 0 bytes, for which malloc may give NULL. */
static void *copy(const void *from, int64_t count, size_t element_size)
{
    size_t size = (size_t)count * element_size;
    void *to = malloc(size + 1);
    if (to && size > 0)
        memcpy(to, from, size);
    return to;
}

static bool check_arguments(const char *function, tarn_shape shape, const void *elements,
                            const int32_t *labels, int classes)
{
    int64_t size = tarn_shape_size(shape);
    if (size < 0 || shape.ndim == 0)
        return tarn_fail("%s: shape %s, expects (count, ...)", function,
                         tarn_shape_to_text(shape).text);
    if (!elements && size > 0)
        return tarn_fail("%s: the elements are NULL, expects %s of them", function,
                         tarn_shape_to_text(shape).text);
    if (classes < 1)
        return tarn_fail("%s: %d classes, expects at least 1", function, classes);
    for (int64_t i = 0; labels && i < shape.dim[0]; i++)
        if (labels[i] < 0 || labels[i] >= classes)
            return tarn_fail("%s: label %lld is %d, expects 0 to %d", function, (long long)i,
                             labels[i], classes - 1);
    return true;
}

static tarn_dataset *copied(tarn_shape shape, const void *elements, size_t element_size,
                            const int32_t *labels, int classes)
{
    int32_t *own_labels = labels ? copy(labels, shape.dim[0], sizeof *labels)
                                 : calloc((size_t)shape.dim[0] + 1, sizeof *labels);
    return new_dataset(shape, copy(elements, tarn_shape_size(shape), element_size),
                       element_size == 1, own_labels, classes);
}

tarn_dataset *tarn_data_from_bytes(tarn_shape shape, const uint8_t *bytes, const int32_t *labels,
                                   int classes)
{
    return check_arguments("data_from_bytes", shape, bytes, labels, classes)
               ? copied(shape, bytes, sizeof *bytes, labels, classes)
               : NULL;
}

tarn_dataset *tarn_data_from_numbers(tarn_shape shape, const tarn_real *numbers,
                                     const int32_t *labels, int classes)
{
    return check_arguments("data_from_numbers", shape, numbers, labels, classes)
               ? copied(shape, numbers, sizeof *numbers, labels, classes)
               : NULL;
}
