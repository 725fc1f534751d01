/* Networks for other programs: what test_onnx.py and test_c.py run and compare.

       exported NAME    trains the network for some steps on digits of the sample, and writes
                        NAME.onnx, folded.onnx, float.c and int8.c, the test digits images.f32,
                        as (28, 28, 1), their classes labels.i32, and the network's logits.f32;
                        prints the bytes of constants and of the buffer of both C files

   beside those of the lab: mobile, of depthwise convolutions, and layers, of all that ONNX can
   express (without C files). */
#include <stdlib.h>
#include <string.h>

#include <tarn.h>

#include "examples/lab/lib/networks.h"
#include "examples/lab/lib/options.h"

enum { SIDE = 28, CLASSES = 10, BATCH = 50, STEPS = 400, CALIBRATION = 500, TESTED = 2000 };

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
        tarn_nn_max_pool2d(3, .stride = 2, .padding = 1),
        tarn_nn_upsample2d(2, .bilinear = true, .align_corners = true), tarn_nn_softplus(),
        tarn_nn_softmax(), tarn_nn_adaptive_avg_pool2d(5, 3));
    tarn_module *vectors =
        tarn_nn_sequential(tarn_nn_flatten(), tarn_nn_batch_norm2d(90), tarn_nn_layer_norm(90),
                           tarn_nn_tanh(), tarn_nn_residual(tarn_nn_sigmoid()),
                           tarn_nn_group_norm(9, 90), tarn_nn_residual(tarn_nn_linear(90, 90)),
                           tarn_nn_linear(90, CLASSES, .bias = false), tarn_nn_log_softmax());
    return tarn_nn_sequential(images, tarn_nn_recompute(vectors));
}

static tarn_module *network_of(const char *name)
{
    if (strcmp(name, "mobile") == 0)
        return mobile();
    if (strcmp(name, "layers") == 0)
        return layers();
    return network_new(name, tarn_shape(SIDE, SIDE, 1), CLASSES);
}

static tarn_loader *digits(tarn_split split, int batch, bool shuffle)
{
    tarn_dataset *data = tarn_data_samples(TARN_SAMPLES, split);
    tarn_data_normalize(data, 0.1307, 0.3081);
    tarn_loader *loader = tarn_loader_new(data, batch, .shuffle = shuffle, .seed = 1);
    if (!loader)
        die("%s", tarn_error());
    return loader;
}

static void train(tarn_module *model)
{
    tarn_loader *loader = digits(TARN_TRAIN, BATCH, true);
    tarn_optim *optimizer = tarn_optim_adam(tarn_nn_parameters(model), .lr = 1e-3);
    tarn_batch batch;
    for (int i = 0; i < STEPS;) {
        while (i < STEPS && tarn_loader_next(loader, &batch)) {
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

static void write_all(const char *path, const void *bytes, size_t size)
{
    FILE *file = fopen(path, "wb");
    if (!file || fwrite(bytes, 1, size, file) != size || fclose(file) != 0)
        die("%s cannot be written", path);
}

static void write_expected(tarn_module *model)
{
    tarn_batch batch;
    if (!tarn_loader_next(digits(TARN_TEST, TESTED, false), &batch))
        die("%s", tarn_error());
    tarn_tape *tape = tarn_tape_begin_no_grad();
    tarn_tensor *y = tarn_nn_forward(model, batch.images);
    write_all("images.f32", tarn_values(batch.images),
              (size_t)tarn_size(batch.images) * sizeof(float));
    write_all("labels.i32", batch.labels.ids, (size_t)batch.count * sizeof(int32_t));
    write_all("logits.f32", tarn_values(y), (size_t)tarn_size(y) * sizeof(float));
    tarn_tape_end(tape);
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

int main(int argc, char **argv)
{
    if (argc != 2)
        die("usage: exported NAME");
    tarn_seed(1);
    char path[100];
    const tarn_shape sample = tarn_shape(SIDE, SIDE, 1);
    tarn_module *model = network_of(argv[1]);
    train(model);
    write_expected(model);
    snprintf(path, sizeof path, "%.80s.onnx", argv[1]);
    if (!tarn_nn_export_onnx(model, sample, path) ||
        !tarn_nn_export_onnx(model, sample, "folded.onnx", .fold = true))
        die("%s", tarn_error());
    tarn_batch batch;
    if (strcmp(argv[1], "layers") != 0 &&
        tarn_loader_next(digits(TARN_TRAIN, CALIBRATION, false), &batch)) {
        write_c(model, "float.c", NULL);
        write_c(model, "int8.c", batch.images);
    }
    tarn_nn_free(model);
    return 0;
}
