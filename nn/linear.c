/*
 * Linear (fully connected) layer.
 *
 *     y = x weight + bias        x (N, ..., in), weight (in, out), bias (out), y (N, ..., out)
 */
#include "core/base/error.h"
#include "core/ops.h"
#include "nn/layer.h"

typedef struct linear {
    tarn_module module;
    tarn_nn_linear_args args;
    tarn__nn_weights own;
} linear;

static tarn_tensor *forward(tarn_module *module, tarn_tensor *x, tarn_epilogue after)
{
    const linear *self = (const linear *)module;
    const int ndim = tarn_ndim(x);
    if (ndim < 2)
        return tarn_fail("nn_linear: input %s has %d dimensions, expects (N,%d), or more",
                         tarn_shape_to_text(tarn_shape_get(x)).text, ndim, self->args.in);
    if (tarn_dim(x, ndim - 1) != self->args.in)
        return tarn_fail("nn_linear: input %s has %lld features, expects %d%s",
                         tarn_shape_to_text(tarn_shape_get(x)).text,
                         (long long)tarn_dim(x, ndim - 1), self->args.in,
                         tarn_size(x) / tarn_dim(x, 0) == self->args.in ? "; flatten it first"
                                                                        : "");
    return tarn_linear(x, tarn__nn_weight(&self->own), self->own.bias, .relu = after.relu);
}

typedef tarn_nn_linear_args tarn_option_args;
static const tarn_option numbers[] = {TARN__MANDATORY(int, in) TARN__MANDATORY(int, out)
                                          TARN_NN_LINEAR_OPTIONS(TARN__NUMBER)};
TARN__MAKE(tarn_nn_linear_with(*args))

const tarn_module_type tarn__nn_linear = {.name = "Linear",
                                          TARN_MODULE_NUMBERS(numbers, 2, linear, args),
                                          .make = make,
                                          .takes = {.relu = true},
                                          .forward_fused = forward};

tarn_module *tarn_nn_linear_with(tarn_nn_linear_args args)
{
    if (!tarn__nn_at_least("nn_linear", "in", args.in, 1) ||
        !tarn__nn_at_least("nn_linear", "out", args.out, 1))
        return NULL;
    linear *self = tarn_nn_new(&tarn__nn_linear, sizeof *self);
    if (!self)
        return NULL;
    self->args = args;
    tarn_module *layer = tarn__nn_with_weights(&self->module, tarn_shape(args.in, args.out),
                                               args.bias ? args.out : 0, args.in, &self->own);
    return tarn__nn_with_lengths(layer, args.weight_norm, &self->own);
}
