#include "data/dataset.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/error.h"
#include "core/base/text.h"
#include "data/normalize.h"

/* ---- Making and freeing */

static void release(tarn__store *store)
{
    if (store && __atomic_sub_fetch(&store->users, 1, __ATOMIC_ACQ_REL) == 0)
        store->free(store);
}

void tarn__dataset_share(tarn_dataset *dataset, tarn__store *store)
{
    __atomic_add_fetch(&store->users, 1, __ATOMIC_RELAXED);
    dataset->stores[dataset->store_count++] = store;
}

tarn_dataset *tarn__dataset_new(tarn__store *store, tarn_shape shape, int32_t *labels, int classes)
{
    tarn_dataset *dataset = store && labels ? calloc(1, sizeof *dataset) : NULL;
    if (dataset)
        dataset->stores = malloc(sizeof *dataset->stores);
    if (!dataset || !dataset->stores) {
        tarn_set_error("out of memory for a dataset of samples of shape %s",
                       tarn_shape_to_text(shape).text);
        if (store)
            store->free(store);
        free(labels);
        free(dataset);
        return NULL;
    }
    dataset->count = store->count;
    dataset->shape = shape;
    dataset->labels = labels;
    dataset->classes = classes;
    tarn__dataset_share(dataset, store);
    tarn__dataset_fill_tables(dataset);
    return dataset;
}

void tarn_dataset_free(tarn_dataset *dataset)
{
    if (!dataset)
        return;
    for (int i = 0; i < dataset->store_count; i++)
        release(dataset->stores[i]);
    free(dataset->stores);
    free(dataset->rows);
    free(dataset->labels);
    free(dataset->class_names);
    free(dataset->targets);
    free(dataset->mean);
    free(dataset);
}

/* ---- Looking at it */

int64_t tarn_data_count(const tarn_dataset *dataset)
{
    return dataset ? dataset->count : 0;
}

int tarn_data_classes(const tarn_dataset *dataset)
{
    return dataset ? dataset->classes : 0;
}

tarn_shape tarn_data_sample_shape(const tarn_dataset *dataset)
{
    return dataset ? dataset->shape : (tarn_shape){.ndim = -1};
}

int tarn_data_label(const tarn_dataset *dataset, int64_t i)
{
    if (!dataset)
        return -1;
    if (i < 0 || i >= dataset->count) {
        tarn_fail("data_label: sample %lld of %lld", (long long)i, (long long)dataset->count);
        return -1;
    }
    return dataset->labels[i];
}

/* ---- Class names */

/* The names as one block: pointers, then the text. */
static char **copy_names(const char *const *names, int count)
{
    size_t size = (size_t)count * sizeof(char *);
    for (int i = 0; i < count; i++)
        size += strlen(names[i]) + 1;
    char **copies = malloc(size + 1);
    char *text = copies ? (char *)(copies + count) : NULL;
    for (int i = 0; copies && i < count; i++) {
        copies[i] = text;
        text = stpcpy(text, names[i]) + 1;
    }
    return copies;
}

bool tarn_data_set_class_names(tarn_dataset *dataset, const char *const *names)
{
    if (!dataset)
        return false;
    for (int i = 0; i < dataset->classes; i++)
        if (!names || !names[i])
            return tarn_fail("data_set_class_names: name %d is NULL, expects %d names", i,
                             dataset->classes);
    for (int i = 0; i < dataset->classes; i++)
        if (!tarn_is_utf8(names[i]))
            return tarn_set_error("the name of class %d, \"%s\", is not UTF-8", i, names[i]);
    char **copies = copy_names(names, dataset->classes);
    if (!copies)
        return tarn_set_error("out of memory for the names of %d classes", dataset->classes);
    free(dataset->class_names);
    dataset->class_names = copies;
    return true;
}

const char *const *tarn_data_class_names(const tarn_dataset *dataset)
{
    return dataset ? (const char *const *)dataset->class_names : NULL;
}

/* ---- Targets */

bool tarn_data_set_targets(tarn_dataset *dataset, tarn_shape shape, const tarn_real *targets)
{
    if (!dataset)
        return false;
    const int64_t size = tarn_shape_size(shape);
    if (size < 0 || shape.ndim >= TARN_MAX_NDIM)
        return tarn_fail("data_set_targets: targets of shape %s", tarn_shape_to_text(shape).text);
    int64_t bytes;
    if (__builtin_mul_overflow(size * (int64_t)sizeof *targets, dataset->count, &bytes))
        return tarn_fail("data_set_targets: %lld targets of shape %s are too many",
                         (long long)dataset->count, tarn_shape_to_text(shape).text);
    if (!targets && bytes > 0)
        return tarn_fail("data_set_targets: the targets are NULL, expects %lld of shape %s",
                         (long long)dataset->count, tarn_shape_to_text(shape).text);
    tarn_real *copies = malloc((size_t)bytes + 1);
    if (!copies)
        return tarn_set_error("out of memory for %lld targets of shape %s",
                              (long long)dataset->count, tarn_shape_to_text(shape).text);
    if (bytes > 0)
        memcpy(copies, targets, (size_t)bytes);
    free(dataset->targets);
    dataset->targets = copies;
    dataset->target_shape = shape;
    return true;
}

tarn_shape tarn_data_target_shape(const tarn_dataset *dataset)
{
    return dataset && dataset->targets ? dataset->target_shape : (tarn_shape){.ndim = -1};
}
