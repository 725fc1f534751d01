/*
 * The operations. Each computes its result at once, on the innermost open tape, and is recorded
 * there for tarn_backward(). Inputs may belong to anybody; the result belongs to the tape. Every
 * operation accepts NULL and then returns NULL (but the bias of tarn_conv2d(),
 * tarn_conv_transpose2d() and tarn_linear(), where NULL says that there is none); on a wrong shape
 * it reports a mistake and returns NULL.
 *
 * Images are (N, H, W, C), convolution weights (KH, KW, C / groups, O), linear weights (in, out).
 *
 * Options are named, tarn_conv2d(x, weight, NULL, .stride = 2); core/base/options.h says how.
 *
 * Losses are in core/ops/losses.h; in core/ops/extras.h is what few networks for images need, and
 * in core/ops/places.h comparisons, order, and what picks elements. What others have as an
 * operation of its own and is a line here is in docs/operations.md.
 */
#ifndef TARN_CORE_OPS_H
#define TARN_CORE_OPS_H

#include <limits.h>

#include "core/base/options.h"
#include "core/tape.h"

TARN_API_BEGIN

/* ---- Elementwise on two tensors, with NumPy's broadcasting: shapes are aligned at their last
   dimensions, and a dimension that is 1 or missing is repeated. The gradient of what was repeated
   is the sum over the repetitions. */
tarn_tensor *tarn_add(tarn_tensor *a, tarn_tensor *b); /* a + b */
tarn_tensor *tarn_sub(tarn_tensor *a, tarn_tensor *b); /* a - b */
tarn_tensor *tarn_mul(tarn_tensor *a, tarn_tensor *b); /* a b */
tarn_tensor *tarn_div(tarn_tensor *a, tarn_tensor *b); /* a / b; IEEE infinities and NaN at b = 0 */

/* A number as a scalar of the tape, for all of these: tarn_sub(tarn_number(1), p). */
tarn_tensor *tarn_number(double value);

/* a where the condition is not 0 (NaN is not), else b; the three are broadcast together. The
   gradient goes to what was chosen; the other gets exactly 0, and the condition none. To mask the
   scores of an attention, mask holding 1 where there is a word and 0 where there is none:

       tarn_softmax(tarn_where(mask, scores, tarn_number(-INFINITY)))

   A division or logarithm that
   is undefined for some elements is masked at its input: where(ok, log(where(ok, x, one)), zero),
   since backward through log(x) would multiply the 0 by an infinity. */
tarn_tensor *tarn_where(tarn_tensor *condition, tarn_tensor *a, tarn_tensor *b);

/* max(a + b, 0) of two tensors of the same shape, in one pass over memory: the end of a residual
   block. */
tarn_tensor *tarn_add_relu(tarn_tensor *a, tarn_tensor *b);

/* ---- Elementwise on one tensor. NaN stays NaN. */
tarn_tensor *tarn_scale(tarn_tensor *x, double factor); /* factor x */
tarn_tensor *tarn_neg(tarn_tensor *x);                  /* -x */
tarn_tensor *tarn_abs(tarn_tensor *x);                  /* |x|; gradient 0 at 0 */
tarn_tensor *tarn_relu(tarn_tensor *x);                 /* max(x, 0); gradient 0 at 0 */
tarn_tensor *tarn_sigmoid(tarn_tensor *x);              /* 1 / (1 + e^-x) */
tarn_tensor *tarn_tanh(tarn_tensor *x);
tarn_tensor *tarn_gelu(tarn_tensor *x); /* x P(Z <= x), Z standard normal */
tarn_tensor *tarn_silu(tarn_tensor *x); /* x / (1 + e^-x), also called swish; NaN at -infinity */

/* ln(1 + e^x), to rounding everywhere: e^x far below 0, x far above. (PyTorch's is x from 20 on.)
 */
tarn_tensor *tarn_softplus(tarn_tensor *x);
/* x, but at least 0 and at most 6. Gradient 0 at the two kinks. */
tarn_tensor *tarn_relu6(tarn_tensor *x);

tarn_tensor *tarn_exp(tarn_tensor *x);
tarn_tensor *tarn_log(tarn_tensor *x); /* natural; -inf at 0, NaN below */
tarn_tensor *tarn_sqrt(tarn_tensor *x);

/* The values of x, through which nothing is differentiated. A view: nothing is copied, and
   tarn_gradients() of it shows those of x. */
