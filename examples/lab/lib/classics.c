#include "examples/lab/lib/classics.h"

/* clang-format off */

tarn_module *classic_lenet5(int channels, int classes)
{
    return tarn_nn_sequential(                           // (N, 32, 32, channels)
        tarn_nn_conv2d(channels, 6, 5), tarn_nn_tanh(),  // (N, 28, 28, 6)
        tarn_nn_avg_pool2d(2),                           // (N, 14, 14, 6)
        tarn_nn_conv2d(6, 16, 5), tarn_nn_tanh(),        // (N, 10, 10, 16)
        tarn_nn_avg_pool2d(2),                           // (N, 5, 5, 16)
        tarn_nn_conv2d(16, 120, 5), tarn_nn_tanh(),      // (N, 1, 1, 120)
        tarn_nn_flatten(),
        tarn_nn_linear(120, 84), tarn_nn_tanh(),
        tarn_nn_linear(84, classes));
}

tarn_module *classic_alexnet(int channels, int classes, bool lrn)
{
    tarn_module *norms[2];
    for (int i = 0; i < 2; i++)
        norms[i] = lrn ? tarn_nn_local_response_norm(5, .k = 2) : tarn_nn_sequential();
    return tarn_nn_sequential(                                                        // (N, 32, 32, channels)
        tarn_nn_conv2d(channels, 64, 11, .stride = 4, .padding = 5), tarn_nn_relu(),  // (N, 8, 8, 64)
        norms[0], tarn_nn_max_pool2d(2),                                              // (N, 4, 4, 64)
        tarn_nn_conv2d(64, 192, 5, .padding = 2), tarn_nn_relu(),
        norms[1], tarn_nn_max_pool2d(2),                                              // (N, 2, 2, 192)
        tarn_nn_conv2d(192, 384, 3, .padding = 1), tarn_nn_relu(),
        tarn_nn_conv2d(384, 256, 3, .padding = 1), tarn_nn_relu(),
        tarn_nn_conv2d(256, 256, 3, .padding = 1), tarn_nn_relu(),
        tarn_nn_max_pool2d(2), tarn_nn_flatten(), tarn_nn_dropout(0.5),               // (N, 256)
        tarn_nn_linear(256, classes));
}

static tarn_module *vgg(int in, int out)
{
    return tarn_nn_sequential(tarn_nn_conv2d(in, out, 3, .padding = 1), tarn_nn_batch_norm2d(out), tarn_nn_relu());
}

tarn_module *classic_vgg11(int channels, int classes)
{
    return tarn_nn_sequential(
        vgg(channels, 64), tarn_nn_max_pool2d(2),               // (N, 16, 16, 64)
        vgg(64, 128), tarn_nn_max_pool2d(2),                    // (N, 8, 8, 128)
        vgg(128, 256), vgg(256, 256), tarn_nn_max_pool2d(2),    // (N, 4, 4, 256)
        vgg(256, 512), vgg(512, 512), tarn_nn_max_pool2d(2),    // (N, 2, 2, 512)
        vgg(512, 512), vgg(512, 512), tarn_nn_max_pool2d(2),    // (N, 1, 1, 512)
        tarn_nn_flatten(), tarn_nn_linear(512, classes));
}

static tarn_module *normed(int in, int out, int kernel, int stride, int groups)
{
    return tarn_nn_sequential(
        tarn_nn_conv2d(in, out, kernel, .stride = stride, .padding = kernel / 2, .groups = groups, .bias = false),
        tarn_nn_batch_norm2d(out));
}

static tarn_module *residual(int in, int out, int stride, double drop)
{
    return tarn_nn_residual(
        tarn_nn_sequential(normed(in, out, 3, stride, 1), tarn_nn_relu(), normed(out, out, 3, 1, 1),
                           tarn_nn_stochastic_depth(drop)),
        .projection = in == out ? TARN_NN_IDENTITY : normed(in, out, 1, stride, 1),
        .relu = true);
}

tarn_module *classic_resnet20(int channels, int classes, double drop)
{
    return tarn_nn_sequential(
        normed(channels, 16, 3, 1, 1), tarn_nn_relu(),                                       // (N, 32, 32, 16)
        residual(16, 16, 1, drop), residual(16, 16, 1, drop), residual(16, 16, 1, drop),
        residual(16, 32, 2, drop), residual(32, 32, 1, drop), residual(32, 32, 1, drop),     // (N, 16, 16, 32)
        residual(32, 64, 2, drop), residual(64, 64, 1, drop), residual(64, 64, 1, drop),     // (N, 8, 8, 64)
        tarn_nn_global_avg_pool2d(), tarn_nn_linear(64, classes));
}

