/*
 * Embedding: a vector for each id, learned.
 *
 *     y[n, ..] = weight[x[n]]        x ids of any shape, weight (count, size), y x's shape and size
 *
 * Modules take tensors, so ids come as numbers. They are checked, and kept as integers for
 * tarn_gather_rows() in an array of the layer's, which grows to the longest input.
 */
#include <math.h>
#include <stdlib.h>

#include "core/base/error.h"
#include "core/ops.h"
#include "core/ops/extras.h"
#include "nn/extras.h"
#include "nn/layer.h"

#ifdef TARN_DOUBLE
enum { MOST_IDS = INT32_MAX };
#else
enum { MOST_IDS = 1 << 24 }; /* float holds whole numbers up to here */
#endif

typedef struct embedding {
    tarn_module module;
    struct numbers {
        int count, size;
    } numbers;
    tarn_tensor *weight;
    int32_t *ids;
    int64_t capacity;
} embedding;

static bool make_room(embedding *self, int64_t count)
{
    if (count <= self->capacity)
        return true;
    int32_t *ids = realloc(self->ids, (size_t)count * sizeof *ids);
    if (!ids)
        return tarn_set_error("nn_embedding: out of memory for %lld ids", (long long)count);
    self->ids = ids;
    self->capacity = count;
    return true;
}

static bool read_ids(embedding *self, const tarn_tensor *x)
{
    const tarn_real *values = tarn_values(x);
    if (!values || !make_room(self, tarn_size(x)))
        return false;
    for (int64_t i = 0; i < tarn_size(x); i++) {
        const double id = (double)values[i];
        /* Written so that NaN fails. */
        if (!(id >= 0 && id < self->numbers.count) || id != floor(id))
            return tarn_fail("nn_embedding: input %s holds %.9g at position %lld, expects whole "
                             "numbers from 0 to %d",
                             tarn_shape_to_text(tarn_shape_get(x)).text, id, (long long)i,
                             self->numbers.count - 1);
        self->ids[i] = (int32_t)id;
    }
    return true;
}

static tarn_tensor *forward(tarn_module *module, tarn_tensor *x)
{
    embedding *self = (embedding *)module;
    tarn_shape shape = tarn_shape_get(x);
    if (shape.ndim == TARN_MAX_NDIM)
        return tarn_fail("nn_embedding: input %s has %d dimensions, expects at most %d",
                         tarn_shape_to_text(shape).text, shape.ndim, TARN_MAX_NDIM - 1);
    if (!read_ids(self, x))
        return NULL;
    shape.dim[shape.ndim++] = self->numbers.size;
    return tarn_reshape(tarn_gather_rows(self->weight, tarn_labels(tarn_size(x), self->ids)),
                        shape);
}

static void free_ids(tarn_module *module)
{
    free(((embedding *)module)->ids);
}

typedef struct numbers tarn_option_args;
static const tarn_option numbers[] = {TARN__MANDATORY(int, count) TARN__MANDATORY(int, size)};
TARN__MAKE(tarn_nn_embedding(args->count, args->size))

const tarn_module_type tarn__nn_embedding = {.name = "Embedding",
                                             TARN_MODULE_NUMBERS(numbers, 2, embedding, numbers),
                                             .make = make,
                                             .forward = forward,
                                             .free = free_ids};

tarn_module *tarn_nn_embedding(int count, int size)
{
    if (!tarn__nn_at_least("nn_embedding", "count", count, 1) ||
        !tarn__nn_at_least("nn_embedding", "size", size, 1))
        return NULL;
    if (count > MOST_IDS)
        return tarn_fail("nn_embedding: count is %d, expects at most %d, as tensors of float hold "
                         "no larger ids exactly; build with TARN_DOUBLE for more",
                         count, (int)MOST_IDS);
    embedding *self = tarn_nn_new(&tarn__nn_embedding, sizeof *self);
    if (!self)
        return NULL;
    self->numbers.count = count;
    self->numbers.size = size;
    self->weight = tarn_randn(tarn_shape(count, size));
    if (tarn_nn_add_parameter(&self->module, "weight", self->weight))
        return &self->module;
    tarn_nn_free(&self->module);
    return NULL;
}
