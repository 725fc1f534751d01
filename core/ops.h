/*
 * The operations. Each computes its result at once, on the innermost open tape, and is recorded
 * there for tarn_backward(). Inputs may belong to anybody; the result belongs to the tape. Every
 * operation accepts NULL and then returns NULL (but the bias of tarn_conv2d(),
 * tarn_conv_transpose2d() and tarn_linear(), where NULL says that there is none); on a wrong shape
 * it reports a mistake and returns NULL.
 *
 * Images are (N, H, W, C), convolution weights (KH, KW, C / groups, O), linear weights (in, out).
 *
 * Macros with arguments by name: what is mandatory comes first, without names, and what has a
 * default is named; 0 means the default. The function behind X is X_with.
 */
#ifndef TARN_CORE_OPS_H
#define TARN_CORE_OPS_H

#include "core/tape.h"

TARN_API_BEGIN

/* ---- Elementwise on two tensors, with NumPy's broadcasting: shapes are aligned at their last
   dimensions, and a dimension that is 1 or missing is repeated. The gradient of what was repeated
   is the sum over the repetitions. */
tarn_tensor *tarn_add(tarn_tensor *a, tarn_tensor *b); /* a + b */
tarn_tensor *tarn_sub(tarn_tensor *a, tarn_tensor *b); /* a - b */
tarn_tensor *tarn_mul(tarn_tensor *a, tarn_tensor *b); /* a b */
tarn_tensor *tarn_div(tarn_tensor *a, tarn_tensor *b); /* a / b; IEEE infinities and NaN at b = 0 */

/* max(a + b, 0) of two tensors of the same shape, in one pass over memory: the end of a residual
   block. */
tarn_tensor *tarn_add_relu(tarn_tensor *a, tarn_tensor *b);

/* ---- Elementwise on one tensor. NaN stays NaN. */
tarn_tensor *tarn_scale(tarn_tensor *x, double factor); /* factor x */
tarn_tensor *tarn_relu(tarn_tensor *x);                 /* max(x, 0); gradient 0 at 0 */
tarn_tensor *tarn_sigmoid(tarn_tensor *x);              /* 1 / (1 + e^-x) */
tarn_tensor *tarn_tanh(tarn_tensor *x);
tarn_tensor *tarn_gelu(tarn_tensor *x); /* x P(Z <= x), Z standard normal */
tarn_tensor *tarn_exp(tarn_tensor *x);
tarn_tensor *tarn_log(tarn_tensor *x); /* natural; -inf at 0, NaN below */
tarn_tensor *tarn_sqrt(tarn_tensor *x);
tarn_tensor *tarn_square(tarn_tensor *x); /* x x */

/* Training regularization: each element is 0 with probability p, else x / (1 - p), so that the mean
   stays (inverted dropout). The mask comes from the seeded generator and is the same at any number
   of threads. p is in [0, 1]; at 0 the result is x. To be called in training only. */
tarn_tensor *tarn_dropout(tarn_tensor *x, double p);

/* The same for whole channels of images (Tompson et al. 2015): x (N,H,W,C), and each channel of
   each image is 0 or x / (1 - p) as a whole, since neighbouring pixels hold much the same. */
tarn_tensor *tarn_dropout2d(tarn_tensor *x, double p);

/* ---- Reductions. Over all elements to a scalar, shape (); or over one axis, which goes. Axis -1
   is the last. The mean of nothing is NaN. */
tarn_tensor *tarn_sum(tarn_tensor *x);
tarn_tensor *tarn_mean(tarn_tensor *x);
tarn_tensor *tarn_sum_axis(tarn_tensor *x, int axis);
tarn_tensor *tarn_mean_axis(tarn_tensor *x, int axis);

/* ---- Shape. Views: values and gradient are those of x, nothing is copied. */
tarn_tensor *tarn_reshape(tarn_tensor *x, tarn_shape shape); /* of the same size */
tarn_tensor *tarn_flatten(tarn_tensor *x);                   /* (N, ...) to (N, rest) */

