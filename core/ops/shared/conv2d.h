/* What conv2d and conv_transpose2d share. */
#ifndef TARN_CORE_OPS_SHARED_CONV2D_H
#define TARN_CORE_OPS_SHARED_CONV2D_H

#include "core/kernels/bf16.h"
#include "core/op_internal.h"
#include "core/ops.h"
#include "core/ops/shared/pair.h"

typedef struct tarn__conv2d_numbers {
    tarn__pair stride, padding, dilation;
} tarn__conv2d_numbers;

/* Whether the copies of an image, or of its gradient, that the threads pad have sizes that can be
   counted. */
bool tarn__conv2d_can_be_padded(const tarn__conv2d *s);

/* Whether any weight is NaN, or so large that sums of some of them may be infinite. */
bool tarn__conv2d_is_too_large(int64_t size, const tarn_real *weight);

/* Whether it must be computed directly, since the sums of weights that Winograd's algorithm takes
   might be infinite, or NaN where a weight is infinite. */
bool tarn__conv2d_is_direct(const tarn__conv2d *s, const tarn_tensor *weight);

#endif
