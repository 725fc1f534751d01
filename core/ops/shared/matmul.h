/* What the matrix product and the linear layer share. */
#ifndef TARN_CORE_OPS_SHARED_MATMUL_H
#define TARN_CORE_OPS_SHARED_MATMUL_H

#include "core/kernels/kernels.h"

/* c = a b of contiguous matrices (m,k) and (k,n); da = dc b^T; db = a^T dc. */
tarn__gemm tarn__product(int64_t m, int64_t n, int64_t k, const tarn_real *a, const tarn_real *b,
                         tarn_real *c);
tarn__gemm tarn__product_of_a(int64_t m, int64_t n, int64_t k, const tarn_real *dc,
                              const tarn_real *b, tarn__target da);
tarn__gemm tarn__product_of_b(int64_t m, int64_t n, int64_t k, const tarn_real *a,
                              const tarn_real *dc, tarn__target db);

/* Where the precision of this thread asks for it, makes both operands, so many matrices one behind
   the other, copies on scratch memory that are rounded, in pairs if the kernels in use multiply
   these. False when out of memory. */
bool tarn__round_operands(tarn__gemm *g, int64_t a_count, int64_t b_count);

/* Runs the kernel in use on scratch memory. False when out of memory. */
bool tarn__multiply(const tarn__gemm *g);

/* Both gradients, where they are wanted. */
void tarn__matmul_backward(int64_t m, int64_t n, int64_t k, const tarn_real *a, const tarn_real *b,
                           const tarn_real *dc, tarn__target da, tarn__target db);

#endif
