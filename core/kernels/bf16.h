/* Operands rounded to bfloat16, as tarn_set_precision(TARN_BF16) asks for (core/base/precision.h
   has the rule). */
#ifndef TARN_CORE_KERNELS_BF16_H
#define TARN_CORE_KERNELS_BF16_H

#include <string.h>

#include "core/kernels/kernels.h"

/* By the bits: half of what is cut off is added, or a little less where the bit above is 0, so that
   the rest is cut to the even one. A carry goes on into the exponent, and from the largest to
   infinity. */
static inline float tarn__rounded(float x)
{
    const uint32_t sign = 0x80000000, infinity = 0x7f800000, least = 0x00800000, quiet = 0x00400000;
    const uint32_t kept = 0xffff0000;
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    const uint32_t size = bits & ~sign;
    const uint32_t near = (bits + 0x7fff + (bits >> 16 & 1)) & kept;
    const uint32_t of_number = size < least ? bits & sign : near;
    bits = size > infinity ? (bits | quiet) & kept : of_number;
    memcpy(&x, &bits, sizeof x);
    return x;
}

/* to[i] = from[i] rounded; threads share it. */
void tarn__round_to_bf16(int64_t count, const tarn_real *from, tarn_real *to);

/* The set in use for convolutions in the precision of this thread. With TARN_BF16 it has these
   five functions alone:

       conv2d_forward_workspace, conv2d_forward, conv2d_statistics
       conv2d_backward_workspace, conv2d_backward */
const tarn__kernels *tarn__conv2d_kernels(void);

#endif
