/*
 * Fashion-MNIST: clothes in the place of digits, which reach to the border of their pictures and
 * look the same in a mirror. Four convolutions with batch normalization, on pictures that are
 * mirrored, moved by a pixel and now and then partly blotted out, another way each time; and the
 * mean of the weights of the last steps. When it is tested, it looks at a picture and at its mirror
 * image.
 */
#include "examples/lab/recipes/recipe.h"
#include "examples/lab/recipes/views.h"

static tarn_tensor *mirrored(tarn_tensor *pictures, int i)
{
    (void)i; /* there is but one mirror */
    return tarn_flip(pictures, 2);
}

static tarn_module *convolution(int in, int out)
{
    return tarn_nn_sequential(tarn_nn_conv2d(in, out, 3, .padding = 1, .bias = false),
                              tarn_nn_batch_norm2d(out), tarn_nn_relu());
}

/* clang-format off */
static tarn_module *network(int size, int channels, int classes)
{
    const int left = size / 8;
    return views_of(tarn_nn_sequential(                                               // (N, 28, 28, 1)
        convolution(channels, 24), tarn_nn_max_pool2d(2),                             // (N, 14, 14, 24)
        convolution(24, 48), convolution(48, 48), tarn_nn_max_pool2d(2),              // (N, 7, 7, 48)
        convolution(48, 64), tarn_nn_max_pool2d(2),                                   // (N, 3, 3, 64)
        tarn_nn_flatten(), tarn_nn_linear(64 * left * left, 128), tarn_nn_relu(),
        tarn_nn_linear(128, classes)), mirrored, 2);
}
/* clang-format on */

static tarn_transforms changes(void)
{
    return tarn_transforms_of(tarn_transform_flip(0.5), tarn_transform_crop(1),
                              tarn_transform_erase(0.3));
}

const recipe recipe_fashion = {
    .name = "fashion",
    .goal = "Fashion-MNIST with at most 500,000 parameters, in about a minute",
    .dataset = "fashion",
    .network = network,
    .changes = changes,
    .epochs = 10,
    .batch = 128,
    .optimizer = "muon:momentum=0.95,weight_decay=0.05,adam_lr=1e-3",
    .lr = 0.02,
    .rise = 0.1,
    .end = 0.1,
    .smoothing = 0.05,
    .averaged = 0.2,
    .seeds = 5,
};
