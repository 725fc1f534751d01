/* What normalization is said by, for others that are the same. */
#ifndef TARN_NN_EXCHANGE_ONNX_NORMS_H
#define TARN_NN_EXCHANGE_ONNX_NORMS_H

#include "nn/exchange/onnx_nodes.h"

/* What comes in as (N, C, ...), of a sample of that shape in Tarn's order, with mean 0 and variance
   1 of each group. */
tarn__onnx_name tarn__onnx_normed_groups(tarn_onnx *onnx, tarn_shape in, int64_t groups, double eps,
                                         const char *x);

#endif
