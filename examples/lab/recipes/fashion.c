/*
 * Fashion-MNIST: clothes in the place of digits, which reach to the border of their pictures and
 * look the same in a mirror. Four convolutions with batch normalization, on pictures that are
 * mirrored and moved by a pixel, another way each time; the mean of the weights of the last steps;
 * and of a picture and its mirror image both are asked what it is.
 */
#include "examples/lab/lib/training.h"
#include "examples/lab/recipes/recipe.h"

/* ---- A network that looks at a picture and at its mirror image, but while it is trained: it says
   the mean of the logarithms of what it takes each to be. */

typedef struct mirrored {
    tarn_module module;
    tarn_module *network; /* (N, H, W, C) to (N, classes) */
} mirrored;

static tarn_tensor *forward(tarn_module *module, tarn_tensor *x)
{
    tarn_module *network = ((const mirrored *)module)->network;
    if (module->training)
        return tarn_nn_forward(network, x);
    tarn_tensor *one = tarn_log_softmax(tarn_nn_forward(network, x));
    tarn_tensor *other = tarn_log_softmax(tarn_nn_forward(network, tarn_flip(x, 2)));
    return tarn_scale(tarn_add(one, other), 0.5);
}

static const tarn_module_type type = {.name = "Mirrored", .forward = forward};

static tarn_module *make_mirrored(tarn_module *network)
{
    mirrored *self = tarn_nn_new(&type, sizeof *self);
    check(self);
    self->network = network;
    check(tarn_nn_add_child(&self->module, "network", network));
    return &self->module;
}

/* ---- The recipe */

static tarn_module *convolution(int in, int out)
{
    return tarn_nn_sequential(tarn_nn_conv2d(in, out, 3, .padding = 1, .bias = false),
                              tarn_nn_batch_norm2d(out), tarn_nn_relu());
}

/* clang-format off */
static tarn_module *network(int size, int channels, int classes)
{
    const int left = size / 8;
    return make_mirrored(tarn_nn_sequential(                                          // (N, 28, 28, 1)
        convolution(channels, 24), tarn_nn_max_pool2d(2),                             // (N, 14, 14, 24)
        convolution(24, 48), convolution(48, 48), tarn_nn_max_pool2d(2),              // (N, 7, 7, 48)
        convolution(48, 64), tarn_nn_max_pool2d(2),                                   // (N, 3, 3, 64)
        tarn_nn_flatten(), tarn_nn_linear(64 * left * left, 128), tarn_nn_relu(),
        tarn_nn_linear(128, classes)));
}
/* clang-format on */

static tarn_transforms changes(void)
{
    return tarn_transforms_of(tarn_transform_flip(0.5), tarn_transform_crop(1));
}

const recipe recipe_fashion = {
    .name = "fashion",
    .goal = "Fashion-MNIST with at most 500,000 parameters, in about a minute",
    .dataset = "fashion",
    .network = network,
    .changes = changes,
    .epochs = 8,
    .batch = 128,
    .optimizer = "muon:momentum=0.9,weight_decay=0.05,adam_lr=1e-3",
    .lr = 0.03,
    .rise = 0.1,
    .end = 0.1,
    .smoothing = 0.05,
    .averaged = 0.2,
    .seeds = 5,
};
