/* Operands rounded to bfloat16, as tarn_set_precision(TARN_BF16) asks for (core/base/precision.h
   has the rule). */
#ifndef TARN_CORE_KERNELS_BF16_H
#define TARN_CORE_KERNELS_BF16_H

#include "core/kernels/kernels.h"

/* to[i] = from[i] rounded; threads share it. */
void tarn__round_to_bf16(int64_t count, const tarn_real *from, tarn_real *to);

/* The set in use for convolutions in the precision of this thread. With TARN_BF16 it has these
   five functions alone:

       conv2d_forward_workspace, conv2d_forward, conv2d_statistics
       conv2d_backward_workspace, conv2d_backward */
const tarn__kernels *tarn__conv2d_kernels(void);

#endif
