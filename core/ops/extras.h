/*
 * The operations that few networks for images need, beside those of core/ops.h, which says what all
 * have in common. A library that was built with -Dextras=false has none of them.
 */
#ifndef TARN_CORE_OPS_EXTRAS_H
#define TARN_CORE_OPS_EXTRAS_H

#include "core/base/options.h"
#include "core/ops.h"
#include "core/tape.h"

TARN_API_BEGIN

/* ---- Elementwise on two tensors, with broadcasting as in core/ops.h. */

/* The larger, the smaller of a and b; NaN if one is NaN. The gradient goes to the one that was
   taken, half to each where both are equal, and to both where one is NaN. */
tarn_tensor *tarn_maximum(tarn_tensor *a, tarn_tensor *b);
tarn_tensor *tarn_minimum(tarn_tensor *a, tarn_tensor *b);

/* a^b, as C's pow(): NaN for a < 0 and a b that is no integer. da = dy b a^(b - 1), 0 where b = 0;
   db = dy a^b ln a, 0 where a = 0 and b >= 0. tarn_pow() takes a number. */
tarn_tensor *tarn_power(tarn_tensor *a, tarn_tensor *b);

/* x where x > 0, else slope x, with a slope that is learned: (1), or (C) for one a channel. At 0
   the gradient of x is the slope. */
tarn_tensor *tarn_prelu(tarn_tensor *x, tarn_tensor *slope);

/* ---- Elementwise on one tensor. NaN stays NaN (but in tarn_pow() by 0). */

/* The approximation x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))) / 2 of tarn_gelu(), within 5e-4;
   NaN at -infinity. Models that were trained with it need it. */
tarn_tensor *tarn_gelu_tanh(tarn_tensor *x);

tarn_tensor *tarn_log_sigmoid(tarn_tensor *x); /* ln sigmoid(x), so exact; -tarn_softplus(-x) */
tarn_tensor *tarn_mish(tarn_tensor *x);        /* x tanh(ln(1 + e^x)); NaN at -infinity */
tarn_tensor *tarn_selu(tarn_tensor *x);        /* 1.0507 x where x > 0, else 1.7581 (e^x - 1) */
tarn_tensor *tarn_softsign(tarn_tensor *x);    /* x / (1 + |x|); NaN at infinities */

/* Straight pieces: (x + 3) / 6, but at least 0 and at most 1; and x times that (0 at -infinity). At
   its two kinks the first has gradient 0. */
tarn_tensor *tarn_hardsigmoid(tarn_tensor *x);
tarn_tensor *tarn_hardswish(tarn_tensor *x);

/* The first half of the last dimension times the sigmoid of the second half: (..., 2 C) to
   (..., C). */
tarn_tensor *tarn_glu(tarn_tensor *x);

/* x where x > 0, else alpha (e^(x / alpha) - 1), whose slope at 0 is 1. */
#define TARN_CELU_OPTIONS(OPTION) OPTION(double, alpha, 1) /* finite, above 0 */
typedef struct tarn_celu_args {
    tarn_tensor *x;
    TARN_OPTIONS(TARN_CELU_OPTIONS)
} tarn_celu_args;
tarn_tensor *tarn_celu_with(tarn_celu_args args);
#define tarn_celu(...)                                                                             \
    TARN_CALL(tarn_celu_with, tarn_celu_args, TARN_CELU_OPTIONS, .x = __VA_ARGS__)

/* x^exponent, as C's pow(): 1 for exponent 0, NaN for x < 0 and an exponent that is no integer. The
   gradient is exponent x^(exponent - 1), and 0 for exponent 0: infinite at 0 for exponents below 1,
   and for exponents between 0 and 1 only right of 0. The exponent is finite. 0 to 4 are fast. */
tarn_tensor *tarn_pow(tarn_tensor *x, double exponent);

tarn_tensor *tarn_expm1(tarn_tensor *x); /* e^x - 1, precise near 0 */
tarn_tensor *tarn_log1p(tarn_tensor *x); /* ln(1 + x), precise near 0 */
tarn_tensor *tarn_rsqrt(tarn_tensor *x); /* 1 / sqrt(x); inf at 0, NaN below */
tarn_tensor *tarn_sin(tarn_tensor *x);   /* of radians; NaN at infinities */
tarn_tensor *tarn_cos(tarn_tensor *x);