/* ---- Linear algebra. (M,K) (K,N) to (M,N). */
tarn_tensor *tarn_matmul(tarn_tensor *a, tarn_tensor *b);

/* y = x weight + bias, a fully connected layer; with .relu, max(y, 0), NaN staying NaN, without a
   pass over memory of its own. x (N,in), weight (in,out), bias (out) or NULL; result (N,out). */
typedef struct tarn_linear_args {
    tarn_tensor *x, *weight, *bias;
    bool relu;
    int end_;
} tarn_linear_args;
tarn_tensor *tarn_linear_with(tarn_linear_args args);
#define tarn_linear(...) tarn_linear_with((tarn_linear_args){__VA_ARGS__, .end_ = 0})

/* ---- Images. */

/* y[n,i,j,o] = bias[o] + sum over p,q,c of x[n, i stride - padding + p dilation,
   j stride - padding + q dilation, c] weight[p,q,c,o], x being 0 outside the image (a
   cross-correlation, as everywhere in deep learning).
   x (N,H,W,C), weight (KH,KW,C/groups,O), bias (O) or NULL; result (N,OH,OW,O) with
   OH = floor((H + 2 padding - dilation (KH - 1) - 1) / stride) + 1. With groups, C and O are cut
   into so many equal parts, and part g of the output sees part g of the input.
   3 x 3 kernels with stride 1 and 16 channels or more are computed by Winograd's algorithm, which
   adds four elements of x first: where these exceed a quarter of the range, or are infinite, the
   sums around them are NaN. With .relu and .max_pool = p the result is
   tarn_max_pool2d(tarn_relu(y), p), in one pass; with max_pool, and neither dilation nor groups,
   backward skips the pixels without a gradient (so that an infinity there does not become a NaN);
   sums may be rounded otherwise. */
enum { TARN_CONV2D_MOST_POOL = 15 };
typedef struct tarn_conv2d_args {
    tarn_tensor *x, *weight, *bias;
    int stride;   /* default 1 */
    int padding;  /* on all four sides; default 0 */
    int dilation; /* default 1 */
    int groups;   /* default 1 */
    bool relu;
    int max_pool; /* at most TARN_CONV2D_MOST_POOL; default 1, none */
    int end_;
} tarn_conv2d_args;
tarn_tensor *tarn_conv2d_with(tarn_conv2d_args args);
#define tarn_conv2d(...) tarn_conv2d_with((tarn_conv2d_args){__VA_ARGS__, .end_ = 0})

/* The transposed convolution, which enlarges images: the gradient of tarn_conv2d() with respect to
   its input, as PyTorch's conv_transpose2d.
   y[n, i stride - padding + p dilation, j stride - padding + q dilation, o] = bias[o] + sum over c
   of x[n,i,j,c] weight[p,q,o,c], summed over all (i,j,p,q) that meet there.
   x (N,H,W,C) of at least one pixel, bias (O) or NULL; weight (KH,KW,O/groups,C): that of the
   convolution from O channels to C whose transpose it is, as TensorFlow has it (PyTorch's weight
   (C,O/groups,KH,KW) has the axes in the order 3, 2, 0, 1 of this one). Result (N,OH,OW,O) with
   OH = (H - 1) stride - 2 padding + dilation (KH - 1) + output_padding + 1: a convolution forgets
   how much of its input did not fit its stride, and output_padding says it; it adds rows and
   columns at the end, and is less than stride or dilation.
   Of large numbers and infinities holds what is said at tarn_conv2d(). */
