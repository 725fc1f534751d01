/*
 * Layer normalization layer: tarn_layer_norm() over the last dimension, with parameters of its
 * own, or 1 and 0 in their place.
 *
 *     x (..., size), y as x; weight, bias (size)
 */
#include <math.h>

#include "core/base/error.h"
#include "core/ops/extras.h"
#include "nn/extras.h"
#include "nn/layer.h"

typedef struct layer_norm {
    tarn_module module;
    tarn_nn_layer_norm_args args;
    tarn__nn_affine own;
} layer_norm;

static tarn_tensor *forward(tarn_module *module, tarn_tensor *x)
{
    const layer_norm *self = (const layer_norm *)module;
    return tarn_layer_norm(x, self->own.weight, self->own.bias, .eps = self->args.eps);
}

static void free_own(tarn_module *module)
{
    tarn__nn_free_affine(&((layer_norm *)module)->own);
}

typedef tarn_nn_layer_norm_args tarn_option_args;
static const tarn_option numbers[] = {TARN__MANDATORY(int, size)
                                          TARN_NN_NORM_OPTIONS(TARN__NUMBER)};
TARN__MAKE(tarn_nn_layer_norm_with(*args))

const tarn_module_type tarn__nn_layer_norm = {.name = "LayerNorm",
                                              TARN_MODULE_NUMBERS(numbers, 1, layer_norm, args),
                                              .make = make,
                                              .forward = forward,
                                              .free = free_own};

tarn_module *tarn_nn_layer_norm_with(tarn_nn_layer_norm_args args)
{
    if (!tarn__nn_at_least("nn_layer_norm", "size", args.size, 1))
        return NULL;
    if (!(args.eps > 0 && args.eps < INFINITY))
        return tarn_fail("nn_layer_norm: eps is %g, expects a finite number above 0", args.eps);
    layer_norm *self = tarn_nn_new(&tarn__nn_layer_norm, sizeof *self);
    if (!self)
        return NULL;
    self->args = args;
    if (tarn__nn_add_affine(&self->module, args.size, true, args.affine, &self->own))
        return &self->module;
    tarn_nn_free(&self->module);
    return NULL;
}
