/* Trains a network on a folder of pictures of your own, a folder for each class, and saves it: from
   files to a model in one page. ./run train FOLDER does more: it stops early, goes on, and writes a
   report. docs/data.md tells about all of it. */
#include <err.h>
#include <stdio.h>

#include <tarn.h>

enum { SIZE = 32, EPOCHS = 10 };

/* The share of the pictures that the model tells rightly. */
static double test(tarn_module *model, tarn_loader *loader)
{
    double correct = 0, pictures = 0;
    tarn_batch batch;
    tarn_nn_train(model, false);
    while (tarn_loader_next(loader, &batch)) {
        tarn_tape *tape = tarn_tape_begin_no_grad();
        correct += tarn_count_correct(tarn_nn_forward(model, batch.images), batch.labels);
        pictures += batch.count;
        tarn_tape_end(tape);
    }
    tarn_nn_train(model, true);
    return correct / pictures;
}

/* Two convolutions and two linear layers. */
/* clang-format off */
static tarn_module *network(int classes)
{
    return tarn_nn_sequential(                                   // (N, 32, 32, 3)
        tarn_nn_conv2d(3, 32, 3, .padding = 1), tarn_nn_relu(),  // (N, 32, 32, 32)
        tarn_nn_max_pool2d(2),                                   // (N, 16, 16, 32)
        tarn_nn_conv2d(32, 64, 3, .padding = 1), tarn_nn_relu(), // (N, 16, 16, 64)
        tarn_nn_max_pool2d(2), tarn_nn_flatten(),                // (N, 4096)
        tarn_nn_linear(4096, 128), tarn_nn_relu(), tarn_nn_dropout(0.5),
        tarn_nn_linear(128, classes));
}
/* clang-format on */

int main(int argc, char **argv)
{
    if (argc != 2 || argv[1][0] == '-')
        errx(1, "expects a folder of pictures, with a folder for each class in it");

    /* A fifth of each class is kept to validate on; channels get mean 0 and deviation 1. */
    tarn_dataset *pictures = tarn_data_folder(argv[1], SIZE, SIZE), *training, *validation;
    double mean[3], deviation[3];
    if (!pictures || !tarn_data_split(pictures, 0.2, 1, &training, &validation) ||
        !tarn_data_statistics(training, mean, deviation) ||
        !tarn_data_normalize_channels(training, mean, deviation) ||
        !tarn_data_normalize_channels(validation, mean, deviation))
        errx(1, "%s", tarn_error());

    /* Each epoch shows them shifted and mirrored in another way; a thread prepares them. */
    tarn_loader *loader = tarn_loader_new(
        training, 32, .shuffle = true, .seed = 1,
        .transforms = tarn_transforms_of(tarn_transform_shift(3), tarn_transform_flip(0.5)),
        .workers = 1);
    tarn_loader *validation_loader = tarn_loader_new(validation, 250);

    const int classes = tarn_data_classes(pictures);
    tarn_module *model = network(classes);
    tarn_optim *optimizer = tarn_optim_adam(tarn_nn_parameters(model), .lr = 1e-3);

    for (int epoch = 1; epoch <= EPOCHS; epoch++) {
        tarn_batch batch;
        while (tarn_loader_next(loader, &batch)) {
            tarn_tape *tape = tarn_tape_begin();

            tarn_tensor *predictions = tarn_nn_forward(model, batch.images);
            tarn_tensor *loss = tarn_cross_entropy(predictions, batch.labels);

            tarn_optim_zero_grad(optimizer);
            tarn_backward(loss);

            tarn_optim_step(optimizer);
            tarn_tape_end(tape);
        }
        printf("epoch %d/%d  validation accuracy %.1f%%\n", epoch, EPOCHS,
               100 * test(model, validation_loader));
        fflush(stdout);
    }
    if (tarn_loader_failed(loader) || tarn_loader_failed(validation_loader))
        errx(1, "%s", tarn_error());

    /* With what it takes to use it: ./run predict --model pictures.safetensors IMAGE... */
    if (!tarn_nn_describe(model, .input = tarn_shape(SIZE, SIZE, 3), .class_count = classes,
                          .class_names = tarn_data_class_names(pictures), .channels = 3,
                          .mean = mean, .deviation = deviation) ||
        !tarn_nn_save(model, "pictures.safetensors"))
        errx(1, "%s", tarn_error());

    tarn_optim_free(optimizer), tarn_nn_free(model);
    tarn_loader_free(loader), tarn_loader_free(validation_loader);
    tarn_dataset_free(pictures), tarn_dataset_free(training), tarn_dataset_free(validation);
    if (fflush(stdout) != 0 || ferror(stdout))
        errx(1, "standard output cannot be written");
    return 0;
}
