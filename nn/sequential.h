/* A module with the sum of a residual connection behind it. */
#ifndef TARN_NN_SEQUENTIAL_H
#define TARN_NN_SEQUENTIAL_H

#include "core/ops/shared/conv2d_norm.h"
#include "nn/module.h"

/* tarn_nn_forward(), and the sum too where it can run in one pass with the end of a Sequential:
   sum->done then tells that it is in the result. */
tarn_tensor *tarn__nn_forward_before_sum(tarn_module *module, tarn_tensor *x,
                                         tarn__sum_behind *sum);

#endif
