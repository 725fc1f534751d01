/*
 * ReLU with a learned slope: tarn_prelu() with a parameter of its own.
 *
 *     x (...) for one slope, else (..., channels), y as x; weight (channels)
 */
#include <math.h>

#include "core/base/error.h"
#include "core/ops/extras.h"
#include "nn/extras.h"
#include "nn/layer.h"

typedef struct prelu {
    tarn_module module;
    tarn_nn_prelu_args args;
    tarn_tensor *weight;
} prelu;

static tarn_tensor *forward(tarn_module *module, tarn_tensor *x)
{
    const prelu *self = (const prelu *)module;
    const int channels = self->args.channels;
    if (channels > 1 && (tarn_ndim(x) < 1 || tarn_dim(x, -1) != channels))
        return tarn_fail("nn_prelu: input %s, expects (...,%d)",
                         tarn_shape_to_text(tarn_shape_get(x)).text, channels);
    return tarn_prelu(x, self->weight);
}

typedef tarn_nn_prelu_args tarn_option_args;
static const tarn_option numbers[] = {TARN_NN_PRELU_OPTIONS(TARN__NUMBER)};
TARN__MAKE(tarn_nn_prelu_with(*args))

const tarn_module_type tarn__nn_prelu = {.name = "PReLU",
                                         TARN_MODULE_NUMBERS(numbers, 0, prelu, args),
                                         .make = make,
                                         .forward = forward};

tarn_module *tarn_nn_prelu_with(tarn_nn_prelu_args args)
{
    if (!tarn__nn_at_least("nn_prelu", "channels", args.channels, 1))
        return NULL;
    if (!isfinite((tarn_real)args.slope))
        return tarn_fail("nn_prelu: slope is %g, expects a finite number", args.slope);
    prelu *self = tarn_nn_new(&tarn__nn_prelu, sizeof *self);
    if (!self)
        return NULL;
    self->args = args;
    self->weight = tarn_full(tarn_shape(args.channels), args.slope);
    if (tarn_nn_add_parameter(&self->module, "weight", self->weight))
        return &self->module;
    tarn_nn_free(&self->module);
    return NULL;
}
