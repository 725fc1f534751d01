/*
 * Several modules beside each other, of the same input.
 *
 *     Concat   y = [f0(x), f1(x), ...]         one behind the other along the last dimension
 *     Sum      y = f0(x) + f1(x) + ...
 *
 * Inception (Szegedy et al. 2014) and DenseNet (Huang et al. 2016) put channels together so, and a
 * U-Net (Ronneberger et al. 2015) is one such module inside the other.
 */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/base/error.h"
#include "core/ops.h"
#include "nn/layer.h"

/* Whether what module i gives goes with what module 0 gives: all but the last dimension, where the
   results are put together, the same. */
static bool fits(const tarn_module *self, int i, tarn_shape first, tarn_shape next)
{
    const bool sum = self->type == &tarn__nn_sum;
    if (!sum && first.ndim < 2)
        return tarn_fail("nn_concat: module 0 gives %s, expects (N,...,C)",
                         tarn_shape_to_text(first).text);
    bool same = next.ndim == first.ndim;
    for (int k = 0; same && k < first.ndim - !sum; k++)
        same = next.dim[k] == first.dim[k];
    return same || tarn_fail("%s: module %d gives %s, module 0 %s, expects the same shape%s",
                             sum ? "nn_sum" : "nn_concat", i, tarn_shape_to_text(next).text,
                             tarn_shape_to_text(first).text, sum ? "" : " but for the channels");
}

static tarn_tensor *forward_concat(tarn_module *self, tarn_tensor *x)
{
    const int count = self->part_count;
    if (count == 1)
        return tarn_nn_forward(self->parts[0].child, x);
    tarn_tensor **results = malloc((size_t)count * sizeof *results);
    if (!results) {
        tarn_set_error("nn_concat: out of memory for the results of %d modules", count);
        return NULL;
    }
    bool complete = true;
    for (int i = 0; complete && i < count; i++) {
        results[i] = tarn_nn_forward(self->parts[i].child, x);
        complete =
            results[i] && fits(self, i, tarn_shape_get(results[0]), tarn_shape_get(results[i]));
    }
    tarn_tensor *y = complete ? tarn_concat_of(-1, count, results) : NULL;
    free(results);
    return y;
}

static tarn_tensor *forward_sum(tarn_module *self, tarn_tensor *x)
{
    tarn_tensor *y = tarn_nn_forward(self->parts[0].child, x);
    for (int i = 1; y && i < self->part_count; i++) {
        tarn_tensor *next = tarn_nn_forward(self->parts[i].child, x);
        y = next && fits(self, i, tarn_shape_get(y), tarn_shape_get(next)) ? tarn_add(y, next)
                                                                           : NULL;
    }
    return y;
}

static tarn_module *make_concat(const void *numbers, int count, tarn_module *const *children)
{
    (void)numbers;
    return tarn_nn_concat_of(count, children);
}

static tarn_module *make_sum(const void *numbers, int count, tarn_module *const *children)
{
    (void)numbers;
    return tarn_nn_sum_of(count, children);
}

const tarn_module_type tarn__nn_concat = {.name = "Concat",
                                          .forward = forward_concat,
                                          .make = make_concat,
                                          .least_children = 1,
                                          .most_children = INT_MAX};
const tarn_module_type tarn__nn_sum = {.name = "Sum",
                                       .forward = forward_sum,
                                       .make = make_sum,
                                       .least_children = 1,
                                       .most_children = INT_MAX};

static tarn_module *branches(const char *function, const tarn_module_type *type, int count,
                             tarn_module *const *modules)
{
    if (count < 1)
        return tarn_fail("%s: count is %d, expects 1 or more", function, count);
    if (!modules)
        return tarn_fail("%s: the list of %d modules is NULL", function, count);
    tarn_module *self = tarn_nn_new(type, sizeof *self);
    /* Goes on after a failure, so that every module ends up owned or freed. */
    bool complete = self != NULL;
    for (int i = 0; i < count; i++) {
        char name[16];
        snprintf(name, sizeof name, "%d", i);
        const bool identity = modules[i] == TARN_NN_IDENTITY;
        complete &=
            tarn_nn_add_child(self, name, identity ? tarn_nn_sequential_of(0, NULL) : modules[i]);
    }
    if (complete)
        return self;
    tarn_nn_free(self);
    return NULL;
}

tarn_module *tarn_nn_concat_of(int count, tarn_module *const *modules)
{
    return branches("nn_concat", &tarn__nn_concat, count, modules);
}

tarn_module *tarn_nn_sum_of(int count, tarn_module *const *modules)
{
    return branches("nn_sum", &tarn__nn_sum, count, modules);
}
