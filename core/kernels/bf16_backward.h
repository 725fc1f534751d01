/* Backward of convolutions of rounded operands, for the table of core/kernels/bf16.c. */
#ifndef TARN_CORE_KERNELS_BF16_BACKWARD_H
#define TARN_CORE_KERNELS_BF16_BACKWARD_H

#include "core/kernels/kernels.h"

size_t tarn__bf16_backward_workspace(const tarn__conv2d *s);
void tarn__bf16_backward(const tarn__conv2d *s, const tarn__conv2d_gradients *g, void *workspace);

#endif
