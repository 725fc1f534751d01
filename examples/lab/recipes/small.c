/*
 * As much as fewer than 8,000 parameters can tell: narrow convolutions, a linear layer on what the
 * last of them left, and digits that are turned, moved and magnified a little, another way each
 * time, so that there is nothing to learn by heart.
 */
#include "examples/lab/recipes/recipe.h"

/* clang-format off */
static tarn_module *network(int size, int channels, int classes)
{
    const int left = ((size - 4) / 2 - 4) / 2 - 2;
    return tarn_nn_sequential(                                                  // (N, 28, 28, 1)
        tarn_nn_conv2d(channels, 8, 5), tarn_nn_relu(), tarn_nn_max_pool2d(2),  // (N, 12, 12, 8)
        tarn_nn_conv2d(8, 16, 3), tarn_nn_relu(),                               // (N, 10, 10, 16)
        tarn_nn_conv2d(16, 16, 3), tarn_nn_relu(), tarn_nn_max_pool2d(2),       // (N, 4, 4, 16)
        tarn_nn_conv2d(16, 22, 3), tarn_nn_relu(),                              // (N, 2, 2, 22)
        tarn_nn_flatten(), tarn_nn_linear(22 * left * left, classes));
}
/* clang-format on */

static tarn_transforms changes(void)
{
    return tarn_transforms_of(tarn_transform_rotate(7), tarn_transform_scale(0.92, 1.08),
                              tarn_transform_shift(1));
}

const recipe recipe_small = {
    .name = "small",
    .goal = "99.5% of MNIST with at most 8,000 parameters, in 15 epochs",
    .network = network,
    .changes = changes,
    .epochs = 15,
    .batch = 128,
    .optimizer = "muon:momentum=0.9,weight_decay=0.05,adam_lr=3e-4",
    .lr = 0.03,
    .rise = 0.1,
    .end = 0.1,
    .smoothing = 0.05,
    .averaged = 0.15,
    .seeds = 5,
};
