/* Pooling layers to a fixed size: tarn_adaptive_avg_pool2d() and tarn_adaptive_max_pool2d(). */
#include "core/ops.h"
#include "nn/layer.h"

typedef struct adaptive_pool2d {
    tarn_module module;
    struct numbers {
        int height, width;
    } numbers;
} adaptive_pool2d;

typedef struct numbers tarn_option_args;
static const tarn_option numbers[] = {TARN__MANDATORY(int, height) TARN__MANDATORY(int, width)};

static tarn_module *adaptive_pool2d_new(const tarn_module_type *type, const char *layer, int height,
                                        int width)
{
    if (!tarn__nn_at_least(layer, "height", height, 1) ||
        !tarn__nn_at_least(layer, "width", width, 1))
        return NULL;
    adaptive_pool2d *self = tarn_nn_new(type, sizeof *self);
    if (!self)
        return NULL;
    self->numbers.height = height;
    self->numbers.width = width;
    return &self->module;
}

#define LAYER(op, title)                                                                           \
    static tarn_tensor *op##_forward(tarn_module *module, tarn_tensor *x)                          \
    {                                                                                              \
        const adaptive_pool2d *self = (const adaptive_pool2d *)module;                             \
        return tarn_##op(x, self->numbers.height, self->numbers.width);                            \
    }                                                                                              \
    static tarn_module *op##_make(const void *args, int count, tarn_module *const *children)       \
    {                                                                                              \
        (void)count, (void)children;                                                               \
        const struct numbers *n = args;                                                            \
        return tarn_nn_##op(n->height, n->width);                                                  \
    }                                                                                              \
    const tarn_module_type tarn__nn_##op = {                                                       \
        .name = title,                                                                             \
        TARN_MODULE_NUMBERS(numbers, 2, adaptive_pool2d, numbers),                                 \
        .make = op##_make,                                                                         \
        .forward = op##_forward};                                                                  \
    tarn_module *tarn_nn_##op(int height, int width)                                               \
    {                                                                                              \
        return adaptive_pool2d_new(&tarn__nn_##op, "nn_" #op, height, width);                      \
    }
LAYER(adaptive_avg_pool2d, "AdaptiveAvgPool2d")
LAYER(adaptive_max_pool2d, "AdaptiveMaxPool2d")
