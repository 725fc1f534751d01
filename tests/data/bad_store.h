/* A dataset whose samples come from a store of the test's own, of which some cannot be read. */
#ifndef TARN_TESTS_DATA_BAD_STORE_H
#define TARN_TESTS_DATA_BAD_STORE_H

#include <stdlib.h>

#include "core/base/error.h"
#include "core/base/random_internal.h"
#include "data/dataset.h"

enum { SIDE = 12, CHANNELS = 2, PIXELS = SIDE * SIDE * CHANNELS };

typedef struct bad_store {
    tarn__store store;
    bool (*is_bad)(int64_t sample); /* NULL: none */
    tarn_real scale;                /* of numbers in [0, 1) */
} bad_store;

/* Sample i holds noise of its own. */
static inline bool read_or_fail(const tarn__store *store, int64_t i, tarn_real *to)
{
    const bad_store *self = (const bad_store *)store;
    if (self->is_bad && self->is_bad(i))
        return tarn_set_error("picture-%lld.png: cannot be read as PNG", (long long)i);
    for (int k = 0; k < PIXELS; k++)
        to[k] = self->scale * tarn__random_uniform(tarn__random_at((uint64_t)i, k));
    return true;
}

static inline void free_store(tarn__store *store)
{
    free(store);
}

/* Labels are i * i modulo classes. */
static inline tarn_dataset *dataset_with_bad(int count, int classes, bool (*is_bad)(int64_t))
{
    bad_store *store = calloc(1, sizeof *store);
    int32_t *labels = malloc(((size_t)count + 1) * sizeof *labels);
    store->store.count = count;
    store->store.read = read_or_fail;
    store->store.free = free_store;
    store->is_bad = is_bad;
    store->scale = 1;
    for (int i = 0; i < count; i++)
        labels[i] = i * i % classes;
    return tarn__dataset_new(&store->store, tarn_shape(SIDE, SIDE, CHANNELS), labels, classes);
}

#endif
