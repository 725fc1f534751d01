/*
 * The children one after the other. A child that can take the next ones into its own pass, such as
 * a convolution with relu and max_pool2d behind it, does so: the same result in less time.
 */
#include <stdio.h>

#include "core/base/error.h"
#include "nn/internal.h"

static _Thread_local bool separate;

void tarn__nn_set_fusing(bool fusing)
{
    separate = !fusing;
}

static tarn_tensor *forward(tarn_module *self, tarn_tensor *x)
{
    for (int i = 0; x && i < self->part_count; i++) {
        tarn_module *child = self->parts[i].child;
        if (child->fused && !separate) {
            int taken = 0;
            x = child->fused(child, &self->parts[i + 1], self->part_count - i - 1, x, &taken);
            i += taken;
        } else {
            x = tarn_nn_forward(child, x);
        }
    }
    return x;
}

static const tarn_module_type type = {"Sequential", forward, NULL, NULL};

tarn_module *tarn_nn_sequential_of(int count, tarn_module *const *modules)
{
    if (count < 0)
        return tarn_fail("nn_sequential: count is %d, expects 0 or more", count);
    if (count > 0 && !modules)
        return tarn_fail("nn_sequential: the list of %d modules is NULL", count);
    tarn_module *self = tarn_nn_new(&type, sizeof *self);
    /* Goes on after a failure, so that every module ends up owned or freed. */
    bool complete = self != NULL;
    for (int i = 0; i < count; i++) {
        char name[16];
        snprintf(name, sizeof name, "%d", i);
        complete &= tarn_nn_add_child(self, name, modules[i]);
    }
    if (complete)
        return self;
    tarn_nn_free(self);
    return NULL;
}