typedef struct tarn_conv_transpose2d_args {
    tarn_tensor *x, *weight, *bias;
    int stride;         /* default 1 */
    int padding;        /* cut off on all four sides; default 0 */
    int output_padding; /* default 0 */
    int dilation;       /* default 1 */
    int groups;         /* default 1 */
    int end_;
} tarn_conv_transpose2d_args;
tarn_tensor *tarn_conv_transpose2d_with(tarn_conv_transpose2d_args args);
#define tarn_conv_transpose2d(...)                                                                 \
    tarn_conv_transpose2d_with((tarn_conv_transpose2d_args){__VA_ARGS__, .end_ = 0})

/* The largest (the mean) of each window of kernel x kernel pixels, channel by channel.
   x (N,H,W,C), result (N,OH,OW,C) with OH = floor((H + 2 padding - kernel) / stride) + 1. padding
   is at most kernel / 2. The maximum ignores padding and passes its gradient to the first largest
   element of the window, NaN being largest and of several NaN the last; the mean counts padding as
   zeros, as PyTorch does. */
typedef struct tarn_pool2d_args {
    tarn_tensor *x;
    int kernel;
    int stride;  /* default: kernel */
    int padding; /* default 0 */
    int end_;
} tarn_pool2d_args;
tarn_tensor *tarn_max_pool2d_with(tarn_pool2d_args args);
tarn_tensor *tarn_avg_pool2d_with(tarn_pool2d_args args);
#define tarn_max_pool2d(...) tarn_max_pool2d_with((tarn_pool2d_args){__VA_ARGS__, .end_ = 0})
#define tarn_avg_pool2d(...) tarn_avg_pool2d_with((tarn_pool2d_args){__VA_ARGS__, .end_ = 0})

/* The mean of each channel of each image: (N,H,W,C) to (N,C). NaN if there are no pixels. */
tarn_tensor *tarn_global_avg_pool2d(tarn_tensor *x);

/* Images of another size: (N,H,W,C) of at least one pixel to (N,height,width,C), smaller or larger
   along each axis, both at least 1. */

/* The mean of a window for each pixel. Along the height, window i goes from row floor(i H / height)
   to row ceil((i + 1) H / height) - 1, so that the windows cover the image, and so the width. */
tarn_tensor *tarn_adaptive_avg_pool2d(tarn_tensor *x, int height, int width);

/* The pixel in row floor(i H / height), and so the column. (PyTorch rounds i (H / height) in float
   and so takes the row before for some sizes, the first being from 2 to 82 pixels.) */
tarn_tensor *tarn_upsample_nearest2d(tarn_tensor *x, int height, int width);

/* The weighted mean of the two rows and two columns next to where the pixel lies: its centre at row
   (i + 1/2) H / height - 1/2, at least 0; with align_corners, where the centres of the outermost
   pixels stay in place, at row i (H - 1) / (height - 1). Pixels of weight 0 do not count (PyTorch
   multiplies an infinity by 0 there, which is NaN). */
typedef struct tarn_upsample_bilinear2d_args {
    tarn_tensor *x;
    int height, width;
    bool align_corners; /* default false */
    int end_;
} tarn_upsample_bilinear2d_args;
tarn_tensor *tarn_upsample_bilinear2d_with(tarn_upsample_bilinear2d_args args);
#define tarn_upsample_bilinear2d(...)                                                              \
    tarn_upsample_bilinear2d_with((tarn_upsample_bilinear2d_args){__VA_ARGS__, .end_ = 0})

/* ---- Normalization. */

/* Batch normalization (Ioffe and Szegedy 2015), channel by channel over all dimensions but the
   last: y = gamma (x - mean) / sqrt(variance + eps) + beta x (N,H,W,C), or (N,C), or any (...,C);
   the other four (C); result as x. In training mean and variance are those of x, which must have
   more than one value per channel, and the running ones move towards them, the variance times n /
   (n - 1) for n values per channel: running = (1 - momentum) running + momentum current. Without
   training (the default) the running ones are used. They get no gradient. Statistics are exact to
   rounding, also where the mean is much larger than the deviation. */
