/*
 * Root mean square normalization layer: tarn_rms_norm() over the last dimension, with a parameter
 * of its own, or 1 in its place.
 *
 *     x (..., size), y as x; weight (size)
 */
#include <math.h>

#include "core/base/error.h"
#include "core/ops/extras.h"
#include "nn/extras.h"
#include "nn/layer.h"

typedef struct rms_norm {
    tarn_module module;
    tarn_nn_rms_norm_args args;
    tarn__nn_affine own;
} rms_norm;

static tarn_tensor *forward(tarn_module *module, tarn_tensor *x)
{
    const rms_norm *self = (const rms_norm *)module;
    return tarn_rms_norm(x, self->own.weight, .eps = self->args.eps);
}

static void free_own(tarn_module *module)
{
    tarn__nn_free_affine(&((rms_norm *)module)->own);
}

typedef tarn_nn_rms_norm_args tarn_option_args;
static const tarn_option numbers[] = {TARN__MANDATORY(int, size)
                                          TARN_NN_RMS_NORM_OPTIONS(TARN__NUMBER)};
TARN__MAKE(tarn_nn_rms_norm_with(*args))

const tarn_module_type tarn__nn_rms_norm = {.name = "RMSNorm",
                                            TARN_MODULE_NUMBERS(numbers, 1, rms_norm, args),
                                            .make = make,
                                            .forward = forward,
                                            .free = free_own};

tarn_module *tarn_nn_rms_norm_with(tarn_nn_rms_norm_args args)
{
    if (!tarn__nn_at_least("nn_rms_norm", "size", args.size, 1))
        return NULL;
    if (!(args.eps >= 0 && args.eps < INFINITY))
        return tarn_fail("nn_rms_norm: eps is %g, expects a finite number of at least 0", args.eps);
    rms_norm *self = tarn_nn_new(&tarn__nn_rms_norm, sizeof *self);
    if (!self)
        return NULL;
    self->args = args;
    if (tarn__nn_add_affine(&self->module, args.size, false, args.affine, &self->own))
        return &self->module;
    tarn_nn_free(&self->module);
    return NULL;
}
