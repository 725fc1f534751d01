/* The input as a checkpoint. It may be refused or loaded, and nothing else: after a refusal the
   model is what it was, and the message names the file. */
#include <string.h>

#include "tests/fuzz/fuzz.h"

/* All values of the model, one behind the other. */
static void copy_values(tarn_module *model, tarn_real *to)
{
    tarn_params list = tarn_nn_parameters(model);
    for (int i = 0; i < list.count; i++) {
        memcpy(to, tarn_values(list.tensors[i]),
               (size_t)tarn_size(list.tensors[i]) * sizeof(tarn_real));
        to += tarn_size(list.tensors[i]);
    }
}

static void load(const uint8_t *bytes, size_t size)
{
    tarn_real before[9], after[9];
    char path[64];
    tarn_module *model = tarn_nn_sequential(tarn_nn_linear(2, 3), tarn_nn_relu());
    copy_values(model, before);
    if (!tarn_nn_load(model, fuzz_file(path, "checkpoint", bytes, size))) {
        copy_values(model, after);
        if (memcmp(before, after, sizeof before) || strncmp(tarn_error(), path, strlen(path)))
            abort();
    }
    tarn_nn_free(model);
    remove(path);
}

/* As it is, and with the header length that reaches to the last '}', which the fuzzer would hardly
   find. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static uint8_t copy[1 << 20];
    load(bytes, size);
    if (size < 8 || size > sizeof copy)
        return 0;
    memcpy(copy, bytes, size);
    size_t header = size - 8;
    while (header > 0 && copy[8 + header - 1] != '}')
        header--;
    for (size_t i = 0; i < 8; i++)
        copy[i] = (uint8_t)((uint64_t)header >> (8 * i));
    load(copy, size);
    return 0;
}