typedef struct tarn_batch_norm2d_args {
    tarn_tensor *x, *gamma, *beta, *running_mean, *running_var;
    bool training;   /* default false: evaluation */
    double momentum; /* above 0, at most 1; default 0.1 */
    double eps;      /* above 0; default 1e-5 */
    bool relu;       /* y = max(y, 0), in the same passes over memory; default false */
    int end_;
} tarn_batch_norm2d_args;
tarn_tensor *tarn_batch_norm2d_with(tarn_batch_norm2d_args args);
#define tarn_batch_norm2d(...)                                                                     \
    tarn_batch_norm2d_with((tarn_batch_norm2d_args){__VA_ARGS__, .end_ = 0})

/* Layer normalization (Ba, Kiros and Hinton 2016): over the last dimensions, as many as gamma has,
   at least one: y = gamma (x - mean) / sqrt(variance + eps) + beta, with the mean and variance of
   each row of these dimensions (the mean of the squared distances, over n). gamma and beta have
   their shape; result as x. Statistics are exact to rounding, also where the mean is much larger
   than the deviation. */
typedef struct tarn_layer_norm_args {
    tarn_tensor *x, *gamma, *beta;
    double eps; /* above 0; default 1e-5 */
    int end_;
} tarn_layer_norm_args;
tarn_tensor *tarn_layer_norm_with(tarn_layer_norm_args args);
#define tarn_layer_norm(...) tarn_layer_norm_with((tarn_layer_norm_args){__VA_ARGS__, .end_ = 0})

/* Group normalization (Wu and He 2018), the same formula image by image: C is cut into so many
   equal groups of neighbouring channels, and mean and variance are those of all values of a group
   in an image. groups = C is instance normalization. x (N,H,W,C), or (N,C), or any (N,...,C);
   gamma and beta (C); result as x. */
typedef struct tarn_group_norm_args {
    tarn_tensor *x;
    int groups; /* a divisor of C */
    tarn_tensor *gamma, *beta;
    double eps; /* above 0; default 1e-5 */
    int end_;
} tarn_group_norm_args;
tarn_tensor *tarn_group_norm_with(tarn_group_norm_args args);
#define tarn_group_norm(...) tarn_group_norm_with((tarn_group_norm_args){__VA_ARGS__, .end_ = 0})

/* ---- Over the last dimension. Computed from x - max(x), so that no exponential overflows. */
tarn_tensor *tarn_softmax(tarn_tensor *x);     /* e^x / sum of e^x */
tarn_tensor *tarn_log_softmax(tarn_tensor *x); /* its logarithm, exact where it underflows */

/* ---- Losses. */

typedef enum tarn_reduction {
    TARN_MEAN = 0, /* over the batch; the default */
    TARN_SUM,
    TARN_NONE /* a loss for each row */
} tarn_reduction;

/* -log softmax(logits)[label] for each row. logits (N, classes), labels N class ids, each at least
   0 and below classes (else a mistake). With label smoothing s the target is (1 - s) at the label
   plus s / classes everywhere (Szegedy et al. 2016). Result: a scalar, or (N) with TARN_NONE. The
   mean over no rows is NaN. */
typedef struct tarn_cross_entropy_args {
    tarn_tensor *logits;
    tarn_labels labels;
    double label_smoothing; /* in [0, 1]; default 0 */
    tarn_reduction reduction;
    int end_;
} tarn_cross_entropy_args;
tarn_tensor *tarn_cross_entropy_with(tarn_cross_entropy_args args);
#define tarn_cross_entropy(...)                                                                    \
    tarn_cross_entropy_with((tarn_cross_entropy_args){__VA_ARGS__, .end_ = 0})

/* Mean over all elements of (a - b)^2; a and b have the same shape. A scalar. */
tarn_tensor *tarn_mse(tarn_tensor *a, tarn_tensor *b);

TARN_API_END

#endif