tarn_tensor *tarn_detach(tarn_tensor *x);

tarn_tensor *tarn_square(tarn_tensor *x); /* x x */

/* x, but not less than low and not more than high; -INFINITY or INFINITY for no limit. The gradient
   passes where low <= x <= high. A mistake if low > high or one is NaN. */
tarn_tensor *tarn_clamp(tarn_tensor *x, double low, double high);

/* x where x > 0, else slope x. At 0 the gradient is the slope. */
#define TARN_LEAKY_RELU_OPTIONS(OPTION) OPTION(double, slope, 0.01) /* finite, at least 0 */
typedef struct tarn_leaky_relu_args {
    tarn_tensor *x;
    TARN_OPTIONS(TARN_LEAKY_RELU_OPTIONS)
} tarn_leaky_relu_args;
tarn_tensor *tarn_leaky_relu_with(tarn_leaky_relu_args args);
#define tarn_leaky_relu(...)                                                                       \
    TARN_CALL(tarn_leaky_relu_with, tarn_leaky_relu_args, TARN_LEAKY_RELU_OPTIONS, .x = __VA_ARGS__)

/* x where x > 0, else alpha (e^x - 1). At 0 the gradient is alpha. */
#define TARN_ELU_OPTIONS(OPTION) OPTION(double, alpha, 1) /* finite, at least 0 */
typedef struct tarn_elu_args {
    tarn_tensor *x;
    TARN_OPTIONS(TARN_ELU_OPTIONS)
} tarn_elu_args;
tarn_tensor *tarn_elu_with(tarn_elu_args args);
#define tarn_elu(...) TARN_CALL(tarn_elu_with, tarn_elu_args, TARN_ELU_OPTIONS, .x = __VA_ARGS__)

/* Training regularization: each element is 0 with probability p, else x / (1 - p), so that the mean
   stays (inverted dropout). The mask comes from the seeded generator and is the same at any number
   of threads. p is in [0, 1]; at 0 the result is x. To be called in training only. */
tarn_tensor *tarn_dropout(tarn_tensor *x, double p);

/* The same for whole channels of images (Tompson et al. 2015): x (N,H,W,C), and each channel of
   each image is 0 or x / (1 - p) as a whole, since neighbouring pixels hold much the same. */
tarn_tensor *tarn_dropout2d(tarn_tensor *x, double p);

/* ---- Reductions. Over all elements to a scalar, shape (); or over one axis, or several, which go,
   or stay with size 1 with .keepdims, so that the result broadcasts against x. Axis -1 is the last.
   Sums are taken in double. A list of axes that is empty or names one twice is a mistake. */
tarn_tensor *tarn_sum(tarn_tensor *x);
tarn_tensor *tarn_mean(tarn_tensor *x); /* the mean of nothing is NaN */
tarn_tensor *tarn_sum_axis(tarn_tensor *x, int axis);
tarn_tensor *tarn_mean_axis(tarn_tensor *x, int axis);

/* tarn_mean_axes(x, tarn_axes(0, 1), .keepdims = true) */
#define TARN_REDUCE_OPTIONS(OPTION) OPTION(bool, keepdims, false)
typedef struct tarn_reduce_args {
    tarn_tensor *x;
    tarn_axes axes;
    TARN_OPTIONS(TARN_REDUCE_OPTIONS)
} tarn_reduce_args;
tarn_tensor *tarn_sum_axes_with(tarn_reduce_args args);
tarn_tensor *tarn_mean_axes_with(tarn_reduce_args args);
#define tarn_sum_axes(x_, ...)                                                                     \
    TARN_CALL(tarn_sum_axes_with, tarn_reduce_args, TARN_REDUCE_OPTIONS, .x = (x_),                \
              .axes = __VA_ARGS__)
#define tarn_mean_axes(x_, ...)                                                                    \
    TARN_CALL(tarn_mean_axes_with, tarn_reduce_args, TARN_REDUCE_OPTIONS, .x = (x_),               \
              .axes = __VA_ARGS__)

/* The variance of n elements: the sum of (x - mean)^2, by n - 1 (Bessel's correction), or by n if
   biased. Exact to rounding, also where the mean is much larger than the deviation (in the double
   build as exact as a mean that is rounded to double allows). NaN where it would be divided by 0.
 */
