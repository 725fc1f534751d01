/* The tensors of a module as a file has them. */
#ifndef TARN_NN_SLOTS_H
#define TARN_NN_SLOTS_H

#include "core/slot.h"
#include "nn/module_internal.h"
#include "nn/safetensors.h"

typedef struct tarn__slots {
    int count; /* -1 with tarn_error() set when memory has run out */
    tarn__slot *slots;
    tarn_params list; /* what they are of */
    void *forms;      /* what those need that are for another layout, or have other names */
    char *names;
} tarn__slots;

/* All parameters and buffers of the module and all below; names and data are the module's. */
tarn__slots tarn__slots_of(const tarn_module *module);
void tarn__slots_free(tarn__slots *slots);

#endif
