/* What the matrix product and the linear layer share. */
#ifndef TARN_CORE_OPS_MATMUL_H
#define TARN_CORE_OPS_MATMUL_H

#include "core/kernels/kernels.h"

/* Runs the kernel in use on scratch memory. False when out of memory. */
bool tarn__multiply(const tarn__gemm *g);

/* For c = a b, given dc: da = dc b^T and db = a^T dc, where those are wanted. */
void tarn__matmul_backward(int64_t m, int64_t n, int64_t k, const tarn_real *a, const tarn_real *b,
                           const tarn_real *dc, tarn__target da, tarn__target db);

#endif
