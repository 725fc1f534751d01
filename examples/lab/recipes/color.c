/*
 * Pictures in colour of 32 x 32 pixels, as those of CIFAR-10: a small residual network (He et al.
 * 2016) with its pooling early, so that most of the work is done on few pixels; pictures moved by
 * up to four pixels and mirrored; one cycle of the rate.
 */
#include "examples/lab/recipes/recipe.h"

static tarn_module *convolution(int in, int out)
{
    return tarn_nn_sequential(tarn_nn_conv2d(in, out, 3, .padding = 1, .bias = false),
                              tarn_nn_batch_norm2d(out), tarn_nn_relu());
}

static tarn_module *block(int channels)
{
    return tarn_nn_residual(
        tarn_nn_sequential(convolution(channels, channels), convolution(channels, channels)));
}

/* clang-format off */
static tarn_module *network(int size, int channels, int classes)
{
    (void)size;
    return tarn_nn_sequential(                                             // (N, 32, 32, 3)
        convolution(channels, 32), tarn_nn_max_pool2d(2), block(32),       // (N, 16, 16, 32)
        convolution(32, 64), tarn_nn_max_pool2d(2), block(64),             // (N, 8, 8, 64)
        convolution(64, 128), tarn_nn_max_pool2d(2), block(128),           // (N, 4, 4, 128)
        tarn_nn_global_avg_pool2d(), tarn_nn_linear(128, classes));        // (N, classes)
}
/* clang-format on */

static tarn_transforms changes(void)
{
    return tarn_transforms_of(tarn_transform_crop(4), tarn_transform_flip(0.5));
}

const recipe recipe_color = {
    .name = "color",
    .goal = "pictures of 32 x 32 pixels in colour: CIFAR-10, or a folder of your own",
    .network = network,
    .changes = changes,
    .epochs = 12,
    .batch = 128,
    .optimizer = "muon:momentum=0.9,adam_lr=3e-3",
    .lr = 0.03,
    .rise = 0.2,
    .smoothing = 0.1,
    .seeds = 3,
    .color = true,
};
