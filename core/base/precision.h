/*
 * The precision of convolutions and matrix products, forward and backward: tarn_conv2d(),
 * tarn_conv_transpose2d(), tarn_linear(), tarn_matmul(), and all layers made of them.
 *
 *     tarn_set_precision(TARN_BF16);
 *
 * Tensors, gradients and parameters stay float, and so do norms, losses, biases and optimizers.
 * Only the numbers that such an operation multiplies are rounded to bfloat16 first (a float with 8
 * significant bits in the place of 24); products are added up in float. What is multiplied: in
 * forward x and the weight; in backward these and the gradient of the sums. Where batch
 * normalization is folded into the weights, in evaluation, the product is what is rounded.
 *
 * The error: each of the numbers is off by a factor of 1 +- 2^-8 (0.4%) at most, so a product by
 * 1 +- 2^-7, and a sum by 2^-7 times the sum of the magnitudes of its products; where signs vary,
 * as they do, usually by about 0.3% of its root mean square.
 *
 * Rounding goes to the nearest, of two equally near ones to that whose last bit is 0. NaN stays
 * NaN, infinity stays infinite; what is beyond 3.396e38 becomes infinite; what is below 1.2e-38, a
 * denormal number, becomes 0 of its sign, and sums as small may.
 *
 * AMD's processors with AVX512-BF16 multiply two such numbers by two others and add both products
 * by one instruction, Intel's with AMX 16 by 16 such pairs by as many, which takes the sums in
 * another order than float's kernels, pair by pair, and makes sums that are denormal 0. So bits
 * differ from one processor to another, as they do in float, and the error is the same. Elsewhere,
 * and on AMD's in convolutions by Winograd's algorithm (tarn_conv2d()), rounded numbers go through
 * float's kernels, which is slower than float; TARN_SIMD=avx512 in the environment asks for that.
 */
#ifndef TARN_CORE_BASE_PRECISION_H
#define TARN_CORE_BASE_PRECISION_H

#include "core/base/api.h"

TARN_API_BEGIN

typedef enum tarn_precision {
    TARN_FLOAT, /* the default; in tarn-double double */
    TARN_BF16
} tarn_precision;

/* For operations called from this thread, from now on; another thread begins with TARN_FLOAT. So
   what a thread computes does not depend on when another one switches. Backward of an operation is
   in the precision of its forward. Neither gives other bits on another number of threads, and
   TARN_FLOAT gives the same as if there had been no other. A mistake if it is none of these. */
void tarn_set_precision(tarn_precision precision);

tarn_precision tarn_precision_now(void);

TARN_API_END

#endif
