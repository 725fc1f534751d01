/* Tarn's side of the exchange: what the scripts beside it compare PyTorch with. Weights are files
   in the layout of PyTorch, images and logits bare floats, labels bare int32_t.

       network digits COUNT IMAGES LABELS            the first digits of the sample, as (28, 28, 1)
       network new NAME WEIGHTS                      its first weights
       network logits NAME WEIGHTS IMAGES LOGITS     of all images, in evaluation
       network train NAME WEIGHTS IMAGES LABELS OPTIMIZER STEPS OUT
                                                     in batches of 50, in order; a loss a line
       network go-on NAME WEIGHTS IMAGES LABELS OPTIMIZER STEPS OUT STATE
                                                     the same, with that state of the optimizer
       network begin NAME WEIGHTS IMAGES LABELS OPTIMIZER STEPS OUT STATE
                                                     the same, and writes the state
       network describe NAME OUT                     its first weights, in Tarn's layout
       network npy IN OUT, network npz IN OUT        reads and writes a file of NumPy's */
#include <stdlib.h>
#include <string.h>

#include <tarn.h>

#include "examples/lab/lib/networks.h"
#include "examples/lab/lib/optimizers.h"
#include "examples/lab/lib/options.h"

enum { SIDE = 28, PIXELS = SIDE * SIDE, CLASSES = 10, BATCH = 50 };

/* The blocks of MobileNet (Howard et al. 2017): each channel by itself, then all pixel by pixel. */
static tarn_module *depthwise(int in, int out, int stride)
{
    return tarn_nn_sequential(
        tarn_nn_conv2d(in, in, 3, .stride = stride, .padding = 1, .groups = in, .bias = false),
        tarn_nn_batch_norm2d(in), tarn_nn_relu(), tarn_nn_conv2d(in, out, 1, .bias = false),
        tarn_nn_group_norm(4, out), tarn_nn_relu());
}

static tarn_module *mobile(void)
{
    return tarn_nn_sequential(
        tarn_nn_conv2d(1, 8, 3, .stride = 2, .padding = 1), tarn_nn_relu(), depthwise(8, 16, 2),
        depthwise(16, 24, 2), tarn_nn_conv_transpose2d(24, 12, 3, .stride = 2, .groups = 3),
        tarn_nn_flatten(), tarn_nn_layer_norm(9 * 9 * 12), tarn_nn_linear(9 * 9 * 12, CLASSES));
}

static tarn_module *network_of(const char *name)
{
    const tarn_shape sample = tarn_shape(SIDE, SIDE, 1);
    tarn_module *model =
        strcmp(name, "mobile") == 0 ? mobile() : network_new(name, sample, CLASSES);
    if (!model || !tarn_nn_describe(model, .input = sample))
        die("%s", tarn_error());
    return model;
}

static tarn_module *load(const char *name, const char *weights)
{
    tarn_module *model = network_of(name);
    if (!tarn_nn_load(model, weights, .layout = TARN_LAYOUT_TORCH))
        die("%s", tarn_error());
    return model;
}

static void save(const tarn_module *model, const char *path)
{
    if (!tarn_nn_save(model, path, .layout = TARN_LAYOUT_TORCH))
        die("%s", tarn_error());
}

static void *read_all(const char *path, size_t *size)
{
    FILE *file = fopen(path, "rb");
    if (!file || fseek(file, 0, SEEK_END) != 0)
        die("%s cannot be read", path);
    *size = (size_t)ftell(file);
    rewind(file);
    void *bytes = malloc(*size + 1);
    if (!bytes || fread(bytes, 1, *size, file) != *size)
        die("%s cannot be read", path);
    fclose(file);
    return bytes;
}

static void write_all(const char *path, const void *bytes, size_t size)
{
    FILE *file = fopen(path, "wb");
    if (!file || fwrite(bytes, 1, size, file) != size || fclose(file) != 0)
        die("%s cannot be written", path);
}

static void digits(int count, const char *images, const char *labels)
{
    tarn_dataset *data = tarn_data_samples(TARN_SAMPLES, TARN_TRAIN);
    tarn_data_normalize(data, 0.1307, 0.3081);
    tarn_loader *loader = tarn_loader_new(data, count);
    tarn_batch batch;
    if (!tarn_loader_next(loader, &batch))
        die("%s", tarn_error());
    write_all(images, tarn_values(batch.images), (size_t)count * PIXELS * sizeof(float));
    write_all(labels, batch.labels.ids, (size_t)count * sizeof *batch.labels.ids);
    tarn_loader_free(loader);
    tarn_dataset_free(data);
}