#define TARN_VAR_OPTIONS(OPTION) OPTION(bool, biased, false)
typedef struct tarn_var_args {
    tarn_tensor *x;
    TARN_OPTIONS(TARN_VAR_OPTIONS)
} tarn_var_args;
tarn_tensor *tarn_var_with(tarn_var_args args);
#define tarn_var(...) TARN_CALL(tarn_var_with, tarn_var_args, TARN_VAR_OPTIONS, .x = __VA_ARGS__)

#define TARN_VAR_AXES_OPTIONS(OPTION)                                                              \
    OPTION(bool, keepdims, false)                                                                  \
    OPTION(bool, biased, false)
typedef struct tarn_var_axes_args {
    tarn_tensor *x;
    tarn_axes axes;
    TARN_OPTIONS(TARN_VAR_AXES_OPTIONS)
} tarn_var_axes_args;
tarn_tensor *tarn_var_axes_with(tarn_var_axes_args args);
#define tarn_var_axes(x_, ...)                                                                     \
    TARN_CALL(tarn_var_axes_with, tarn_var_axes_args, TARN_VAR_AXES_OPTIONS, .x = (x_),            \
              .axes = __VA_ARGS__)

/* Euclid's norm, the root of the sum of x^2, whose gradient is 0 where it is 0. Squares overflow
   where x is beyond the root of the largest number. */
tarn_tensor *tarn_norm(tarn_tensor *x);
tarn_tensor *tarn_norm_axes_with(tarn_reduce_args args);
#define tarn_norm_axes(x_, ...)                                                                    \
    TARN_CALL(tarn_norm_axes_with, tarn_reduce_args, TARN_REDUCE_OPTIONS, .x = (x_),               \
              .axes = __VA_ARGS__)

/* The largest, the smallest element; NaN if there is one. The gradient goes to the first of equals
   (the first NaN), as it does in PyTorch's max(dim); its max() over all divides it between them. Of
   nothing: a mistake, unless the result is itself empty. An axis may be 2^31 - 1 long. */
tarn_tensor *tarn_max(tarn_tensor *x);
tarn_tensor *tarn_min(tarn_tensor *x);
tarn_tensor *tarn_max_axis(tarn_tensor *x, int axis);
tarn_tensor *tarn_min_axis(tarn_tensor *x, int axis);
tarn_tensor *tarn_max_axes_with(tarn_reduce_args args);
tarn_tensor *tarn_min_axes_with(tarn_reduce_args args);
#define tarn_max_axes(x_, ...)                                                                     \
    TARN_CALL(tarn_max_axes_with, tarn_reduce_args, TARN_REDUCE_OPTIONS, .x = (x_),                \
              .axes = __VA_ARGS__)
#define tarn_min_axes(x_, ...)                                                                     \
    TARN_CALL(tarn_min_axes_with, tarn_reduce_args, TARN_REDUCE_OPTIONS, .x = (x_),                \
              .axes = __VA_ARGS__)

/* Writes where along the axis the largest (smallest) element is, the first of equals, NaN counting
   as largest (smallest): tarn_size(x) / dim indices, row-major, into an array of the caller's; they
   can be labels. Needs no tape. False after reporting a mistake, or if x is NULL. */
bool tarn_argmax_axis(const tarn_tensor *x, int axis, int32_t *indices);
bool tarn_argmin_axis(const tarn_tensor *x, int axis, int32_t *indices);

/* ---- Shape. Axis -1 is the last. */

/* Views: values and gradient are those of x, nothing is copied. */
tarn_tensor *tarn_reshape(tarn_tensor *x, tarn_shape shape); /* of the same size */
tarn_tensor *tarn_flatten(tarn_tensor *x);                   /* (N, ...) to (N, rest) */

/* Elements begin to end - 1 of an axis. Negative numbers count from the end, and begin == end gives
   an empty tensor. 0 <= begin <= end <= size must hold then, else it is a mistake (NumPy and
   PyTorch cut what is outside away in silence). A slice of axis 0 is a view, such as the
   micro-batches of a batch; of any other axis a copy. */
tarn_tensor *tarn_slice(tarn_tensor *x, int axis, int64_t begin, int64_t end);

/* Every step-th element from begin on, before end, which are as for tarn_slice(). step is at
   least 1; tarn_flip() turns around. Copies, always, these and the next. */
