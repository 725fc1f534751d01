/*
 * Group normalization layer: tarn_group_norm() with parameters of its
 * own, or 1 and 0 in their place.
 *
 *     x (N, H, W, channels), y as x; weight, bias (channels)
 */
#include <math.h>

#include "core/base/error.h"
#include "core/ops.h"
#include "nn/layer.h"

typedef struct group_norm {
    tarn_module module;
    tarn_nn_group_norm_args args;
    tarn__nn_affine own;
} group_norm;

static tarn_tensor *forward(tarn_module *module, tarn_tensor *x)
{
    const group_norm *self = (const group_norm *)module;
    return tarn_group_norm(x, self->args.groups, self->own.weight, self->own.bias,
                           .eps = self->args.eps);
}

static void free_own(tarn_module *module)
{
    tarn__nn_free_affine(&((group_norm *)module)->own);
}

typedef tarn_nn_group_norm_args tarn_option_args;
static const tarn_option numbers[] = {TARN__MANDATORY(int, groups) TARN__MANDATORY(int, channels)
                                          TARN_NN_NORM_OPTIONS(TARN__NUMBER)};
TARN__MAKE(tarn_nn_group_norm_with(*args))

const tarn_module_type tarn__nn_group_norm = {.name = "GroupNorm",
                                              TARN_MODULE_NUMBERS(numbers, 2, group_norm, args),
                                              .make = make,
                                              .forward = forward,
                                              .free = free_own};

tarn_module *tarn_nn_group_norm_with(tarn_nn_group_norm_args args)
{
    if (!tarn__nn_at_least("nn_group_norm", "channels", args.channels, 1))
        return NULL;
    if (args.groups < 1 || args.channels % args.groups != 0)
        return tarn_fail("nn_group_norm: groups is %d, expects a divisor of channels, %d",
                         args.groups, args.channels);
    if (!(args.eps > 0 && args.eps < INFINITY))
        return tarn_fail("nn_group_norm: eps is %g, expects a finite number above 0", args.eps);
    group_norm *self = tarn_nn_new(&tarn__nn_group_norm, sizeof *self);
    if (!self)
        return NULL;
    self->args = args;
    if (tarn__nn_add_affine(&self->module, args.channels, true, args.affine, &self->own))
        return &self->module;
    tarn_nn_free(&self->module);
    return NULL;
}
