/* Networks for other programs: what test_onnx.py and test_c.py run and compare.

       exported NAME [STEPS]    trains the network for some steps on digits of the sample, and
                        writes NAME.safetensors, NAME.onnx, folded.onnx, float.c and int8.c, the
                        test digits images.f32, as (28, 28, 1), their classes labels.i32, and the
                        network's logits.f32; prints the bytes of constants and of the buffer of
                        both C files

   The test digits are the 10,000 of MNIST where ./run mnist has put it, else the 2,000 of the
   sample. Beside the networks of the lab: mobile, of depthwise convolutions, and, without C
   files, layers, of all that ONNX can express, and windows, of sides of different lengths. */
#include <stdlib.h>

#include <tarn.h>

#include "examples/lab/lib/digits.h"
#include "examples/lab/lib/networks.h"
#include "examples/lab/lib/options.h"

enum { SIDE = 28, BATCH = 50, STEPS = 400, CALIBRATION = 500, AT_ONCE = 500 };

/* The blocks of MobileNet (Howard et al. 2017): each channel by itself, then all pixel by pixel. */
static tarn_module *depthwise(int in, int out, int stride)
{
    return tarn_nn_sequential(
        tarn_nn_conv2d(in, in, 3, .stride = stride, .padding = 1, .groups = in, .bias = false),
        tarn_nn_batch_norm2d(in), tarn_nn_relu(), tarn_nn_conv2d(in, out, 1, .bias = false),
        tarn_nn_batch_norm2d(out), tarn_nn_relu());
}

static tarn_module *mobile(void)
{
    return tarn_nn_sequential(tarn_nn_conv2d(1, 16, 3, .stride = 2, .padding = 1), tarn_nn_relu(),
                              depthwise(16, 32, 1), depthwise(32, 64, 2), depthwise(64, 64, 1),
                              tarn_nn_global_avg_pool2d(), tarn_nn_linear(64, CLASSES));
}

static tarn_module *gates(void)
{
    return tarn_nn_sequential(tarn_nn_conv2d(4, 6, 3, .padding = 1), tarn_nn_gelu(),
                              tarn_nn_conv2d(6, 4, 1), tarn_nn_gelu_tanh(), tarn_nn_layer_norm(4));
}

static tarn_module *layers(void)
{
    tarn_module *images = tarn_nn_sequential(
        tarn_nn_conv2d(1, 4, 3, .stride = 2, .dilation = 2), tarn_nn_batch_norm2d(4),
        tarn_nn_elu(.alpha = 0.5), tarn_nn_residual(gates()), tarn_nn_group_norm(2, 4),
        tarn_nn_upsample2d(2), tarn_nn_leaky_relu(), tarn_nn_avg_pool2d(3, .padding = 1),
        tarn_nn_pad2d(1),
        tarn_nn_conv_transpose2d(4, 6, 3, .stride = 2, .padding = 1, .output_padding = 1,
                                 .groups = 2),
        tarn_nn_silu(), tarn_nn_upsample2d(2, .bilinear = true),
        tarn_nn_max_pool2d(3, .stride = 2, .padding = 1), tarn_nn_upsample2d(2, .bicubic = true),
        tarn_nn_avg_pool2d(2), tarn_nn_upsample2d(2, .bicubic = true, .antialias = true),
        tarn_nn_avg_pool2d(2), tarn_nn_upsample2d(2, .bilinear = true, .align_corners = true),
        tarn_nn_softplus(.beta = 2), tarn_nn_softmax(), tarn_nn_adaptive_avg_pool2d(5, 3),
        tarn_nn_concat(tarn_nn_linear(6, 3, .bias = false), TARN_NN_IDENTITY, tarn_nn_linear(6, 3)),
        tarn_nn_local_response_norm(3, .alpha = 0.5), tarn_nn_rms_norm(12), tarn_nn_mish(),
        tarn_nn_prelu(.channels = 12), tarn_nn_conv2d(12, 24, 1), tarn_nn_glu(),
        tarn_nn_hardswish(),
        tarn_nn_sum(tarn_nn_conv2d(12, 6, 1, .weight_norm = true), tarn_nn_linear(12, 6),
                    tarn_nn_linear(12, 6)));
    tarn_module *vectors = tarn_nn_sequential(
        tarn_nn_flatten(), tarn_nn_batch_norm2d(90), tarn_nn_layer_norm(90), tarn_nn_tanh(),
        tarn_nn_residual(tarn_nn_sigmoid()), tarn_nn_selu(), tarn_nn_celu(.alpha = 0.5),
        tarn_nn_softsign(), tarn_nn_relu6(), tarn_nn_hardsigmoid(), tarn_nn_prelu(),
        tarn_nn_log_sigmoid(), tarn_nn_linear(90, 180), tarn_nn_glu(),
        tarn_nn_rms_norm(90, .affine = false), tarn_nn_group_norm(9, 90),
        tarn_nn_residual(tarn_nn_linear(90, 90)), tarn_nn_linear(90, CLASSES, .bias = false),
        tarn_nn_log_softmax());
    return tarn_nn_sequential(images, tarn_nn_recompute(vectors));
}

