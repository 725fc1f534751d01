#include "examples/lab/lib/digits.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "examples/lab/lib/options.h"

/* ---- Networks. Images come in as (N, 28, 28, 1). */

/* clang-format off */

tarn_module *lenet(void)
{
    return tarn_nn_sequential(                                       // (N, 28, 28, 1)
        tarn_nn_conv2d(1, 6, 5, .padding = 2), tarn_nn_relu(),       // (N, 28, 28, 6)
        tarn_nn_max_pool2d(2),                                       // (N, 14, 14, 6)
        tarn_nn_conv2d(6, 16, 5), tarn_nn_relu(),                    // (N, 10, 10, 16)
        tarn_nn_max_pool2d(2), tarn_nn_flatten(),                    // (N, 400)
        tarn_nn_linear(400, 120), tarn_nn_relu(),
        tarn_nn_linear(120, 84), tarn_nn_relu(),
        tarn_nn_linear(84, 10));
}

tarn_module *cnn(void)
{
    return tarn_nn_sequential(                                       // (N, 28, 28, 1)
        tarn_nn_conv2d(1, 32, 3), tarn_nn_relu(),                    // (N, 26, 26, 32)
        tarn_nn_conv2d(32, 64, 3), tarn_nn_relu(),                   // (N, 24, 24, 64)
        tarn_nn_max_pool2d(2), tarn_nn_dropout(0.25),                // (N, 12, 12, 64)
        tarn_nn_flatten(),                                           // (N, 9216)
        tarn_nn_linear(9216, 128), tarn_nn_relu(), tarn_nn_dropout(0.5),
        tarn_nn_linear(128, 10));
}

/* clang-format on */

/* ---- Data */

const char *const digits_datasets[] = {"mnist", "fashion", "sample", NULL};

static bool is(const char *text, const char *other)
{
    return strcmp(text, other) == 0;
}

/* Where ./run puts MNIST: the folder TARN_DATA names, else the user's cache. */
static const char *cache_folder(void)
{
    static char path[4096];
    const char *data = getenv("TARN_DATA"), *cache = getenv("XDG_CACHE_HOME"),
               *home = getenv("HOME");
    if (data && *data)
        snprintf(path, sizeof path, "%s/mnist", data);
    else if (cache && *cache)
        snprintf(path, sizeof path, "%s/tarn/mnist", cache);
    else
        snprintf(path, sizeof path, "%s/.cache/tarn/mnist", home && *home ? home : "");
    return path;
}

static bool file_exists(const char *dir, const char *name)
{
    char path[4200];
    snprintf(path, sizeof path, "%s/%s", dir, name);
    FILE *file = fopen(path, "rb");
    if (file)
        fclose(file);
    return file != NULL;
}

void digits_choose(digits *d)
{
    if (!d->dataset) {
        d->dataset = "mnist";
        if (!d->folder && !file_exists(cache_folder(), "train-images-idx3-ubyte") &&
            !file_exists(cache_folder(), "train-images-idx3-ubyte.gz")) {
            printf("MNIST is not in %s (./run mnist fetches it): using the sample of 10,000 "
                   "digits in data/samples\n",
                   cache_folder());
            d->dataset = "sample";
        }
    }
    if (!d->folder)
        d->folder = is(d->dataset, "mnist")     ? cache_folder()
                    : is(d->dataset, "fashion") ? "/usr/share/datasets/fashion-mnist"
                                                : TARN_SAMPLES;
}

tarn_dataset *digits_read(const digits *d, tarn_split split)
{
    const bool fashion = is(d->dataset, "fashion");
    tarn_dataset *dataset = is(d->dataset, "sample") ? tarn_data_samples(d->folder, split)
                                                     : tarn_data_mnist(d->folder, split);
    if (!dataset)
        die("%s", tarn_error());
    if (!tarn_shape_equal(tarn_data_sample_shape(dataset), tarn_shape(28, 28, 1)))
        die("the images in %s are %s, expects (28,28,1)", d->folder,
            tarn_shape_to_text(tarn_data_sample_shape(dataset)).text);
    if (tarn_data_count(dataset) == 0)
        die("%s holds no %s images", d->folder, split == TARN_TRAIN ? "training" : "test");
    /* The mean and the deviation of the training pixels. */
    tarn_data_normalize(dataset, fashion ? 0.2860 : DIGITS_MEAN,
                        fashion ? 0.3530 : DIGITS_DEVIATION);
    return dataset;
}

/* ---- Evaluation */

score evaluate(tarn_module *model, tarn_loader *loader)
{
    double loss = 0;
    long correct = 0, images = 0;
    tarn_batch batch;
    tarn_nn_train(model, false);
    while (tarn_loader_next(loader, &batch)) {
        tarn_tape *tape = tarn_tape_begin_no_grad();
        tarn_tensor *predictions = tarn_nn_forward(model, batch.images);
        tarn_tensor *batch_loss =
            tarn_cross_entropy(predictions, batch.labels, .reduction = TARN_SUM);
        if (!batch_loss)
            die("%s", tarn_error());
        loss += (double)tarn_item(batch_loss);
        correct += tarn_count_correct(predictions, batch.labels);
        images += batch.count;
        tarn_tape_end(tape);
    }
    tarn_nn_train(model, true);
    return (score){loss / (double)images, (double)correct / (double)images};
}

static void report_mistake(const char *message, void *context)
{
    (void)context;
    die("%s", message);
}

void die_of_mistakes(void)
{
    tarn_set_error_handler(report_mistake, NULL);
}
