/*
 * A program outside Tarn's tree: the training loop of the README, as it stands there, on a small
 * dataset that it makes itself. Exits with 0 if training brings the loss down.
 */
// clang-format off
#include <tarn.h>

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum { COUNT = 256 };

static void put(FILE *file, unsigned value)
{
    for (int shift = 24; shift >= 0; shift -= 8)
        fputc((int)(value >> shift & 255), file);
}

/* Images of class k have a bright bar in rows 2k and 2k + 1, on noise. */
static int write_dataset(const char *dir)
{
    char path[512];
    unsigned noise = 1;
    snprintf(path, sizeof path, "%s/train-images-idx3-ubyte", dir);
    FILE *images = fopen(path, "wb");
    snprintf(path, sizeof path, "%s/train-labels-idx1-ubyte", dir);
    FILE *labels = fopen(path, "wb");
    if (!images || !labels)
        return 0;
    put(images, 0x803), put(images, COUNT), put(images, 28), put(images, 28);
    put(labels, 0x801), put(labels, COUNT);
    for (int n = 0; n < COUNT; n++) {
        fputc(n % 10, labels);
        for (int i = 0; i < 28 * 28; i++) {
            noise = noise * 1664525u + 1013904223u;
            fputc((int)(noise >> 26) + (i / 56 == n % 10 ? 190 : 0), images);
        }
    }
    return fclose(images) == 0 && fclose(labels) == 0;
}

int main(int argc, char **argv)
{
    const char *dir = argc > 1 ? argv[1] : ".";
    int epochs = 4;
    float first = 0, last = 0;
    if (!write_dataset(dir))
        return 2;

    tarn_seed(1);
    tarn_dataset *digits = tarn_data_mnist(dir, TARN_TRAIN);          // NULL + tarn_error() if unreadable
    tarn_loader  *loader = tarn_loader_new(digits, 64, .shuffle = true, .seed = 1);

    tarn_module *model = tarn_nn_sequential(                          // images: (N, 28, 28, 1)
        tarn_nn_conv2d(1, 32, 3), tarn_nn_relu(),                     // (N, 26, 26, 32)
        tarn_nn_conv2d(32, 64, 3), tarn_nn_relu(),                    // (N, 24, 24, 64)
        tarn_nn_max_pool2d(2), tarn_nn_dropout(0.25), tarn_nn_flatten(),
        tarn_nn_linear(9216, 128), tarn_nn_relu(), tarn_nn_dropout(0.5),
        tarn_nn_linear(128, 10));
    tarn_optim *optimizer = tarn_optim_adam(tarn_nn_parameters(model), .lr = 1e-3);

    for (int epoch = 0; epoch < epochs; epoch++) {
        tarn_batch batch;
        while (tarn_loader_next(loader, &batch)) {                    // false at the end of an epoch
            tarn_tape *tape = tarn_tape_begin();

            tarn_tensor *predictions = tarn_nn_forward(model, batch.images);
            tarn_tensor *loss = tarn_cross_entropy(predictions, batch.labels);

            tarn_optim_zero_grad(optimizer);
            tarn_backward(loss);

            tarn_optim_step(optimizer);
            last = tarn_item(loss);
            if (first == 0)
                first = last;
            tarn_tape_end(tape);                                      // everything made since begin is gone
        }
    }

    if (!digits)
        printf("%s\n", tarn_error());
    tarn_optim_free(optimizer);
    tarn_nn_free(model);
    tarn_loader_free(loader);
    tarn_dataset_free(digits);
    printf("loss %.4f, then %.4f\n", first, last);
    return last < 0.5f * first ? 0 : 1;
}
