/* The children one after the other. */
#include <stdio.h>

#include "core/error.h"
#include "nn/module.h"

static tarn_tensor *forward(tarn_module *self, tarn_tensor *x)
{
    for (int i = 0; i < self->part_count; i++)
        x = tarn_nn_forward(self->parts[i].child, x);
    return x;
}

static const tarn_module_type type = {"Sequential", forward, NULL, NULL};

tarn_module *tarn_nn_sequential_of(int count, tarn_module *const *modules)
{
    if (count < 0)
        return tarn_fail("nn_sequential: count is %d, expects 0 or more", count);
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