/* Widens each pixel, looks around in each channel by itself, and makes it narrow again. */
static tarn_module *inverted(int in, int out, int stride, int widening)
{
    const int wide = in * widening;
    tarn_module *widen = widening == 1 ? tarn_nn_sequential()
                                       : tarn_nn_sequential(normed(in, wide, 1, 1, 1), tarn_nn_relu6());
    tarn_module *body = tarn_nn_sequential(widen, normed(wide, wide, 3, stride, wide), tarn_nn_relu6(),
                                           normed(wide, out, 1, 1, 1));
    return in == out && stride == 1 ? tarn_nn_residual(body) : body;
}

/* So many of them, of which the first changes the size. */
static tarn_module *stage(int in, int out, int count, int stride, int widening)
{
    tarn_module *all = inverted(in, out, stride, widening);
    for (int i = 1; i < count; i++)
        all = tarn_nn_sequential(all, inverted(out, out, 1, widening));
    return all;
}

tarn_module *classic_mobilenet_v2(int channels, int classes)
{
    return tarn_nn_sequential(
        normed(channels, 32, 3, 1, 1), tarn_nn_relu6(),                                // (N, 32, 32, 32)
        stage(32, 16, 1, 1, 1), stage(16, 24, 2, 1, 6),                                // (N, 32, 32, 24)
        stage(24, 32, 3, 2, 6),                                                        // (N, 16, 16, 32)
        stage(32, 64, 4, 2, 6), stage(64, 96, 3, 1, 6),                                // (N, 8, 8, 96)
        stage(96, 160, 3, 2, 6), stage(160, 320, 1, 1, 6),                             // (N, 4, 4, 320)
        normed(320, 1280, 1, 1, 1), tarn_nn_relu6(),
        tarn_nn_global_avg_pool2d(), tarn_nn_dropout(0.2), tarn_nn_linear(1280, classes));
}

static tarn_module *dense_layer(int in, int growth)
{
    return tarn_nn_concat(TARN_NN_IDENTITY,
                          tarn_nn_sequential(tarn_nn_batch_norm2d(in), tarn_nn_relu(),
                                             tarn_nn_conv2d(in, growth, 3, .padding = 1, .bias = false)));
}

static tarn_module *dense_block(int in, int growth, int count)
{
    tarn_module *all = dense_layer(in, growth);
    for (int i = 1; i < count; i++)
        all = tarn_nn_sequential(all, dense_layer(in + i * growth, growth));
    return all;
}

static tarn_module *transition(int channels)
{
    return tarn_nn_sequential(tarn_nn_batch_norm2d(channels), tarn_nn_relu(),
                              tarn_nn_conv2d(channels, channels, 1, .bias = false), tarn_nn_avg_pool2d(2));
}

tarn_module *classic_densenet40(int channels, int classes)
{
    return tarn_nn_sequential(
        tarn_nn_conv2d(channels, 16, 3, .padding = 1, .bias = false),    // (N, 32, 32, 16)
        dense_block(16, 12, 12), transition(160),                        // (N, 16, 16, 160)
        dense_block(160, 12, 12), transition(304),                       // (N, 8, 8, 304)
        dense_block(304, 12, 12),                                        // (N, 8, 8, 448)
        tarn_nn_batch_norm2d(448), tarn_nn_relu(),
        tarn_nn_global_avg_pool2d(), tarn_nn_linear(448, classes));
}

static tarn_module *twice(int in, int out)
{
    return tarn_nn_sequential(tarn_nn_conv2d(in, out, 3, .padding = 1), tarn_nn_relu(),
                              tarn_nn_conv2d(out, out, 3, .padding = 1), tarn_nn_relu());
}

/* What is at this level, and beside it what all below make of it, at half the size. */
static tarn_module *unet_level(int in, int width, int below)
{
    if (below == 0)
        return twice(in, width);
    tarn_module *beneath = tarn_nn_sequential(tarn_nn_max_pool2d(2), unet_level(width, 2 * width, below - 1),
                                              tarn_nn_conv_transpose2d(2 * width, width, 2, .stride = 2));
    return tarn_nn_sequential(twice(in, width), tarn_nn_concat(TARN_NN_IDENTITY, beneath), twice(2 * width, width));
}

tarn_module *classic_unet(int channels, int classes, int width)
{
    return tarn_nn_sequential(unet_level(channels, width, 4), tarn_nn_conv2d(width, classes, 1));
}

/* clang-format on */