/* Sides of different lengths, and all that windows do at the ends of images. */
static tarn_module *windows(void)
{
    return tarn_nn_sequential(
        tarn_nn_conv2d(1, 2, 2, .kernel_w = 3, .same = true), tarn_nn_pixel_unshuffle(2),
        tarn_nn_pixel_shuffle(2),
        tarn_nn_conv2d(2, 2, 3, .same = true, .padding_mode = TARN_PAD_REFLECT),
        tarn_nn_pad2d(1, .padding_w = 0, .mode = TARN_PAD_REPLICATE),
        tarn_nn_conv2d(2, 2, 3, .kernel_w = 1),
        tarn_nn_max_pool2d(3, .kernel_w = 2, .stride = 2, .stride_w = 1, .padding = 1,
                           .padding_w = 0, .dilation_w = 2, .ceil_mode = true),
        tarn_nn_avg_pool2d(2, .kernel_w = 3, .stride = 2, .padding_w = 1, .ceil_mode = true),
        tarn_nn_avg_pool2d(3, .stride = 2, .padding = 1, .ceil_mode = true,
                           .count_include_pad = false),
        tarn_nn_conv_transpose2d(2, 1, 3, .kernel_w = 2, .stride = 4, .stride_w = 2,
                                 .output_padding = 1, .output_padding_w = 0),
        tarn_nn_flatten(), tarn_nn_linear(320, CLASSES));
}

static tarn_module *network_of(const char *name)
{
    if (is(name, "mobile"))
        return mobile();
    if (is(name, "layers"))
        return layers();
    if (is(name, "windows"))
        return windows();
    return network_new(name, tarn_shape(SIDE, SIDE, 1), CLASSES);
}

/* Test digits are MNIST's where they are. */
static tarn_dataset *read_digits(tarn_split split)
{
    digits d = {.dataset = NULL};
    if (split == TARN_TEST)
        digits_choose(&d);
    else
        d = (digits){"sample", TARN_SAMPLES};
    return digits_read(&d, split);
}

static tarn_loader *load_digits(tarn_split split, int batch, bool shuffle)
{
    tarn_dataset *data = read_digits(split);
    tarn_loader *loader = tarn_loader_new(data, batch, .shuffle = shuffle, .seed = 1);
    if (!loader)
        die("%s", tarn_error());
    return loader;
}

static void train(tarn_module *model, long steps)
{
    tarn_loader *loader = load_digits(TARN_TRAIN, BATCH, true);
    tarn_optim *optimizer = tarn_optim_adam(tarn_nn_parameters(model), .lr = 1e-3);
    tarn_batch batch;
    for (long i = 0; i < steps;) {
        while (i < steps && tarn_loader_next(loader, &batch)) {
            tarn_tape *tape = tarn_tape_begin();
            tarn_tensor *y = tarn_nn_forward(model, batch.images);
            tarn_tensor *loss = tarn_cross_entropy(y, batch.labels);
            tarn_optim_zero_grad(optimizer);
            tarn_backward(loss);
            tarn_optim_step(optimizer);
            tarn_tape_end(tape);
            i++;
        }
    }
    tarn_optim_free(optimizer);
    tarn_nn_train(model, false);
}

static void write_all(FILE *file, const void *bytes, size_t size)
{
    if (!file || fwrite(bytes, 1, size, file) != size)
        die("a file cannot be written");
}

static void write_expected(tarn_module *model)
{
    tarn_batch batch;
    tarn_loader *loader = load_digits(TARN_TEST, AT_ONCE, false);
    FILE *images = fopen("images.f32", "wb"), *labels = fopen("labels.i32", "wb"),
         *logits = fopen("logits.f32", "wb");
    while (tarn_loader_next(loader, &batch)) {
        tarn_tape *tape = tarn_tape_begin_no_grad();
        tarn_tensor *y = tarn_nn_forward(model, batch.images);
        write_all(images, tarn_values(batch.images),
                  (size_t)tarn_size(batch.images) * sizeof(float));
        write_all(labels, batch.labels.ids, (size_t)batch.count * sizeof(int32_t));
        write_all(logits, tarn_values(y), (size_t)tarn_size(y) * sizeof(float));
        tarn_tape_end(tape);
    }
    if (fclose(images) != 0 || fclose(labels) != 0 || fclose(logits) != 0)
        die("a file cannot be written");
    tarn_loader_free(loader);
}

static void write_c(tarn_module *model, const char *path, tarn_tensor *calibration)
{
    FILE *stream = fopen(path, "w");
    tarn_nn_c_sizes sizes;
    if (!stream || !tarn_nn_export_c(model, tarn_shape(SIDE, SIDE, 1), stream, .sizes = &sizes,
                                     .type = calibration ? TARN_C_INT8 : TARN_C_FLOAT,
                                     .calibration = calibration))
        die("%s: %s", path, tarn_error());
    fclose(stream);
    printf("%lld %lld\n", (long long)sizes.constants, (long long)sizes.work);
}

static void save(tarn_module *model, const char *name)
{
    char path[100];
    const tarn_shape sample = tarn_shape(SIDE, SIDE, 1);
    snprintf(path, sizeof path, "%.80s.safetensors", name);
    if (!tarn_nn_describe(model, .input = sample) || !tarn_nn_save(model, path))
        die("%s", tarn_error());
    snprintf(path, sizeof path, "%.80s.onnx", name);
    if (!tarn_nn_export_onnx(model, sample, path) ||
        !tarn_nn_export_onnx(model, sample, "folded.onnx", .fold = true))
        die("%s", tarn_error());
}

int main(int argc, char **argv)
{
    if (argc != 2 && argc != 3)
        die("usage: exported NAME [STEPS]");
    tarn_seed(1);
    tarn_module *model = network_of(argv[1]);
    train(model, argc == 3 ? strtol(argv[2], NULL, 10) : STEPS);
    write_expected(model);
    save(model, argv[1]);
    write_c(model, "float.c", NULL);
    tarn_batch batch;
    if (!is(argv[1], "layers") && !is(argv[1], "windows") &&
        tarn_loader_next(load_digits(TARN_TRAIN, CALIBRATION, false), &batch))
        write_c(model, "int8.c", batch.images);
    tarn_nn_free(model);
    return 0;
}
