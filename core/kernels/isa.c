/* The kernels of one instruction set, as the table that core/kernels/kernels.c chooses from. */
#include "core/kernels/isa.h"

#define TEXT_OF(isa) #isa
#define TEXT(isa) TEXT_OF(isa)

extern const tarn__kernels ISA(kernels);

const tarn__kernels ISA(kernels) = {
    .name = TEXT(TARN_ISA),
    .gemm_workspace = ISA(gemm_workspace),
    .gemm = ISA(gemm),
    .conv2d_forward_workspace = ISA(conv2d_forward_workspace),
    .conv2d_backward_workspace = ISA(conv2d_backward_workspace),
    .conv2d_forward = ISA(conv2d_forward),
    .conv2d_statistics = ISA(conv2d_statistics),
    .conv2d_backward = ISA(conv2d_backward),
    .round = ISA(round),
    .exp = ISA(exp),
    .log = ISA(log),
    .tanh = ISA(tanh),
    .sigmoid = ISA(sigmoid),
    .elu = ISA(elu),
    .gelu = ISA(gelu),
    .times_sigmoid = ISA(times_sigmoid),
    .times_sigmoid_slope = ISA(times_sigmoid_slope),
    .times_tanh_slope = ISA(times_tanh_slope),
    .times_gelu_slope = ISA(times_gelu_slope),
    .sum = ISA(sum),
    .sum_of_squares = ISA(sum_of_squares),
    .dot = ISA(dot),
    .add_rows = ISA(add_rows),
    .softmax_gradient = ISA(softmax_gradient),
    .copy_rows = ISA(copy_rows),
    .resample_rows = ISA(resample_rows),
    .resample_pixels = ISA(resample_pixels),
    .dropout = ISA(dropout),
    .batch_norm_workspace = ISA(batch_norm_workspace),
    .batch_norm_statistics = ISA(batch_norm_statistics),
    .batch_norm_forward = ISA(batch_norm_forward),
    .batch_norm_gradient_sums = ISA(batch_norm_gradient_sums),
    .batch_norm_input_gradient = ISA(batch_norm_input_gradient),
#ifndef TARN_WITHOUT_EXTRAS
    .sine = ISA(sine),
    .cosine = ISA(cosine),
    .power = ISA(power),
#endif
};
