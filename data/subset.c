/* Parts of datasets and datasets put together. They share the samples with those that they were
   made of, and have labels and targets of their own. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/error.h"
#include "core/base/random_internal.h"
#include "data/dataset.h"

/* Whether all that was asked for is there: class names, normalization, targets. */
static bool copy_form(tarn_dataset *to, const tarn_dataset *from)
{
    if (from->class_names && !tarn_data_set_class_names(to, (const char *const *)from->class_names))
        return false;
    if (from->mean && !tarn_data_normalize_channels(to, from->mean, from->deviation))
        return false;
    if (from->targets) {
        const size_t size = (size_t)tarn_shape_size(from->target_shape) * sizeof *to->targets;
        to->targets = malloc((size_t)to->count * size + 1);
        to->target_shape = from->target_shape;
    }
    return !from->targets || to->targets;
}

/* A dataset with room for as many labels, targets and rows, and with the form, class names and
   normalization of this one, but with no stores. NULL with tarn_error() set. */
static tarn_dataset *dataset_like(const tarn_dataset *dataset, int64_t count, int store_count)
{
    tarn_dataset *like = calloc(1, sizeof *like);
    if (like) {
        like->count = count;
        like->shape = dataset->shape;
        like->classes = dataset->classes;
        memcpy(like->tables, dataset->tables, sizeof like->tables);
        like->stores = malloc((size_t)store_count * sizeof *like->stores + 1);
        like->rows = malloc((size_t)count * sizeof *like->rows + 1);
        like->labels = malloc((size_t)count * sizeof *like->labels + 1);
    }
    if (like && like->stores && like->rows && like->labels && copy_form(like, dataset))
        return like;
    tarn_set_error("out of memory for a dataset of %lld samples", (long long)count);
    tarn_dataset_free(like);
    return NULL;
}

/* Makes sample i of to that which is sample j of from, whose rows begin at first_row in to. */
static void take(tarn_dataset *to, int64_t i, const tarn_dataset *from, int64_t j,
                 int64_t first_row)
{
    to->rows[i] = first_row + (from->rows ? from->rows[j] : j);
    to->labels[i] = from->labels[j];
    const int64_t size = to->targets ? tarn_shape_size(to->target_shape) : 0;
    if (size > 0)
        memcpy(to->targets + i * size, from->targets + j * size,
               (size_t)size * sizeof *to->targets);
}

tarn_dataset *tarn_data_subset(const tarn_dataset *dataset, const int64_t *indices, int64_t count)
{
    if (!dataset)
        return NULL;
    if (count < 0 || (count > 0 && !indices))
        return tarn_fail("data_subset: %lld indices%s", (long long)count,
                         indices ? "" : ", which are NULL");
    for (int64_t i = 0; i < count; i++)
        if (indices[i] < 0 || indices[i] >= dataset->count)
            return tarn_fail("data_subset: index %lld is %lld, expects 0 to %lld", (long long)i,
                             (long long)indices[i], (long long)dataset->count - 1);
    tarn_dataset *subset = dataset_like(dataset, count, dataset->store_count);
    if (!subset)
        return NULL;
    for (int s = 0; s < dataset->store_count; s++)
        tarn__dataset_share(subset, dataset->stores[s]);
    for (int64_t i = 0; i < count; i++)
        take(subset, i, dataset, indices[i], 0);
    return subset;
}

/* ---- Split */

/* A key for each sample, by which those of a class are put in an order that the seed gives. */
typedef struct keyed {
    int32_t label;
    uint64_t key;
    int64_t index;
} keyed;

static int by_label_and_key(const void *a, const void *b)
{
    const keyed *x = a, *y = b;
    if (x->label != y->label)
        return x->label < y->label ? -1 : 1;
    if (x->key != y->key)
        return x->key < y->key ? -1 : 1;
    return (x->index > y->index) - (x->index < y->index);
}

