/* tarn_pixel_shuffle() and tarn_pixel_unshuffle() as layers. */
#include "core/ops.h"
#include "nn/extras.h"
#include "nn/layer.h"

typedef struct pixel_shuffle {
    tarn_module module;
    struct numbers {
        int factor;
    } numbers;
} pixel_shuffle;

typedef struct numbers tarn_option_args;
static const tarn_option numbers[] = {TARN__MANDATORY(int, factor)};

static tarn_module *pixel_shuffle_new(const tarn_module_type *type, const char *layer, int factor)
{
    if (!tarn__nn_at_least(layer, "factor", factor, 1))
        return NULL;
    pixel_shuffle *self = tarn_nn_new(type, sizeof *self);
    if (!self)
        return NULL;
    self->numbers.factor = factor;
    return &self->module;
}

#define LAYER(op, title)                                                                           \
    static tarn_tensor *op##_forward(tarn_module *module, tarn_tensor *x)                          \
    {                                                                                              \
        return tarn_##op(x, ((const pixel_shuffle *)module)->numbers.factor);                      \
    }                                                                                              \
    static tarn_module *op##_make(const void *args, int count, tarn_module *const *children)       \
    {                                                                                              \
        (void)count, (void)children;                                                               \
        return tarn_nn_##op(((const struct numbers *)args)->factor);                               \
    }                                                                                              \
    const tarn_module_type tarn__nn_##op = {                                                       \
        .name = title,                                                                             \
        TARN_MODULE_NUMBERS(numbers, 1, pixel_shuffle, numbers),                                   \
        .make = op##_make,                                                                         \
        .forward = op##_forward};                                                                  \
    tarn_module *tarn_nn_##op(int factor)                                                          \
    {                                                                                              \
        return pixel_shuffle_new(&tarn__nn_##op, "nn_" #op, factor);                               \
    }
LAYER(pixel_shuffle, "PixelShuffle")
LAYER(pixel_unshuffle, "PixelUnshuffle")
