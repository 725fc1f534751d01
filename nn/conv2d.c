/*
 * Convolution layer: tarn_conv2d() with a weight and a bias of its own.
 *
 *     x (N, H, W, in), weight (kernel, kernel_w, in/groups, out), bias (out), y (N, OH, OW, out)
 */
#include "core/base/error.h"
#include "core/ops.h"
#include "nn/layer.h"

typedef struct conv2d {
    tarn_module module;
    tarn_nn_conv2d_args args;
    tarn__nn_weights own;
} conv2d;

/* x with the padding that its convolution then does not have. */
static tarn_tensor *padded(const tarn_nn_conv2d_args *args, tarn_tensor *x)
{
    const int64_t dilation_w = tarn__nn_width(args->dilation_w, args->dilation);
    const int64_t kernel_w = tarn__nn_width(args->kernel_w, args->kernel);
    const int64_t all[] = {(int64_t)args->dilation * (args->kernel - 1),
                           dilation_w * (kernel_w - 1)};
    const int64_t given[] = {args->padding, tarn__nn_width(args->padding_w, args->padding)};
    tarn_shape before = tarn_shape(0, given[0], given[1], 0), after = before;
    for (int i = 0; args->same && i < 2; i++) {
        before.dim[1 + i] = all[i] / 2;
        after.dim[1 + i] = all[i] - all[i] / 2;
    }
    if (x && tarn_ndim(x) != 4)
        return x; /* tarn_conv2d() says what is wrong */
    return tarn_pad(x, before, after, .mode = (tarn_pad_mode)args->padding_mode);
}

static tarn_conv2d_args convolution(const tarn_module *module, tarn_tensor *x)
{
    const conv2d *self = (const conv2d *)module;
    const bool pads = self->args.padding_mode == TARN_PAD_CONSTANT;
    if (!pads)
        x = padded(&self->args, x);
    return (tarn_conv2d_args){.x = x,
                              .weight = tarn__nn_weight(&self->own),
                              .bias = self->own.bias,
                              .stride = self->args.stride,
                              .stride_w = self->args.stride_w,
                              .padding = pads ? self->args.padding : 0,
                              .padding_w = pads ? self->args.padding_w : 0,
                              .dilation = self->args.dilation,
                              .dilation_w = self->args.dilation_w,
                              .groups = self->args.groups,
                              .same = pads && self->args.same,
                              .max_pool = 1};
}

static tarn_tensor *forward(tarn_module *module, tarn_tensor *x, tarn_epilogue after)
{
    tarn_conv2d_args call = convolution(module, x);
    call.relu = after.relu;
    call.max_pool = after.max_pool > 0 ? after.max_pool : 1;
    return tarn_conv2d_with(call);
}

typedef tarn_nn_conv2d_args tarn_option_args;
static const tarn_option numbers[] = {TARN__MANDATORY(int, in) TARN__MANDATORY(
    int, out) TARN__MANDATORY(int, kernel) TARN_NN_CONV2D_OPTIONS(TARN__NUMBER)};
TARN__MAKE(tarn_nn_conv2d_with(*args))

const tarn_module_type tarn__nn_conv2d = {
    .name = "Conv2d",
    TARN_MODULE_NUMBERS(numbers, 3, conv2d, args),
    .make = make,
    .takes = {.relu = true, .max_pool = TARN_CONV2D_MOST_POOL},
    .forward_fused = forward,
    .convolution = convolution};

static bool numbers_are_right(tarn_nn_conv2d_args *args)
{
    static const char me[] = "nn_conv2d";
    if (!tarn__nn_at_least(me, "in", args->in, 1) || !tarn__nn_at_least(me, "out", args->out, 1) ||
        !tarn__nn_pair_at_least(me, "kernel", args->kernel, &args->kernel_w, 1) ||
        !tarn__nn_pair_at_least(me, "stride", args->stride, &args->stride_w, 1) ||
        !tarn__nn_pair_at_least(me, "padding", args->padding, &args->padding_w, 0) ||
        !tarn__nn_pair_at_least(me, "dilation", args->dilation, &args->dilation_w, 1) ||
        !tarn__nn_at_least(me, "groups", args->groups, 1) ||
        !tarn__nn_is_pad_mode(me, "padding_mode", args->padding_mode))
        return false;
    const bool plain = args->stride == 1 && args->stride_w == TARN_AS_HEIGHT &&
                       args->padding == 0 && args->padding_w == TARN_AS_HEIGHT;
    if (args->same && !plain)
        return tarn_fail("%s: same is set, expects stride 1 and no other padding with it", me);
    if (args->in % args->groups || args->out % args->groups)
        return tarn_fail("nn_conv2d: groups is %d, expects a divisor of in, %d, and of out, %d",
                         args->groups, args->in, args->out);
    return true;
}

tarn_module *tarn_nn_conv2d_with(tarn_nn_conv2d_args args)
{
    if (!numbers_are_right(&args))
        return NULL;
    conv2d *self = tarn_nn_new(&tarn__nn_conv2d, sizeof *self);
    if (!self)
        return NULL;
    self->args = args;
    const int width = tarn__nn_width(args.kernel_w, args.kernel), in = args.in / args.groups;
    tarn_module *layer = tarn__nn_with_weights(
        &self->module, tarn_shape(args.kernel, width, in, args.out), args.bias ? args.out : 0,
        (double)args.kernel * width * in, &self->own);
    return tarn__nn_with_lengths(layer, args.weight_norm, &self->own);
}
