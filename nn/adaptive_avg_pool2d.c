/* Pooling layer: tarn_adaptive_avg_pool2d() to a fixed size. */
#include <stdio.h>

#include "core/ops.h"
#include "nn/layer.h"

typedef struct adaptive_avg_pool2d {
    tarn_module module;
    int height, width;
} adaptive_avg_pool2d;

static tarn_tensor *forward(tarn_module *module, tarn_tensor *x)
{
    const adaptive_avg_pool2d *self = (const adaptive_avg_pool2d *)module;
    return tarn_adaptive_avg_pool2d(x, self->height, self->width);
}

static void describe(const tarn_module *module, char *text, size_t size)
{
    const adaptive_avg_pool2d *self = (const adaptive_avg_pool2d *)module;
    snprintf(text, size, "%d, %d", self->height, self->width);
}

static const tarn_module_type type = {
    .name = "AdaptiveAvgPool2d", .forward = forward, .describe = describe};

tarn_module *tarn_nn_adaptive_avg_pool2d(int height, int width)
{
    if (!tarn__nn_at_least("nn_adaptive_avg_pool2d", "height", height, 1) ||
        !tarn__nn_at_least("nn_adaptive_avg_pool2d", "width", width, 1))
        return NULL;
    adaptive_avg_pool2d *self = tarn_nn_new(&type, sizeof *self);
    if (!self)
        return NULL;
    self->height = height;
    self->width = width;
    return &self->module;
}
