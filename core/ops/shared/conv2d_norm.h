/* A convolution and the batch normalization behind it as one operation, for nn/sequential.c. */
#ifndef TARN_CORE_OPS_SHARED_CONV2D_NORM_H
#define TARN_CORE_OPS_SHARED_CONV2D_NORM_H

#include "core/ops.h"

/* What shall follow: the sum with skip, and then ReLU. done: it did. */
typedef struct tarn__sum_behind {
    tarn_tensor *skip;
    bool relu, done;
} tarn__sum_behind;

/* tarn_batch_norm2d_with(*norm) of tarn_conv2d_with(*conv), and the sum behind it, unless that is
   NULL or cannot be part of the pass. conv->relu, conv->max_pool and norm->x are not looked at.
   The same values, and fewer passes over memory; the convolution's sums have no gradient in memory.
 */
tarn_tensor *tarn__conv2d_norm(const tarn_conv2d_args *conv, const tarn_batch_norm2d_args *norm,
                               tarn__sum_behind *behind);

#endif