tarn_tensor *tarn_slice_step(tarn_tensor *x, int axis, int64_t begin, int64_t end, int64_t step);

tarn_tensor *tarn_flip(tarn_tensor *x, int axis);             /* backwards */
tarn_tensor *tarn_roll(tarn_tensor *x, int axis, int64_t by); /* element i to i + by, around */

/* The axis so many times, one after the other. Of a size of 1 this is expand(), which is needed
   nowhere that broadcasts. */
tarn_tensor *tarn_repeat(tarn_tensor *x, int axis, int64_t times);

/* The elements of an axis with these numbers: y[.., k, ..] = x[.., ids[k], ..], a copy. Ids are
   not needed after the call; one outside of the axis is a mistake, and the gradients of an element
   that is taken several times add up. */
tarn_tensor *tarn_index_select(tarn_tensor *x, int axis, tarn_labels rows);

/* Dimension i of the result is dimension axes.axis[i] of x: NHWC to NCHW is tarn_axes(0, 3, 1, 2).
   axes must name each axis once. tarn_transpose() swaps two. Copies, always. */
tarn_tensor *tarn_permute(tarn_tensor *x, tarn_axes axes);
tarn_tensor *tarn_transpose(tarn_tensor *x, int a, int b);

/* tarn_concat(axis, a, b, ...): the tensors one after the other along an axis; their shapes are
   equal but for that axis. tarn_stack(axis, a, b, ...): along a new axis of the result, number
   axis there; the shapes are equal. At least one tensor; one may come several times, and the
   gradients of its places add up. The functions behind them take an array. */
tarn_tensor *tarn_concat_of(int axis, int count, tarn_tensor *const *tensors);
tarn_tensor *tarn_stack_of(int axis, int count, tarn_tensor *const *tensors);
#define tarn_concat(axis, ...)                                                                     \
    TARN_LIST_AFTER(tarn_concat_of, (TARN_WHOLE(axis)), tarn_tensor *, __VA_ARGS__)
#define tarn_stack(axis, ...)                                                                      \
    TARN_LIST_AFTER(tarn_stack_of, (TARN_WHOLE(axis)), tarn_tensor *, __VA_ARGS__)

/* before.dim[i] new elements in front of axis i and after.dim[i] behind it. before and after have
   as many dimensions as x. Of an axis a b c d, two more at each end are all `value`, or c b a b c d
   c b (REFLECT: fewer than the axis has), a a a b c d d d (REPLICATE: of an axis that is not
   empty), or c d a b c d a b (CIRCULAR: at most as many as the axis has); these leave .value alone.
 */
typedef enum tarn_pad_mode {
    TARN_PAD_CONSTANT,
    TARN_PAD_REFLECT,
    TARN_PAD_REPLICATE,
    TARN_PAD_CIRCULAR
} tarn_pad_mode;
#define TARN_PAD_OPTIONS(OPTION)                                                                   \
    OPTION(double, value, 0) /* any */                                                             \
    OPTION(tarn_pad_mode, mode, TARN_PAD_CONSTANT)
typedef struct tarn_pad_args {
    tarn_tensor *x;
    tarn_shape before, after;
    TARN_OPTIONS(TARN_PAD_OPTIONS)
} tarn_pad_args;
tarn_tensor *tarn_pad_with(tarn_pad_args args);
#define tarn_pad(x_, before_, ...)                                                                 \
    TARN_CALL(tarn_pad_with, tarn_pad_args, TARN_PAD_OPTIONS, .x = (x_), .before = (before_),      \
              .after = __VA_ARGS__)

/* ---- Linear algebra. */

/* (M,K) (K,N) to (M,N); or of stacks of matrices, (...,M,K) (...,K,N) to (...,M,N), whose leading
   dimensions broadcast as above. */
tarn_tensor *tarn_matmul(tarn_tensor *a, tarn_tensor *b);

/* y = x weight + bias, a fully connected layer; with .relu, max(y, 0), NaN staying NaN, without a
   pass over memory of its own. x (N,in), weight (in,out), bias (out) or NULL; result (N,out). x may
   have more dimensions, as (N,T,in), of which the last is in; result (N,T,out). */
