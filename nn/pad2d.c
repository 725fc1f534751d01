/* Padding of images: tarn_pad() of H and W. */
#include "core/base/error.h"
#include "core/ops.h"
#include "nn/layer.h"

typedef struct pad2d {
    tarn_module module;
    tarn_nn_pad2d_args args;
} pad2d;

static tarn_tensor *forward(tarn_module *module, tarn_tensor *x)
{
    const tarn_nn_pad2d_args *args = &((const pad2d *)module)->args;
    if (tarn_ndim(x) != 4)
        return tarn_fail("nn_pad2d: input %s, expects (N,H,W,C)",
                         tarn_shape_to_text(tarn_shape_get(x)).text);
    const int width = tarn__nn_width(args->padding_w, args->padding);
    const tarn_shape border = tarn_shape(0, args->padding, width, 0);
    return tarn_pad(x, border, border, .mode = (tarn_pad_mode)args->mode);
}

typedef tarn_nn_pad2d_args tarn_option_args;
static const tarn_option numbers[] = {TARN__MANDATORY(int, padding)
                                          TARN_NN_PAD2D_OPTIONS(TARN__NUMBER)};
TARN__MAKE(tarn_nn_pad2d_with(*args))

const tarn_module_type tarn__nn_pad2d = {.name = "Pad2d",
                                         TARN_MODULE_NUMBERS(numbers, 1, pad2d, args),
                                         .make = make,
                                         .forward = forward};

tarn_module *tarn_nn_pad2d_with(tarn_nn_pad2d_args args)
{
    if (!tarn__nn_pair_at_least("nn_pad2d", "padding", args.padding, &args.padding_w, 0) ||
        !tarn__nn_is_pad_mode("nn_pad2d", "mode", args.mode))
        return NULL;
    pad2d *self = tarn_nn_new(&tarn__nn_pad2d, sizeof *self);
    if (!self)
        return NULL;
    self->args = args;
    return &self->module;
}
