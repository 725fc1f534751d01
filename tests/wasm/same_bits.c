/* For ./run wasm: the bits of LeNet's weights after 100 steps on data/samples, as a hash, by every
   optimizer that has a name. Built natively and for WebAssembly it must print the same. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include <tarn.h>

enum { STEPS = 100 };

static tarn_module *make_lenet(void)
{
    return tarn_nn_sequential(tarn_nn_conv2d(1, 6, 5, .padding = 2), tarn_nn_relu(),
                              tarn_nn_max_pool2d(2), tarn_nn_conv2d(6, 16, 5), tarn_nn_relu(),
                              tarn_nn_max_pool2d(2), tarn_nn_flatten(), tarn_nn_linear(400, 120),
                              tarn_nn_relu(), tarn_nn_linear(120, 84), tarn_nn_relu(),
                              tarn_nn_linear(84, 10));
}

/* FNV-1a of all bytes. */
static uint64_t hash(tarn_params params)
{
    uint64_t h = 0xcbf29ce484222325;
    for (int i = 0; i < params.count; i++) {
        const unsigned char *bytes = (const unsigned char *)tarn_values(params.tensors[i]);
        for (int64_t k = 0; k < tarn_size(params.tensors[i]) * (int64_t)sizeof(tarn_real); k++)
            h = (h ^ bytes[k]) * 0x100000001b3;
    }
    return h;
}

static void train(tarn_dataset *digits, const char *name)
{
    tarn_seed(1);
    tarn_loader *loader = tarn_loader_new(digits, 64, .shuffle = true, .seed = 1);
    tarn_module *model = make_lenet();
    tarn_optim *optimizer = tarn_optim_by_name(name, tarn_nn_parameters(model), "");
    double loss_now = 0;
    for (int step = 0; step < STEPS; step++) {
        tarn_batch batch;
        tarn_loader_next(loader, &batch);
        tarn_tape *tape = tarn_tape_begin();
        tarn_tensor *loss = tarn_cross_entropy(tarn_nn_forward(model, batch.images), batch.labels);
        tarn_optim_zero_grad(optimizer);
        tarn_backward(loss);
        tarn_optim_step(optimizer);
        loss_now = (double)tarn_item(loss);
        tarn_tape_end(tape);
    }
    printf("%s %016" PRIx64 " %.9g\n", name, hash(tarn_nn_parameters(model)), loss_now);
    tarn_optim_free(optimizer);
    tarn_nn_free(model);
    tarn_loader_free(loader);
}

int main(int argc, char **argv)
{
    tarn_dataset *digits = argc == 2 ? tarn_data_samples(argv[1], TARN_TRAIN) : NULL;
    if (!digits) {
        fprintf(stderr, "%s\n", argc == 2 ? tarn_error() : "Usage: same_bits FOLDER_OF_SAMPLES");
        return 1;
    }
    tarn_data_normalize(digits, 0.1307, 0.3081);
    const tarn_optim_entry *entry;
    for (int i = 0; (entry = tarn_optim_entry_at(i)); i++)
        train(digits, entry->name);
    tarn_dataset_free(digits);
    return ferror(stdout) || fflush(stdout) != 0;
}