static int ascending(const void *a, const void *b)
{
    const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

/* How many of a class go to the second part: the share, rounded, but from a class of two or more at
   least one, and never all. */
static int64_t part_of(int64_t count, double fraction)
{
    const int64_t part = llround((double)count * fraction);
    if (count < 2 || fraction == 0)
        return 0;
    return part < 1 ? 1 : part > count - 1 ? count - 1 : part;
}

/* Puts the indices of the first part at the beginning and those of the second behind them, each
   part in the order of the dataset; returns how many are in the first. */
static int64_t deal(const keyed *samples, int64_t count, double fraction, int64_t *indices)
{
    int64_t first = 0, last = count;
    for (int64_t begin = 0, end; begin < count; begin = end) {
        for (end = begin; end < count && samples[end].label == samples[begin].label;)
            end++;
        const int64_t split = begin + part_of(end - begin, fraction);
        for (int64_t i = begin; i < end; i++)
            indices[i < split ? --last : first++] = samples[i].index;
    }
    qsort(indices, (size_t)first, sizeof *indices, ascending);
    qsort(indices + first, (size_t)(count - first), sizeof *indices, ascending);
    return first;
}

bool tarn_data_split(const tarn_dataset *dataset, double fraction, uint64_t seed,
                     tarn_dataset **first, tarn_dataset **second)
{
    if (!first || !second)
        return tarn_fail("data_split: where the two parts go is NULL");
    *first = *second = NULL;
    if (!dataset)
        return false;
    if (!(fraction >= 0 && fraction < 1))
        return tarn_fail("data_split: the second part is %g of all, expects a number in [0, 1)",
                         fraction);
    const int64_t count = dataset->count;
    keyed *samples = malloc((size_t)count * sizeof *samples + 1);
    int64_t *indices = malloc((size_t)count * sizeof *indices + 1);
    if (samples && indices) {
        const uint64_t state = tarn__random_from_seed(seed);
        for (int64_t i = 0; i < count; i++)
            samples[i] = (keyed){dataset->labels[i], tarn__random_at(state, i), i};
        qsort(samples, (size_t)count, sizeof *samples, by_label_and_key);
        const int64_t of_first = deal(samples, count, fraction, indices);
        *first = tarn_data_subset(dataset, indices, of_first);
        *second = *first ? tarn_data_subset(dataset, indices + of_first, count - of_first) : NULL;
    } else {
        tarn_set_error("out of memory for a split of %lld samples", (long long)count);
    }
    free(samples);
    free(indices);
    if (*second)
        return true;
    tarn_dataset_free(*first);
    *first = NULL;
    return false;
}

/* ---- Concatenation */

/* Whether two datasets can stand in one. */
static bool check_alike(const tarn_dataset *a, const tarn_dataset *b)
{
    if (!tarn_shape_equal(a->shape, b->shape) || a->classes != b->classes)
        return tarn_fail("data_concat: samples %s of %d classes and %s of %d, expects the same",
                         tarn_shape_to_text(a->shape).text, a->classes,
                         tarn_shape_to_text(b->shape).text, b->classes);
    const tarn_shape x = tarn_data_target_shape(a), y = tarn_data_target_shape(b);
    if (x.ndim != y.ndim || (x.ndim >= 0 && !tarn_shape_equal(x, y)))
        return tarn_fail("data_concat: targets %s and %s, expects the same",
                         tarn_shape_to_text(x).text, tarn_shape_to_text(y).text);
    return true;
}

/* The samples in all stores. */
static int64_t rows_of(const tarn_dataset *dataset)
{
    int64_t rows = 0;
    for (int s = 0; s < dataset->store_count; s++)
        rows += dataset->stores[s]->count;
    return rows;
}

tarn_dataset *tarn_data_concat_of(int count, tarn_dataset *const *datasets)
{
    if (count < 1 || !datasets)
        return tarn_fail("data_concat: %d datasets, expects at least 1", count);
    int64_t samples = 0;
    int stores = 0;
    for (int d = 0; d < count; d++) {
        if (!datasets[d])
            return NULL;
        if (!check_alike(datasets[0], datasets[d]))
            return NULL;
        samples += datasets[d]->count;
        stores += datasets[d]->store_count;
    }
    tarn_dataset *all = dataset_like(datasets[0], samples, stores);
    int64_t i = 0, first_row = 0;
    for (int d = 0; all && d < count; d++) {
        const tarn_dataset *from = datasets[d];
        for (int s = 0; s < from->store_count; s++)
            tarn__dataset_share(all, from->stores[s]);
        for (int64_t j = 0; j < from->count; j++)
            take(all, i++, from, j, first_row);
        first_row += rows_of(from);
    }
    return all;
}
