/* Pooling layers: tarn_max_pool2d() and tarn_avg_pool2d(). */
#include "core/base/error.h"
#include "core/ops.h"
#include "nn/layer.h"

typedef struct pool2d {
    tarn_module module;
    tarn_nn_pool2d_args args; /* stride: TARN_AS_KERNEL where it is that large */
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

typedef tarn_nn_pool2d_args tarn_option_args;
static const tarn_option numbers[] = {TARN__MANDATORY(int, kernel)
                                          TARN_POOL2D_OPTIONS(TARN__NUMBER)};
#define NUMBERS TARN_MODULE_NUMBERS(numbers, 1, pool2d, args)

static tarn_module *make_max(const void *args, int count, tarn_module *const *children)
{
    (void)count, (void)children;
    return tarn_nn_max_pool2d_with(*(const tarn_nn_pool2d_args *)args);
}

static tarn_module *make_avg(const void *args, int count, tarn_module *const *children)
{
    (void)count, (void)children;
    return tarn_nn_avg_pool2d_with(*(const tarn_nn_pool2d_args *)args);
}

const tarn_module_type tarn__nn_max_pool2d = {.name = "MaxPool2d",
                                              .forward = max_forward,
                                              .epilogue = max_epilogue,
                                              NUMBERS,
                                              .make = make_max};
const tarn_module_type tarn__nn_avg_pool2d = {
    .name = "AvgPool2d", .forward = avg_forward, NUMBERS, .make = make_avg};

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
    self->args = args;
    if (args.stride == args.kernel)
        self->args.stride = TARN_AS_KERNEL;
    self->kernel = args.kernel;
    self->stride = args.stride;
    self->padding = args.padding;
    return &self->module;
}

tarn_module *tarn_nn_max_pool2d_with(tarn_nn_pool2d_args args)
{
    return pool2d_new(&tarn__nn_max_pool2d, "nn_max_pool2d", args);
}

tarn_module *tarn_nn_avg_pool2d_with(tarn_nn_pool2d_args args)
{
    return pool2d_new(&tarn__nn_avg_pool2d, "nn_avg_pool2d", args);
}