/* Steps, whose gradient is 0: -1, 0 or 1; the whole number below, above, and nearest (of two as
   near the even one). The gradient of another function for that of the step, as where networks are
   quantized: tarn_add(x, tarn_detach(tarn_sub(tarn_round(x), x))). */
tarn_tensor *tarn_sign(tarn_tensor *x);
tarn_tensor *tarn_floor(tarn_tensor *x);
tarn_tensor *tarn_ceil(tarn_tensor *x);
tarn_tensor *tarn_round(tarn_tensor *x);

/* ---- Reductions, as in core/ops.h. */

/* The standard deviation, the root of the variance. Its gradient is 0 where it is 0. */
tarn_tensor *tarn_std_with(tarn_var_args args);
tarn_tensor *tarn_std_axes_with(tarn_var_axes_args args);
#define tarn_std(...) TARN_CALL(tarn_std_with, tarn_var_args, TARN_VAR_OPTIONS, .x = __VA_ARGS__)
#define tarn_std_axes(x_, ...)                                                                     \
    TARN_CALL(tarn_std_axes_with, tarn_var_axes_args, TARN_VAR_AXES_OPTIONS, .x = (x_),            \
              .axes = __VA_ARGS__)

/* The product, 1 of nothing. Computed in double, gradients too, which are right also where elements
   are 0; NaN, as PyTorch's, at an infinite element, and where another is 0 and a third infinite or
   NaN. */
tarn_tensor *tarn_prod(tarn_tensor *x);
tarn_tensor *tarn_prod_axis(tarn_tensor *x, int axis);

/* y_k = x_1 + ... + x_k along the axis: running sums, computed in double. */
tarn_tensor *tarn_cumsum(tarn_tensor *x, int axis);

/* ---- Shape. */

/* y[i] = x[rows.ids[i]], the lookup in a table. x (N, ...), ids from 0 to N - 1 (else a mistake),
   which are not needed after the call; result (count, ...). The gradients of a row that is taken
   several times add up. */
tarn_tensor *tarn_gather_rows(tarn_tensor *x, tarn_labels rows);

/* ---- Images. */

/* Pixels out of channels, (N,H,W,C r r) to (N,H r,W r,C) with r = factor, and back:
   shuffled[n, i r + p, j r + q, c] = x[n, i, j, (c r + p) r + q]. */
tarn_tensor *tarn_pixel_shuffle(tarn_tensor *x, int factor);
tarn_tensor *tarn_pixel_unshuffle(tarn_tensor *x, int factor);

/* ---- Normalization. */

/* Layer normalization (Ba, Kiros and Hinton 2016): over the last dimensions, as many as gamma has,
   at least one: y = gamma (x - mean) / sqrt(variance + eps) + beta, with the mean and variance of
   each row of these dimensions (the mean of the squared distances, over n). gamma and beta have
   their shape; result as x. As exact as tarn_batch_norm2d() in training. */
typedef struct tarn_layer_norm_args {
    tarn_tensor *x, *gamma, *beta;
    TARN_OPTIONS(TARN_NORM_OPTIONS)
} tarn_layer_norm_args;
tarn_tensor *tarn_layer_norm_with(tarn_layer_norm_args args);
#define tarn_layer_norm(x_, gamma_, ...)                                                           \
    TARN_CALL(tarn_layer_norm_with, tarn_layer_norm_args, TARN_NORM_OPTIONS, .x = (x_),            \
              .gamma = (gamma_), .beta = __VA_ARGS__)

/* Root mean square normalization (Zhang and Sennrich 2019): over the last dimensions, as many as
   gamma has, at least one: y = gamma x / sqrt(mean of x^2 + eps). gamma has their shape; result as
   x. The default of eps is PyTorch's, the distance from 1 to the next float. */
#define TARN_RMS_NORM_OPTIONS(OPTION) OPTION(double, eps, 0x1p-23) /* finite, at least 0 */
typedef struct tarn_rms_norm_args {
    tarn_tensor *x, *gamma;
    TARN_OPTIONS(TARN_RMS_NORM_OPTIONS)
} tarn_rms_norm_args;
tarn_tensor *tarn_rms_norm_with(tarn_rms_norm_args args);
#define tarn_rms_norm(x_, ...)                                                                     \
    TARN_CALL(tarn_rms_norm_with, tarn_rms_norm_args, TARN_RMS_NORM_OPTIONS, .x = (x_),            \
              .gamma = __VA_ARGS__)

TARN_API_END

#endif
