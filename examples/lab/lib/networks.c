#include "examples/lab/lib/networks.h"

#include <string.h>

#include "examples/lab/lib/options.h"

const char *const network_names[] = {"lenet", "cnn", "resnet", "mlp", NULL};

static void expect_at_least(const char *name, int least, int64_t height, int64_t width)
{
    if (height < least || width < least)
        die("--model %s: the pictures have %lld x %lld pixels, expects at least %d x %d; resnet "
            "takes any",
            name, (long long)height, (long long)width, least, least);
}

void network_check(const char *name, tarn_shape sample)
{
    if (strcmp(name, "mlp") == 0)
        return;
    if (sample.ndim != 3)
        die("--model %s: samples have the shape %s, expects pictures; mlp takes any", name,
            tarn_shape_to_text(sample).text);
    if (strcmp(name, "lenet") == 0)
        expect_at_least(name, 12, sample.dim[0], sample.dim[1]);
    if (strcmp(name, "cnn") == 0)
        expect_at_least(name, 6, sample.dim[0], sample.dim[1]);
}

/* What is left of the pixels for the first linear layer, in 16 channels, or 64. */
static int64_t lenet_features(int64_t height, int64_t width)
{
    return 16 * ((height / 2 - 4) / 2) * ((width / 2 - 4) / 2);
}

static int64_t cnn_features(int64_t height, int64_t width)
{
    return 64 * ((height - 4) / 2) * ((width - 4) / 2);
}

double network_memory(const char *name, tarn_shape sample, int64_t batch_size)
{
    enum { COPIES = 5, OF_LENET = 16, OF_CNN = 136, OF_RESNET = 750, OF_MLP = 2 };
    const double size = (double)tarn_shape_size(sample);
    double parameters = 0, kept = OF_RESNET; /* the latter of each pixel, or number for mlp */
    if (strcmp(name, "lenet") == 0) {
        parameters = 120 * (double)lenet_features(sample.dim[0], sample.dim[1]);
        kept = OF_LENET;
    } else if (strcmp(name, "cnn") == 0) {
        parameters = 128 * (double)cnn_features(sample.dim[0], sample.dim[1]);
        kept = OF_CNN;
    } else if (strcmp(name, "mlp") == 0) {
        parameters = 128 * size;
        kept = OF_MLP * (double)sample.dim[sample.ndim - 1];
    }
    const double pixels = size / (double)sample.dim[sample.ndim - 1];
    return sizeof(tarn_real) * (COPIES * parameters + (double)batch_size * pixels * kept);
}

/* clang-format off */

/* Sizes at the right are for 28 x 28 pixels of one channel. */
static tarn_module *lenet(int height, int width, int channels, int classes)
{
    const int features = (int)lenet_features(height, width);
    return tarn_nn_sequential(                                        // (N, 28, 28, 1)
        tarn_nn_conv2d(channels, 6, 5, .padding = 2), tarn_nn_relu(), // (N, 28, 28, 6)
        tarn_nn_max_pool2d(2),                                        // (N, 14, 14, 6)
        tarn_nn_conv2d(6, 16, 5), tarn_nn_relu(),                     // (N, 10, 10, 16)
        tarn_nn_max_pool2d(2), tarn_nn_flatten(),                     // (N, 400)
        tarn_nn_linear(features, 120), tarn_nn_relu(),
        tarn_nn_linear(120, 84), tarn_nn_relu(),
        tarn_nn_linear(84, classes));
}

static tarn_module *cnn(int height, int width, int channels, int classes)
{
    const int features = (int)cnn_features(height, width);
    return tarn_nn_sequential(                           // (N, 28, 28, 1)
        tarn_nn_conv2d(channels, 32, 3), tarn_nn_relu(), // (N, 26, 26, 32)
        tarn_nn_conv2d(32, 64, 3), tarn_nn_relu(),       // (N, 24, 24, 64)
        tarn_nn_max_pool2d(2), tarn_nn_dropout(0.25),    // (N, 12, 12, 64)
        tarn_nn_flatten(),                               // (N, 9216)
        tarn_nn_linear(features, 128), tarn_nn_relu(), tarn_nn_dropout(0.5),
        tarn_nn_linear(128, classes));
}

static tarn_module *convolution(int in, int out, int kernel, int stride)
{
    return tarn_nn_sequential(
        tarn_nn_conv2d(in, out, kernel, .stride = stride, .padding = kernel / 2, .bias = false),
        tarn_nn_batch_norm2d(out));
}

static tarn_module *block(int in, int out, int stride)
{
    return tarn_nn_residual(
        tarn_nn_sequential(convolution(in, out, 3, stride), tarn_nn_relu(),
                           convolution(out, out, 3, 1)),
        .projection = stride == 1 ? TARN_NN_IDENTITY : convolution(in, out, 1, stride),
        .relu = true);
}

static tarn_module *resnet(int channels, int classes)
{
    return tarn_nn_sequential(                           // (N, 28, 28, 1)
        convolution(channels, 16, 3, 1), tarn_nn_relu(), // (N, 28, 28, 16)
        block(16, 16, 1), block(16, 16, 1),
        block(16, 32, 2), block(32, 32, 1),              // (N, 14, 14, 32)
        block(32, 64, 2), block(64, 64, 1),              // (N, 7, 7, 64)
        tarn_nn_global_avg_pool2d(),                     // (N, 64)
        tarn_nn_linear(64, classes));
}

static tarn_module *mlp(int features, int classes)
{
    return tarn_nn_sequential(
        tarn_nn_flatten(), tarn_nn_linear(features, 128), tarn_nn_relu(),
        tarn_nn_linear(128, 128), tarn_nn_relu(), tarn_nn_linear(128, classes));
}

/* clang-format on */

tarn_module *network_new(const char *name, tarn_shape sample, int classes)
{
    network_check(name, sample);
    if (strcmp(name, "mlp") == 0)
        return mlp((int)tarn_shape_size(sample), classes);
    const int height = (int)sample.dim[0], width = (int)sample.dim[1];
    const int channels = (int)sample.dim[2];
    if (strcmp(name, "lenet") == 0)
        return lenet(height, width, channels, classes);
    if (strcmp(name, "cnn") == 0)
        return cnn(height, width, channels, classes);
    return resnet(channels, classes);
}
