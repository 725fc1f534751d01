/* Pooling layer: tarn_adaptive_avg_pool2d() to a fixed size. */
#include "core/ops.h"
#include "nn/layer.h"

typedef struct adaptive_avg_pool2d {
    tarn_module module;
    struct numbers {
        int height, width;
    } numbers;
} adaptive_avg_pool2d;

static tarn_tensor *forward(tarn_module *module, tarn_tensor *x)
{
    const adaptive_avg_pool2d *self = (const adaptive_avg_pool2d *)module;
    return tarn_adaptive_avg_pool2d(x, self->numbers.height, self->numbers.width);
}

typedef struct numbers tarn_option_args;
static const tarn_option numbers[] = {TARN__MANDATORY(int, height) TARN__MANDATORY(int, width)};
TARN__MAKE(tarn_nn_adaptive_avg_pool2d(args->height, args->width))

const tarn_module_type tarn__nn_adaptive_avg_pool2d = {
    .name = "AdaptiveAvgPool2d",
    TARN_MODULE_NUMBERS(numbers, 2, adaptive_avg_pool2d, numbers),
    .make = make,
    .forward = forward};

tarn_module *tarn_nn_adaptive_avg_pool2d(int height, int width)
{
    if (!tarn__nn_at_least("nn_adaptive_avg_pool2d", "height", height, 1) ||
        !tarn__nn_at_least("nn_adaptive_avg_pool2d", "width", width, 1))
        return NULL;
    adaptive_avg_pool2d *self = tarn_nn_new(&tarn__nn_adaptive_avg_pool2d, sizeof *self);
    if (!self)
        return NULL;
    self->numbers.height = height;
    self->numbers.width = width;
    return &self->module;
}