#define TARN_LINEAR_OPTIONS(OPTION) OPTION(bool, relu, false)
typedef struct tarn_linear_args {
    tarn_tensor *x, *weight, *bias;
    TARN_OPTIONS(TARN_LINEAR_OPTIONS)
} tarn_linear_args;
tarn_tensor *tarn_linear_with(tarn_linear_args args);
#define tarn_linear(x_, weight_, ...)                                                              \
    TARN_CALL(tarn_linear_with, tarn_linear_args, TARN_LINEAR_OPTIONS, .x = (x_),                  \
              .weight = (weight_), .bias = __VA_ARGS__)

/* ---- Images. */

/* What a convolution is made of beside its kernel, in operations and layers: for the height, and
   for the width unless that has a number of its own. */
enum { TARN_AS_HEIGHT = INT_MIN }; /* for the width what is said of the height */
#define TARN_CONV_OPTIONS(OPTION)                                                                  \
    OPTION(int, stride, 1)                                                                         \
    OPTION(int, stride_w, TARN_AS_HEIGHT)                                                          \
    OPTION(int, padding, 0) /* above and below, and with padding_w left and right */               \
    OPTION(int, padding_w, TARN_AS_HEIGHT)                                                         \
    OPTION(int, dilation, 1)                                                                       \
    OPTION(int, dilation_w, TARN_AS_HEIGHT)                                                        \
    OPTION(int, groups, 1)

/* y[n,i,j,o] = bias[o] + sum over p,q,c of x[n, i stride - padding + p dilation,
   j stride_w - padding_w + q dilation_w, c] weight[p,q,c,o], x being 0 outside the image (a
   cross-correlation, as everywhere in deep learning).
   x (N,H,W,C), weight (KH,KW,C/groups,O), bias (O) or NULL; result (N,OH,OW,O) with
   OH = floor((H + 2 padding - dilation (KH - 1) - 1) / stride) + 1, and OW so. With groups, C and O
   are cut into so many equal parts, and part g of the output sees part g of the input.
   With .same, as in PyTorch, OH = H and OW = W: there is a padding of dilation (KH - 1) in all, of
   which half, rounded down, is before the image; stride is 1 and no padding is given then.
   With stride 1, 3 x 3 kernels of 16 channels or more are computed by Winograd's algorithm, unless
   a weight exceeds a quarter of the range or is not finite, and so are, with max_pool = 2, 5 x 5
   kernels from 3 channels or more to 8 or more. Its rounding is up to three times that of adding
   up the products, and goes by the largest of the 6 x 6 pixels around: where one is 10^6 times as
   large as the others, sums that it is no part of lose as many digits. Sums and gradients that it
   gives no finite numbers for are computed directly. With
   .relu and .max_pool = p the result is tarn_max_pool2d(tarn_relu(y), p), in one pass; with
   max_pool, and neither dilation nor groups, backward skips the pixels without a gradient (so that
   an infinity there does not become a NaN); sums may be rounded otherwise. */
enum { TARN_CONV2D_MOST_POOL = 15 };
#define TARN_CONV2D_OPTIONS(OPTION)                                                                \
    TARN_CONV_OPTIONS(OPTION)                                                                      \
    OPTION(bool, same, false)                                                                      \
    OPTION(bool, relu, false)                                                                      \
    OPTION(int, max_pool, 1) /* 1 is none; at most TARN_CONV2D_MOST_POOL */
typedef struct tarn_conv2d_args {
    tarn_tensor *x, *weight, *bias;
    TARN_OPTIONS(TARN_CONV2D_OPTIONS)
} tarn_conv2d_args;
tarn_tensor *tarn_conv2d_with(tarn_conv2d_args args);
#define tarn_conv2d(x_, weight_, ...)                                                              \
    TARN_CALL(tarn_conv2d_with, tarn_conv2d_args, TARN_CONV2D_OPTIONS, .x = (x_),                  \
              .weight = (weight_), .bias = __VA_ARGS__)

/* The transposed convolution, which enlarges images: the gradient of tarn_conv2d() with respect to
   its input, as PyTorch's conv_transpose2d.
   y[n, i stride - padding + p dilation, j stride_w - padding_w + q dilation_w, o] = bias[o] + sum
   over c of x[n,i,j,c] weight[p,q,o,c], summed over all (i,j,p,q) that meet there.
   x (N,H,W,C) of at least one pixel, bias (O) or NULL; weight (KH,KW,O/groups,C): that of the
   convolution from O channels to C whose transpose it is, as TensorFlow has it (PyTorch's weight
   (C,O/groups,KH,KW) has the axes in the order 3, 2, 0, 1 of this one). Result (N,OH,OW,O) with
   OH = (H - 1) stride - 2 padding + dilation (KH - 1) + output_padding + 1: a convolution forgets
   how much of its input did not fit its stride, and output_padding says it; it adds rows and
   columns at the end, and is less than stride or dilation.
   Of large numbers and infinities holds what is said at tarn_conv2d(). */
