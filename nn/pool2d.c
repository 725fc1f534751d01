/* Pooling layers: tarn_max_pool2d() and tarn_avg_pool2d(). */
#include <stdio.h>

#include "core/base/error.h"
#include "core/ops.h"
#include "nn/layer.h"

typedef struct pool2d {
    tarn_module module;
    int kernel, stride, padding;
} pool2d;

static tarn_tensor *max_forward(tarn_module *module, tarn_tensor *x)
{
    const pool2d *self = (const pool2d *)module;
    return tarn_max_pool2d(x, self->kernel, .stride = self->stride, .padding = self->padding);
}

static tarn_tensor *avg_forward(tarn_module *module, tarn_tensor *x)
{
    const pool2d *self = (const pool2d *)module;
    return tarn_avg_pool2d(x, self->kernel, .stride = self->stride, .padding = self->padding);
}

/* Windows that neither overlap nor leave gaps, nor reach into padding. */
static tarn_epilogue max_epilogue(const tarn_module *module)
{
    const pool2d *self = (const pool2d *)module;
    const bool side_by_side = self->stride == self->kernel && self->padding == 0;
    return (tarn_epilogue){.max_pool = side_by_side && self->kernel > 1 ? self->kernel : 0};
}

static void describe(const tarn_module *module, char *text, size_t size)
{
    const pool2d *self = (const pool2d *)module;
    snprintf(text, size, "%d", self->kernel);
    tarn__describe_option(text, size, "stride", self->stride, self->kernel);
    tarn__describe_option(text, size, "padding", self->padding, 0);
}

static const tarn_module_type max_type = {
    .name = "MaxPool2d", .forward = max_forward, .describe = describe, .epilogue = max_epilogue};
static const tarn_module_type avg_type = {
    .name = "AvgPool2d", .forward = avg_forward, .describe = describe};

static tarn_module *pool2d_new(const tarn_module_type *type, const char *layer,
                               tarn_nn_pool2d_args args)
{
    if (args.stride == TARN_AS_KERNEL)
        args.stride = args.kernel;
    if (!tarn__nn_at_least(layer, "kernel", args.kernel, 1) ||
        !tarn__nn_at_least(layer, "stride", args.stride, 1))
        return NULL;
    if (args.padding < 0 || args.padding > args.kernel / 2)
        return tarn_fail("%s: padding is %d, expects 0 to %d, half of the kernel", layer,
                         args.padding, args.kernel / 2);
    pool2d *self = tarn_nn_new(type, sizeof *self);
    if (!self)
        return NULL;
    self->kernel = args.kernel;
    self->stride = args.stride;
    self->padding = args.padding;
    return &self->module;
}

tarn_module *tarn_nn_max_pool2d_with(tarn_nn_pool2d_args args)
{
    return pool2d_new(&max_type, "nn_max_pool2d", args);
}

tarn_module *tarn_nn_avg_pool2d_with(tarn_nn_pool2d_args args)
{
    return pool2d_new(&avg_type, "nn_avg_pool2d", args);
}
