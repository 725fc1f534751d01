/*
 * Batch normalization layer: tarn_batch_norm2d() with parameters and running statistics of its own.
 *
 *     x (N, H, W, channels), y as x; weight, bias, running_mean, running_var (channels)
 *
 * Cumulative running statistics are the means over the k batches so far, by a momentum of 1 / k.
 */
#include <math.h>

#include "core/base/error.h"
#include "core/ops.h"
#include "nn/batch_norm2d_internal.h"
#include "nn/layer.h"

typedef struct batch_norm2d {
    tarn_module module;
    tarn_nn_batch_norm2d_args args;
    tarn__nn_affine own;
    tarn_tensor *running_mean, *running_var;
    tarn_tensor *batches; /* how many so far; NULL unless cumulative */
    int64_t recalibrated; /* how many are asked for instead, see nn/recalibrate.c; 0: none */
} batch_norm2d;

/* How many batches the running statistics are of with this one. 0: the momentum is fixed. */
static double batches_with_this(const batch_norm2d *self)
{
    if (self->recalibrated > 0)
        return (double)self->recalibrated;
    return self->batches ? fmax(0, (double)tarn_item(self->batches)) + 1 : 0;
}

tarn_batch_norm2d_args tarn__nn_batch_norm2d_call(const tarn_module *module, tarn_tensor *x)
{
    const batch_norm2d *self = (const batch_norm2d *)module;
    const double batches = batches_with_this(self);
    return (tarn_batch_norm2d_args){.x = x,
                                    .gamma = self->own.weight,
                                    .beta = self->own.bias,
                                    .running_mean = self->running_mean,
                                    .running_var = self->running_var,
                                    .training = module->training,
                                    .momentum = batches > 0 ? 1 / batches : self->args.momentum,
                                    .eps = self->args.eps};
}

tarn_tensor *tarn__nn_batch_norm2d_count(const tarn_module *module, tarn_tensor *y)
{
    const batch_norm2d *self = (const batch_norm2d *)module;
    if (y && module->training && self->batches)
        tarn_values(self->batches)[0] = (tarn_real)batches_with_this(self);
    return y;
}

static tarn_tensor *forward(tarn_module *module, tarn_tensor *x, tarn_epilogue after)
{
    tarn_batch_norm2d_args call = tarn__nn_batch_norm2d_call(module, x);
    call.relu = after.relu;
    return tarn__nn_batch_norm2d_count(module, tarn_batch_norm2d_with(call));
}

static void free_own(tarn_module *module)
{
    tarn__nn_free_affine(&((batch_norm2d *)module)->own);
}

typedef tarn_nn_batch_norm2d_args tarn_option_args;
static const tarn_option numbers[] = {TARN__MANDATORY(int, channels)
                                          TARN_NN_BATCH_NORM2D_OPTIONS(TARN__NUMBER)};
TARN__MAKE(tarn_nn_batch_norm2d_with(*args))

const tarn_module_type tarn__nn_batch_norm2d = {.name = "BatchNorm2d",
                                                TARN_MODULE_NUMBERS(numbers, 1, batch_norm2d, args),
                                                .make = make,
                                                .takes = {.relu = true},
                                                .forward_fused = forward,
                                                .free = free_own};

void tarn__nn_batch_norm2d_recalibrate(tarn_module *module, int64_t batches)
{
    ((batch_norm2d *)module)->recalibrated = batches;
}

static bool numbers_are_right(const tarn_nn_batch_norm2d_args *args)
{
    if (!tarn__nn_at_least("nn_batch_norm2d", "channels", args->channels, 1))
        return false;
    if (!(args->momentum >= 0 && args->momentum <= 1))
        return tarn_fail("nn_batch_norm2d: momentum is %g, expects a number in [0, 1]",
                         args->momentum);
    if (!(args->eps > 0 && args->eps < INFINITY))
        return tarn_fail("nn_batch_norm2d: eps is %g, expects a finite number above 0", args->eps);
    return true;
}

tarn_module *tarn_nn_batch_norm2d_with(tarn_nn_batch_norm2d_args args)
{
    if (!numbers_are_right(&args))
        return NULL;
    batch_norm2d *self = tarn_nn_new(&tarn__nn_batch_norm2d, sizeof *self);
    if (!self)
        return NULL;
    const tarn_shape shape = tarn_shape(args.channels);
    self->args = args;
    self->running_mean = tarn_zeros(shape);
    self->running_var = tarn_full(shape, 1);
    /* Goes on after a failure, so that every tensor ends up owned or freed. */
    bool complete =
        tarn__nn_add_affine(&self->module, args.channels, true, args.affine, &self->own);
    complete &= tarn_nn_add_buffer(&self->module, "running_mean", self->running_mean);
    complete &= tarn_nn_add_buffer(&self->module, "running_var", self->running_var);
    if (args.cumulative) {
        self->batches = tarn_zeros(tarn_shape());
        complete &= tarn_nn_add_buffer(&self->module, "num_batches_tracked", self->batches);
    }
    if (complete)
        return &self->module;
    tarn_nn_free(&self->module);
    return NULL;
}