#define TARN_CONV_TRANSPOSE2D_OPTIONS(OPTION)                                                      \
    TARN_CONV_OPTIONS(OPTION)                                                                      \
    OPTION(int, output_padding, 0)                                                                 \
    OPTION(int, output_padding_w, TARN_AS_HEIGHT)
typedef struct tarn_conv_transpose2d_args {
    tarn_tensor *x, *weight, *bias;
    TARN_OPTIONS(TARN_CONV_TRANSPOSE2D_OPTIONS)
} tarn_conv_transpose2d_args;
tarn_tensor *tarn_conv_transpose2d_with(tarn_conv_transpose2d_args args);
#define tarn_conv_transpose2d(x_, weight_, ...)                                                    \
    TARN_CALL(tarn_conv_transpose2d_with, tarn_conv_transpose2d_args,                              \
              TARN_CONV_TRANSPOSE2D_OPTIONS, .x = (x_), .weight = (weight_), .bias = __VA_ARGS__)

/* The largest (the mean) of each window of kernel x kernel_w pixels, channel by channel.
   x (N,H,W,C), result (N,OH,OW,C) with OH = floor((H + 2 padding - dilation (kernel - 1) - 1) /
   stride) + 1, and OW so. With ceil_mode it is rounded up instead, but no window begins behind the
   image and the padding before it: so the last may reach beyond the padding. padding is at most
   half of the window. Of a window, pixels that are `dilation` apart count; each window must have
   one inside the image. The maximum ignores padding and passes its gradient to the first largest
   element of the window, NaN being largest and of several NaN the last. The mean counts padding as
   zeros, but nothing beyond it; with .count_include_pad = false it is that of the pixels inside
   the image. All as PyTorch does. */
enum { TARN_AS_KERNEL = INT_MIN }; /* a stride as large as the kernel */
#define TARN_POOL2D_OPTIONS(OPTION)                                                                \
    OPTION(int, kernel_w, TARN_AS_HEIGHT)                                                          \
    OPTION(int, stride, TARN_AS_KERNEL)                                                            \
    OPTION(int, stride_w, TARN_AS_HEIGHT) /* as kernel_w, if stride is as the kernel */            \
    OPTION(int, padding, 0)                                                                        \
    OPTION(int, padding_w, TARN_AS_HEIGHT)                                                         \
    OPTION(bool, ceil_mode, false)
#define TARN_MAX_POOL2D_OPTIONS(OPTION)                                                            \
    TARN_POOL2D_OPTIONS(OPTION)                                                                    \
    OPTION(int, dilation, 1)                                                                       \
    OPTION(int, dilation_w, TARN_AS_HEIGHT)
typedef struct tarn_max_pool2d_args {
    tarn_tensor *x;
    int kernel;
    TARN_OPTIONS(TARN_MAX_POOL2D_OPTIONS)
} tarn_max_pool2d_args;
tarn_tensor *tarn_max_pool2d_with(tarn_max_pool2d_args args);
#define tarn_max_pool2d(x_, ...)                                                                   \
    TARN_CALL(tarn_max_pool2d_with, tarn_max_pool2d_args, TARN_MAX_POOL2D_OPTIONS, .x = (x_),      \
              .kernel = TARN_WHOLE_FIRST(__VA_ARGS__))

#define TARN_AVG_POOL2D_OPTIONS(OPTION)                                                            \
    TARN_POOL2D_OPTIONS(OPTION)                                                                    \
    OPTION(bool, count_include_pad, true)
typedef struct tarn_avg_pool2d_args {
    tarn_tensor *x;
    int kernel;
    TARN_OPTIONS(TARN_AVG_POOL2D_OPTIONS)
} tarn_avg_pool2d_args;
tarn_tensor *tarn_avg_pool2d_with(tarn_avg_pool2d_args args);
#define tarn_avg_pool2d(x_, ...)                                                                   \
    TARN_CALL(tarn_avg_pool2d_with, tarn_avg_pool2d_args, TARN_AVG_POOL2D_OPTIONS, .x = (x_),      \
              .kernel = TARN_WHOLE_FIRST(__VA_ARGS__))

