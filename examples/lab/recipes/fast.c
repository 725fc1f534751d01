/*
 * 99% of MNIST's test digits in three quarters of a second. LeNet's plan, a little wider:
 * convolution, ReLU and pooling run in one pass, and of their gradients three quarters are skipped,
 * those of pixels that were not the largest of their four.
 *
 * What each of these settings is worth is what ./run study recipe measures.
 */
#include "examples/lab/recipes/recipe.h"

/* clang-format off */
static tarn_module *network(int size, int channels, int classes)
{
    const int left = ((size - 2) / 2 - 2) / 2;
    return tarn_nn_sequential(                                                   // (N, 22, 22, 1)
        tarn_nn_conv2d(channels, 16, 3), tarn_nn_relu(), tarn_nn_max_pool2d(2),  // (N, 10, 10, 16)
        tarn_nn_conv2d(16, 32, 3), tarn_nn_relu(), tarn_nn_max_pool2d(2),        // (N, 4, 4, 32)
        tarn_nn_flatten(), tarn_nn_linear(32 * left * left, 64), tarn_nn_relu(), // (N, 64)
        tarn_nn_linear(64, classes));
}
/* clang-format on */

/* To one of nine places, a pixel from each other. */
static tarn_transforms changes(void)
{
    return tarn_transforms_of(tarn_transform_crop(1));
}

const recipe recipe_fast = {
    .name = "fast",
    .goal = "99% of MNIST in three quarters of a second",
    .network = network,
    .border = 3, /* where no digit is, or an end of one */
    .changes = changes,
    .epochs = 1,
    .batch = 192,
    .optimizer = "muon:momentum=0.85,ns_steps=3,adam_lr=3e-4",
    .lr = 0.05,
    .rise = 0.05,
    .smoothing = 0.1,
    .frozen = 0.85, /* its filters for strokes are good by then */
    .seeds = 10,
};
