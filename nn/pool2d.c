/* Pooling layers: tarn_max_pool2d() and tarn_avg_pool2d(). */
#include "core/base/error.h"
#include "core/ops.h"
#include "nn/layer.h"

typedef struct max_pool2d {
    tarn_module module;
    tarn_nn_max_pool2d_args args; /* stride: TARN_AS_KERNEL where it is that large */
} max_pool2d;

typedef struct avg_pool2d {
    tarn_module module;
    tarn_nn_avg_pool2d_args args; /* so here */
} avg_pool2d;

static tarn_tensor *max_forward(tarn_module *module, tarn_tensor *x)
{
    const tarn_nn_max_pool2d_args *a = &((const max_pool2d *)module)->args;
    return tarn_max_pool2d(x, a->kernel, .kernel_w = a->kernel_w, .stride = a->stride,
                           .stride_w = a->stride_w, .padding = a->padding,
                           .padding_w = a->padding_w, .ceil_mode = a->ceil_mode,
                           .dilation = a->dilation, .dilation_w = a->dilation_w);
}

static tarn_tensor *avg_forward(tarn_module *module, tarn_tensor *x)
{
    const tarn_nn_avg_pool2d_args *a = &((const avg_pool2d *)module)->args;
    return tarn_avg_pool2d(x, a->kernel, .kernel_w = a->kernel_w, .stride = a->stride,
                           .stride_w = a->stride_w, .padding = a->padding,
                           .padding_w = a->padding_w, .ceil_mode = a->ceil_mode,
                           .count_include_pad = a->count_include_pad);
}

/* Square windows that neither overlap nor leave gaps, nor reach beyond the image. */
static tarn_epilogue max_epilogue(const tarn_module *module)
{
    const tarn_nn_max_pool2d_args *a = &((const max_pool2d *)module)->args;
    const bool side_by_side = a->stride == TARN_AS_KERNEL && a->stride_w == TARN_AS_HEIGHT;
    const bool square =
        a->kernel_w == TARN_AS_HEIGHT && a->dilation == 1 && a->dilation_w == TARN_AS_HEIGHT;
    const bool inside = a->padding == 0 && a->padding_w == TARN_AS_HEIGHT && !a->ceil_mode;
    return (tarn_epilogue){.max_pool =
                               side_by_side && square && inside && a->kernel > 1 ? a->kernel : 0};
}

#define MAKE(name)                                                                                 \
    static tarn_module *make_##name(const void *args, int count, tarn_module *const *children)     \
    {                                                                                              \
        (void)count, (void)children;                                                               \
        return tarn_nn_##name##2d_with(*(const tarn_nn_##name##2d_args *)args);                    \
    }
MAKE(max_pool)
MAKE(avg_pool)

#define tarn_option_args tarn_nn_max_pool2d_args
static const tarn_option max_numbers[] = {TARN__MANDATORY(int, kernel)
                                              TARN_MAX_POOL2D_OPTIONS(TARN__NUMBER)};
#undef tarn_option_args
#define tarn_option_args tarn_nn_avg_pool2d_args
static const tarn_option avg_numbers[] = {TARN__MANDATORY(int, kernel)
                                              TARN_AVG_POOL2D_OPTIONS(TARN__NUMBER)};
#undef tarn_option_args

const tarn_module_type tarn__nn_max_pool2d = {.name = "MaxPool2d",
                                              .forward = max_forward,
                                              .epilogue = max_epilogue,
                                              TARN_MODULE_NUMBERS(max_numbers, 1, max_pool2d, args),
                                              .make = make_max_pool};
const tarn_module_type tarn__nn_avg_pool2d = {.name = "AvgPool2d",
                                              .forward = avg_forward,
                                              TARN_MODULE_NUMBERS(avg_numbers, 1, avg_pool2d, args),
                                              .make = make_avg_pool};

static bool padding_fits(const char *layer, const char *axis, int padding, int kernel, int dilation)
{
    const int64_t half = ((int64_t)dilation * (kernel - 1) + 1) / 2;
    return (padding >= 0 && padding <= half) ||
           tarn_fail("%s: padding%s is %d, expects 0 to %lld, half of the kernel", layer, axis,
                     padding, (long long)half);
}

/* Whether the numbers are right; those that say what the defaults do become these. */
static bool numbers_are_right(const char *layer, tarn_nn_max_pool2d_args *a)
{
    if (!tarn__nn_pair_at_least(layer, "kernel", a->kernel, &a->kernel_w, 1))
        return false;
    const int width = tarn__nn_width(a->kernel_w, a->kernel);
    const int stride = a->stride == TARN_AS_KERNEL ? a->kernel : a->stride;
    int stride_w = a->stride_w != TARN_AS_HEIGHT ? a->stride_w
                   : a->stride == TARN_AS_KERNEL ? width
                                                 : a->stride;
    const bool as_kernel = stride == a->kernel && stride_w == width;
    if (!tarn__nn_pair_at_least(layer, "stride", stride, &stride_w, 1) ||
        !tarn__nn_pair_at_least(layer, "dilation", a->dilation, &a->dilation_w, 1) ||
        !padding_fits(layer, "", a->padding, a->kernel, a->dilation) ||
        !padding_fits(layer, "_w", tarn__nn_width(a->padding_w, a->padding), width,
                      tarn__nn_width(a->dilation_w, a->dilation)) ||
        !tarn__nn_pair_at_least(layer, "padding", a->padding, &a->padding_w, 0))
        return false;
    a->stride = as_kernel ? TARN_AS_KERNEL : stride;
    a->stride_w = as_kernel ? TARN_AS_HEIGHT : stride_w;
    return true;
}

tarn_module *tarn_nn_max_pool2d_with(tarn_nn_max_pool2d_args args)
{
    if (!numbers_are_right("nn_max_pool2d", &args))
        return NULL;
    max_pool2d *self = tarn_nn_new(&tarn__nn_max_pool2d, sizeof *self);
    if (!self)
        return NULL;
    self->args = args;
    return &self->module;
}

tarn_module *tarn_nn_avg_pool2d_with(tarn_nn_avg_pool2d_args args)
{
    tarn_nn_max_pool2d_args checked = {.kernel = args.kernel,
                                       .kernel_w = args.kernel_w,
                                       .stride = args.stride,
                                       .stride_w = args.stride_w,
                                       .padding = args.padding,
                                       .padding_w = args.padding_w,
                                       .dilation = 1,
                                       .dilation_w = 1};
    if (!numbers_are_right("nn_avg_pool2d", &checked))
        return NULL;
    avg_pool2d *self = tarn_nn_new(&tarn__nn_avg_pool2d, sizeof *self);
    if (!self)
        return NULL;
    args.kernel_w = checked.kernel_w;
    args.stride = checked.stride;
    args.stride_w = checked.stride_w;
    args.padding_w = checked.padding_w;
    self->args = args;
    return &self->module;
}