/* The mean of each channel of each image: (N,H,W,C) to (N,C). NaN if there are no pixels. */
tarn_tensor *tarn_global_avg_pool2d(tarn_tensor *x);

/* Images of another size: (N,H,W,C) of at least one pixel to (N,height,width,C), smaller or larger
   along each axis, both at least 1. */

/* The mean of a window for each pixel. Along the height, window i goes from row floor(i H / height)
   to row ceil((i + 1) H / height) - 1, so that the windows cover the image, and so the width. */
tarn_tensor *tarn_adaptive_avg_pool2d(tarn_tensor *x, int height, int width);

/* The largest of such a window, which gets the gradient as in tarn_max_pool2d(). */
tarn_tensor *tarn_adaptive_max_pool2d(tarn_tensor *x, int height, int width);

/* The largest of each channel of each image: (N,H,W,C) to (N,C), of at least one pixel. */
#define tarn_global_max_pool2d(x) tarn_flatten(tarn_adaptive_max_pool2d(x, 1, 1))

/* The pixel in row floor(i H / height), and so the column. (PyTorch rounds i (H / height) in float
   and so takes the row before for some sizes, the first being from 2 to 82 pixels.) */
tarn_tensor *tarn_upsample_nearest2d(tarn_tensor *x, int height, int width);

/* The weighted mean of the two rows and two columns next to where the pixel lies: its centre at row
   (i + 1/2) H / height - 1/2, at least 0; with align_corners, where the centres of the outermost
   pixels stay in place, at row i (H - 1) / (height - 1). Pixels of weight 0 do not count (PyTorch
   multiplies an infinity by 0 there, which is NaN). With antialias, which makes a difference where
   an image gets smaller, of all pixels that lie nearer than H / height rows and W / width columns,
   so that none is left out; not with align_corners. */
#define TARN_UPSAMPLE_BILINEAR2D_OPTIONS(OPTION)                                                   \
    OPTION(bool, align_corners, false)                                                             \
    OPTION(bool, antialias, false)
typedef struct tarn_upsample_bilinear2d_args {
    tarn_tensor *x;
    int height, width;
    TARN_OPTIONS(TARN_UPSAMPLE_BILINEAR2D_OPTIONS)
} tarn_upsample_bilinear2d_args;
tarn_tensor *tarn_upsample_bilinear2d_with(tarn_upsample_bilinear2d_args args);
#define tarn_upsample_bilinear2d(x_, height_, ...)                                                 \
    TARN_CALL(tarn_upsample_bilinear2d_with, tarn_upsample_bilinear2d_args,                        \
              TARN_UPSAMPLE_BILINEAR2D_OPTIONS, .x = (x_), .height = TARN_WHOLE(height_),          \
              .width = TARN_WHOLE_FIRST(__VA_ARGS__))

/* As tarn_upsample_bilinear2d(), of the four rows and four columns next to where the pixel lies,
   with the weights of cubic convolution (Keys 1981), some of which are negative: a result may be
   less than all pixels, or more. With antialias they are less sharp (Keys' a is -1/2, not -3/4),
   and what lies outside does not count. */
typedef struct tarn_upsample_bicubic2d_args {
    tarn_tensor *x;
    int height, width;
    TARN_OPTIONS(TARN_UPSAMPLE_BILINEAR2D_OPTIONS)
} tarn_upsample_bicubic2d_args;
tarn_tensor *tarn_upsample_bicubic2d_with(tarn_upsample_bicubic2d_args args);
#define tarn_upsample_bicubic2d(x_, height_, ...)                                                  \
    TARN_CALL(tarn_upsample_bicubic2d_with, tarn_upsample_bicubic2d_args,                          \
              TARN_UPSAMPLE_BILINEAR2D_OPTIONS, .x = (x_), .height = TARN_WHOLE(height_),          \
              .width = TARN_WHOLE_FIRST(__VA_ARGS__))

/* ---- Normalization. */

