/*
 * Transposed convolution layer: tarn_conv_transpose2d() with a weight and a bias of its own.
 *
 *     x (N, H, W, in), weight (kernel, kernel_w, out/groups, in), bias (out), y (N, OH, OW, out)
 */
#include "core/base/error.h"
#include "core/ops.h"
#include "nn/layer.h"

typedef struct conv_transpose2d {
    tarn_module module;
    tarn_nn_conv_transpose2d_args args;
    tarn__nn_weights own;
} conv_transpose2d;

static tarn_tensor *forward(tarn_module *module, tarn_tensor *x)
{
    const conv_transpose2d *self = (const conv_transpose2d *)module;
    const tarn_nn_conv_transpose2d_args *args = &self->args;
    return tarn_conv_transpose2d(
        x, tarn__nn_weight(&self->own), self->own.bias, .stride = args->stride,
        .stride_w = args->stride_w, .padding = args->padding, .padding_w = args->padding_w,
        .dilation = args->dilation, .dilation_w = args->dilation_w, .groups = args->groups,
        .output_padding = args->output_padding, .output_padding_w = args->output_padding_w);
}

typedef tarn_nn_conv_transpose2d_args tarn_option_args;
static const tarn_option numbers[] = {TARN__MANDATORY(int, in) TARN__MANDATORY(
    int, out) TARN__MANDATORY(int, kernel) TARN_NN_CONV_TRANSPOSE2D_OPTIONS(TARN__NUMBER)};
TARN__MAKE(tarn_nn_conv_transpose2d_with(*args))

const tarn_module_type tarn__nn_conv_transpose2d = {
    .name = "ConvTranspose2d",
    TARN_MODULE_NUMBERS(numbers, 3, conv_transpose2d, args),
    .make = make,
    .forward = forward};

/* Whether the extra rows, or columns, are fewer than what a step, or a tap, leaves open. */
static bool leaves_room(const char *axis, int extra, int stride, int dilation)
{
    return extra < stride || extra < dilation ||
           tarn_fail("nn_conv_transpose2d: output_padding%s is %d, expects less than stride, %d, "
                     "or dilation, %d",
                     axis, extra, stride, dilation);
}

static bool numbers_are_right(tarn_nn_conv_transpose2d_args *args)
{
    static const char me[] = "nn_conv_transpose2d";
    if (!tarn__nn_at_least(me, "in", args->in, 1) || !tarn__nn_at_least(me, "out", args->out, 1) ||
        !tarn__nn_pair_at_least(me, "kernel", args->kernel, &args->kernel_w, 1) ||
        !tarn__nn_pair_at_least(me, "stride", args->stride, &args->stride_w, 1) ||
        !tarn__nn_pair_at_least(me, "padding", args->padding, &args->padding_w, 0) ||
        !tarn__nn_pair_at_least(me, "dilation", args->dilation, &args->dilation_w, 1) ||
        !tarn__nn_pair_at_least(me, "output_padding", args->output_padding, &args->output_padding_w,
                                0) ||
        !tarn__nn_at_least(me, "groups", args->groups, 1))
        return false;
    if (args->in % args->groups || args->out % args->groups)
        return tarn_fail("%s: groups is %d, expects a divisor of in, %d, and of out, %d", me,
                         args->groups, args->in, args->out);
    return leaves_room("", args->output_padding, args->stride, args->dilation) &&
           leaves_room("_w", tarn__nn_width(args->output_padding_w, args->output_padding),
                       tarn__nn_width(args->stride_w, args->stride),
                       tarn__nn_width(args->dilation_w, args->dilation));
}

tarn_module *tarn_nn_conv_transpose2d_with(tarn_nn_conv_transpose2d_args args)
{
    if (!numbers_are_right(&args))
        return NULL;
    conv_transpose2d *self = tarn_nn_new(&tarn__nn_conv_transpose2d, sizeof *self);
    if (!self)
        return NULL;
    self->args = args;
    const int width = tarn__nn_width(args.kernel_w, args.kernel), out = args.out / args.groups;
    tarn_module *layer = tarn__nn_with_weights(
        &self->module, tarn_shape(args.kernel, width, out, args.in), args.bias ? args.out : 0,
        (double)args.kernel * width * out, &self->own);
    return tarn__nn_with_lengths(layer, args.weight_norm, &self->own);
}
