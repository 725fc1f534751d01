/* The input as a saved model and as a checkpoint. It may be refused or loaded, and nothing else: no
   mistake is reported, after a refusal all is what it was, and the message names the file. A
   network that was rebuilt leaves again. */
#include <string.h>

#include "tests/fuzz/leave.h"

enum { MOST = 64 };

static tarn_module *new_model(void)
{
    return tarn_nn_sequential(tarn_nn_linear(2, 3), tarn_nn_batch_norm2d(3),
                              tarn_nn_residual(tarn_nn_relu()), tarn_nn_dropout(0.5));
}

/* All values of the model, one behind the other. */
static void copy_values(tarn_module *model, tarn_real to[MOST])
{
    tarn_params list = tarn_nn_parameters(model);
    memset(to, 0, MOST * sizeof *to);
    for (int i = 0; i < list.count; i++) {
        memcpy(to, tarn_values(list.tensors[i]),
               (size_t)tarn_size(list.tensors[i]) * sizeof(tarn_real));
        to += tarn_size(list.tensors[i]);
    }
}

/* Aborts if something changed although the file was refused, or if it was refused without a word.
 */
static void judge(bool accepted, const char *path, tarn_module *model, const tarn_real before[MOST])
{
    tarn_real after[MOST];
    copy_values(model, after);
    if (!accepted &&
        (memcmp(before, after, sizeof after) || strncmp(tarn_error(), path, strlen(path))))
        abort();
}

static void load_model(tarn_module *model, const char *path)
{
    tarn_real before[MOST];
    copy_values(model, before);
    judge(tarn_nn_load(model, path), path, model, before);
    copy_values(model, before);
    judge(tarn_nn_load_partial(model, path, .skip = "1.*", .apply = true), path, model, before);
    tarn_module *rebuilt = tarn_nn_from_file(path);
    copy_values(model, before);
    judge(rebuilt, path, model, before);
    fuzz_leave(rebuilt);
    tarn_nn_free(rebuilt);
}

static void load_checkpoint(tarn_module *model, const char *path)
{
    tarn_real before[MOST];
    static const uint8_t pixels[4];
    tarn_dataset *data = tarn_data_from_bytes(tarn_shape(4, 1), pixels, NULL, 1);
    tarn_loader *loader = tarn_loader_new(data, 1);
    tarn_optim *optimizer = tarn_optim_nadam(tarn_nn_parameters(model));
    tarn_plateau plateau = tarn_plateau();
    int64_t step = 0;
    char note[4] = "abc";
    const tarn_checkpoint_text texts[] = {{"note", note, sizeof note}, {NULL, NULL, 0}};
    const tarn_checkpoint all = {.model = model,
                                 .optimizer = optimizer,
                                 .plateau = &plateau,
                                 .loader = loader,
                                 .step = &step,
                                 .texts = texts};
    if (getenv("TARN_FUZZ_SEED") && !tarn_checkpoint_save(&all, getenv("TARN_FUZZ_SEED")))
        abort();
    copy_values(model, before);
    judge(tarn_checkpoint_load(&all, path), path, model, before);
    if (step < 0 || !memchr(note, '\0', sizeof note))
        abort();
    tarn_batch batch;
    tarn_loader_next(loader, &batch);
    tarn_optim_free(optimizer);
    tarn_loader_free(loader);
    tarn_dataset_free(data);
}

static void load(const uint8_t *bytes, size_t size)
{
    char path[64];
    tarn_module *model = new_model();
    fuzz_file(path, "checkpoint", bytes, size);
    load_model(model, path);
    load_checkpoint(model, path);
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