/* Batch normalization (Ioffe and Szegedy 2015), channel by channel over all dimensions but the
   last: y = gamma (x - mean) / sqrt(variance + eps) + beta x (N,H,W,C), or (N,C), or any (...,C);
   the other four (C); result as x. In training mean and variance are those of x, which must have
   more than one value per channel, and the running ones move towards them, the variance times n /
   (n - 1) for n values per channel: running = (1 - momentum) running + momentum current. Without
   training the running ones are used. They get no gradient. In training the result is exact to
   rounding, also where the mean is much larger than the deviation. */
#define TARN_NORM_OPTIONS(OPTION) OPTION(double, eps, 1e-5) /* finite, above 0 */
#define TARN_BATCH_NORM_OPTIONS(OPTION)                                                            \
    OPTION(double, momentum, 0.1) /* in [0, 1] */                                                  \
    TARN_NORM_OPTIONS(OPTION)
#define TARN_BATCH_NORM2D_OPTIONS(OPTION)                                                          \
    OPTION(bool, training, false) /* else evaluation */                                            \
    TARN_BATCH_NORM_OPTIONS(OPTION)                                                                \
    OPTION(bool, relu, false) /* y = max(y, 0), in the same passes over memory */
typedef struct tarn_batch_norm2d_args {
    tarn_tensor *x, *gamma, *beta, *running_mean, *running_var;
    TARN_OPTIONS(TARN_BATCH_NORM2D_OPTIONS)
} tarn_batch_norm2d_args;
tarn_tensor *tarn_batch_norm2d_with(tarn_batch_norm2d_args args);
#define tarn_batch_norm2d(x_, gamma_, beta_, running_mean_, ...)                                   \
    TARN_CALL(tarn_batch_norm2d_with, tarn_batch_norm2d_args, TARN_BATCH_NORM2D_OPTIONS,           \
              .x = (x_), .gamma = (gamma_), .beta = (beta_), .running_mean = (running_mean_),      \
              .running_var = __VA_ARGS__)

/* Has batch normalization in training take the statistics of more than its own input, for batches
   that several processes have parts of (tarn_mpi_new(), .batch_norm_together): add() is called, on
   the thread that computes, with sums over the input and is to make them sums over all inputs, the
   same to the bit in all processes; those of which they are sums call it equally often. Forward
   asks twice a layer, backward once. of_gradients: they are sums of gradients, each of its own
   loss; they should be, as those of the whole loss are, in the unit of this process's. NULL as add
   ends it. The running statistics become those of all inputs; dx is their gradient, and dgamma and
   dbeta are of this input alone, as other parameters' gradients. Not between forward and its
   backward. */
typedef void tarn_batch_norm_add(int count, double *sums, bool of_gradients, void *context);
void tarn_batch_norm_together(tarn_batch_norm_add *add, void *context);

/* Group normalization (Wu and He 2018): y = gamma (x - mean) / sqrt(variance + eps) + beta, where C
   is cut into so many equal groups of neighbouring channels, and mean and variance are those of all
   values (variance: the mean of the squared distances) of a group in an image. groups = C is
   instance normalization. x (N,H,W,C), or (N,C), or any (N,...,C); gamma and beta (C); result as x.
 */
typedef struct tarn_group_norm_args {
    tarn_tensor *x;
    int groups; /* a divisor of C */
    tarn_tensor *gamma, *beta;
    TARN_OPTIONS(TARN_NORM_OPTIONS)
} tarn_group_norm_args;
tarn_tensor *tarn_group_norm_with(tarn_group_norm_args args);
#define tarn_group_norm(x_, groups_, gamma_, ...)                                                  \
    TARN_CALL(tarn_group_norm_with, tarn_group_norm_args, TARN_NORM_OPTIONS, .x = (x_),            \
              .groups = TARN_WHOLE(groups_), .gamma = (gamma_), .beta = __VA_ARGS__)

/* ---- Over the last dimension. Computed from x - max(x), so that no exponential overflows. */
tarn_tensor *tarn_softmax(tarn_tensor *x);     /* e^x / sum of e^x */
tarn_tensor *tarn_log_softmax(tarn_tensor *x); /* its logarithm, exact where it underflows */
tarn_tensor *tarn_logsumexp(tarn_tensor *x);   /* ln(sum of e^x), (...,C) to (...) */

/* ---- The instructions that all these use, as docs/design.md names them: "avx2", say. The best set
   that the machine has, or that which the environment variable TARN_SIMD names; another rounds
   otherwise. */
const char *tarn_simd(void);

TARN_API_END

#endif
