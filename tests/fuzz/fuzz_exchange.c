/* The input as a file of safetensors in PyTorch's layout, as the state of an optimizer, as an index
   of several files, and as the file that an index names. It may be refused or loaded, and nothing
   else: after a refusal all is what it was, and the message names a file. */
#include <string.h>

#include "tests/fuzz/fuzz.h"

enum { MOST = 64 };

static tarn_module *new_model(void)
{
    return tarn_nn_sequential(tarn_nn_conv2d(1, 2, 1), tarn_nn_batch_norm2d(2), tarn_nn_flatten(),
                              tarn_nn_linear(4, 2));
}

static void copy_values(tarn_module *model, tarn_real to[MOST])
{
    const tarn_params list = tarn_nn_parameters(model);
    memset(to, 0, MOST * sizeof *to);
    for (int i = 0; i < list.count; i++) {
        memcpy(to, tarn_values(list.tensors[i]),
               (size_t)tarn_size(list.tensors[i]) * sizeof(tarn_real));
        to += tarn_size(list.tensors[i]);
    }
}

static void judge(bool accepted, tarn_module *model, const tarn_real before[MOST])
{
    tarn_real after[MOST];
    copy_values(model, after);
    if (!accepted && (memcmp(before, after, sizeof after) || strncmp(tarn_error(), "/dev/shm/", 9)))
        abort();
}

static void load(const char *path)
{
    static FILE *nowhere;
    tarn_module *model = new_model();
    tarn_optim *optimizer = tarn_optim_adam(tarn_nn_parameters(model));
    tarn_real before[MOST];
    copy_values(model, before);
    judge(tarn_nn_load(model, path, .layout = TARN_LAYOUT_TORCH), model, before);
    copy_values(model, before);
    judge(tarn_nn_load_partial(model, path, .layout = TARN_LAYOUT_TORCH, .apply = true), model,
          before);
    copy_values(model, before);
    judge(tarn_nn_load_optim(optimizer, model, path, .layout = TARN_LAYOUT_TORCH), model, before);
    nowhere = nowhere ? nowhere : fopen("/dev/null", "w");
    judge(tarn_nn_inspect(path, nowhere), model, before);
    tarn_optim_free(optimizer);
    tarn_nn_free(model);
}

/* An index that says of all tensors that they are in that file. */
static void load_by_index(const char *file)
{
    char path[64], text[1000] = "{\"weight_map\":{";
    size_t used = strlen(text);
    static const char *const names[] = {"0.weight", "0.bias",         "1.weight",
                                        "1.bias",   "1.running_mean", "1.running_var",
                                        "3.weight", "3.bias",         "1.num_batches_tracked"};
    for (int i = 0; i < 9; i++)
        used += (size_t)snprintf(text + used, sizeof text - used, "%s\"%s\":\"%s\"", i ? "," : "",
                                 names[i], strrchr(file, '/') + 1);
    used += (size_t)snprintf(text + used, sizeof text - used, "}}");
    load(fuzz_file(path, "y.index.json", (const uint8_t *)text, used));
    remove(path);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    char path[64];
    if (getenv("TARN_FUZZ_SEED")) {
        tarn_module *model = new_model();
        if (!tarn_nn_save(model, getenv("TARN_FUZZ_SEED"), .layout = TARN_LAYOUT_TORCH))
            abort();
        tarn_nn_free(model);
    }
    load(fuzz_file(path, "x.index.json", bytes, size));
    remove(path);
    load(fuzz_file(path, "x.safetensors", bytes, size));
    load_by_index(path);
    remove(path);
    return 0;
}
