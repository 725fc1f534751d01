#include "data/dataset.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/error.h"

/* Takes both arrays; elements is bytes or numbers. */
static tarn_dataset *new_dataset(tarn_shape shape, void *elements, bool are_bytes, int32_t *labels,
                                 int classes)
{
    tarn_dataset *dataset = elements && labels ? malloc(sizeof *dataset) : NULL;
    if (!dataset) {
        tarn_set_error("out of memory for a dataset of shape %s", tarn_shape_to_text(shape).text);
        free(elements);
        free(labels);
        return NULL;
    }
    *dataset = (tarn_dataset){
        .shape = shape, .classes = classes, .labels = labels, .mean = 0, .deviation = 1};
    if (are_bytes)
        dataset->bytes = elements;
    else
        dataset->numbers = elements;
    return dataset;
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

void tarn_data_normalize(tarn_dataset *dataset, double mean, double deviation)
{
    if (!isfinite(mean) || !isfinite(deviation) || deviation <= 0) {
        tarn_fail("data_normalize: mean %g, deviation %g; expects finite numbers, the deviation "
                  "above 0",
                  mean, deviation);
        return;
    }
    if (dataset) {
        dataset->mean = mean;
        dataset->deviation = deviation;
    }
}

int64_t tarn_data_count(const tarn_dataset *dataset)
{
    return dataset ? dataset->shape.dim[0] : 0;
}

int tarn_data_classes(const tarn_dataset *dataset)
{
    return dataset ? dataset->classes : 0;
}

tarn_shape tarn_data_sample_shape(const tarn_dataset *dataset)
{
    tarn_shape shape = {.ndim = -1};
    if (!dataset)
        return shape;
    shape.ndim = dataset->shape.ndim - 1;
    for (int i = 0; i < shape.ndim; i++)
        shape.dim[i] = dataset->shape.dim[i + 1];
    return shape;
}

void tarn_dataset_free(tarn_dataset *dataset)
{
    if (!dataset)
        return;
    free(dataset->bytes);
    free(dataset->numbers);
    free(dataset->labels);
    free(dataset);
}
