/* Zero padding of images: tarn_pad() of H and W. */
#include "core/base/error.h"
#include "core/ops.h"
#include "nn/layer.h"

typedef struct pad2d {
    tarn_module module;
    struct numbers {
        int padding;
    } numbers;
} pad2d;

static tarn_tensor *forward(tarn_module *module, tarn_tensor *x)
{
    const int padding = ((const pad2d *)module)->numbers.padding;
    if (tarn_ndim(x) != 4)
        return tarn_fail("nn_pad2d: input %s, expects (N,H,W,C)",
                         tarn_shape_to_text(tarn_shape_get(x)).text);
    const tarn_shape border = tarn_shape(0, padding, padding, 0);
    return tarn_pad(x, border, border);
}

typedef struct numbers tarn_option_args;
static const tarn_option numbers[] = {TARN__MANDATORY(int, padding)};
TARN__MAKE(tarn_nn_pad2d(args->padding))

const tarn_module_type tarn__nn_pad2d = {.name = "Pad2d",
                                         TARN_MODULE_NUMBERS(numbers, 1, pad2d, numbers),
                                         .make = make,
                                         .forward = forward};

tarn_module *tarn_nn_pad2d(int padding)
{
    if (!tarn__nn_at_least("nn_pad2d", "padding", padding, 0))
        return NULL;
    pad2d *self = tarn_nn_new(&tarn__nn_pad2d, sizeof *self);
    if (!self)
        return NULL;
    self->numbers.padding = padding;
    return &self->module;
}