static tarn_tensor *images_of(const float *pixels, int64_t count)
{
    return tarn_from_array(tarn_shape(count, SIDE, SIDE, 1), pixels);
}

static void logits(const char *name, const char *weights, const char *images, const char *to)
{
    tarn_module *model = load(name, weights);
    size_t size;
    float *pixels = read_all(images, &size);
    tarn_tensor *x = images_of(pixels, (int64_t)(size / sizeof *pixels / PIXELS));
    tarn_nn_train(model, false);
    tarn_tape *tape = tarn_tape_begin_no_grad();
    tarn_tensor *y = tarn_nn_forward(model, x);
    write_all(to, tarn_values(y), (size_t)tarn_size(y) * sizeof(float));
    tarn_tape_end(tape);
    tarn_free(x);
    free(pixels);
    tarn_nn_free(model);
}

static void step(tarn_module *model, tarn_optim *optimizer, const float *pixels,
                 const int32_t *labels)
{
    tarn_tensor *x = images_of(pixels, BATCH);
    tarn_tape *tape = tarn_tape_begin();
    tarn_tensor *loss = tarn_cross_entropy(tarn_nn_forward(model, x), tarn_labels(BATCH, labels));
    tarn_optim_zero_grad(optimizer);
    tarn_backward(loss);
    tarn_optim_step(optimizer);
    printf("%.9g\n", (double)tarn_item(loss));
    tarn_tape_end(tape);
    tarn_free(x);
}

/* With the state in from, and the state to to, if they are not NULL. The cnn trains as in
   evaluation: its dropout would draw other numbers than PyTorch's. */
static void train(char **words, const char *from, const char *to)
{
    tarn_module *model = load(words[0], words[1]);
    size_t size;
    float *pixels = read_all(words[2], &size);
    int32_t *labels = read_all(words[3], &size);
    tarn_optim *optimizer = optimizer_new(words[4], tarn_nn_parameters(model), 0.01);
    tarn_nn_train(model, !is(words[0], "cnn"));
    if (from && !tarn_nn_load_optim(optimizer, model, from))
        die("%s", tarn_error());
    for (long i = 0; i < strtol(words[5], NULL, 10); i++)
        step(model, optimizer, pixels + i * BATCH * PIXELS, labels + i * BATCH);
    save(model, words[6]);
    if (to && !tarn_nn_save_optim(optimizer, model, to))
        die("%s", tarn_error());
    tarn_optim_free(optimizer);
    tarn_nn_free(model);
    free(pixels);
    free(labels);
}

static void describe(const char *name, const char *path)
{
    tarn_module *model = network_of(name);
    if (!tarn_nn_save(model, path))
        die("%s", tarn_error());
    tarn_nn_free(model);
}

static void copy_npy(const char *in, const char *out)
{
    tarn_tensor *t = tarn_npy_load(in);
    if (!t || !tarn_npy_save(t, out))
        die("%s", tarn_error());
    tarn_free(t);
}

static void copy_npz(const char *in, const char *out)
{
    tarn_npz *npz = tarn_npz_load(in);
    if (!npz || !tarn_npz_save(tarn_npz_list(npz), out))
        die("%s", tarn_error());
    tarn_npz_free(npz);
}

int main(int argc, char **argv)
{
    const char *command = argc > 3 ? argv[1] : "";
    tarn_seed(1);
    if (is(command, "digits") && argc == 5) {
        digits((int)strtol(argv[2], NULL, 10), argv[3], argv[4]);
    } else if (is(command, "new") && argc == 4) {
        tarn_module *model = network_of(argv[2]);
        save(model, argv[3]);
        tarn_nn_free(model);
    } else if (is(command, "logits") && argc == 6) {
        logits(argv[2], argv[3], argv[4], argv[5]);
    } else if (is(command, "train") && argc == 9) {
        train(argv + 2, NULL, NULL);
    } else if (is(command, "go-on") && argc == 10) {
        train(argv + 2, argv[9], NULL);
    } else if (is(command, "begin") && argc == 10) {
        train(argv + 2, NULL, argv[9]);
    } else if (is(command, "describe") && argc == 4) {
        describe(argv[2], argv[3]);
    } else if (is(command, "npy") && argc == 4) {
        copy_npy(argv[2], argv[3]);
    } else if (is(command, "npz") && argc == 4) {
        copy_npz(argv[2], argv[3]);
    } else {
        die("usage: see the head of network.c");
    }
    return 0;
}
