/*
 * Matrix product.
 *
 *     c = a b              (M,K) (K,N) -> (M,N)
 *     da = dc b^T          (M,N) (N,K)
 *     db = a^T dc          (K,M) (M,N)
 */
#include "core/ops/matmul.h"
#include "core/error.h"
#include "core/internal.h"
#include "core/ops.h"

bool tarn__multiply(const tarn__gemm *g)
{
    const tarn__kernels *kernels = tarn__kernels_in_use();
    tarn__arena_position mark = tarn__scratch_push();
    void *workspace = tarn__scratch_take(kernels->gemm_workspace(g));
    if (workspace)
        kernels->gemm(g, workspace);
    tarn__scratch_pop(mark);
    return workspace;
}

void tarn__matmul_backward(int64_t m, int64_t n, int64_t k, const tarn_real *a, const tarn_real *b,
                           const tarn_real *dc, tarn__target da, tarn__target db)
{
    if (da.values)
        tarn__multiply(&(tarn__gemm){.m = m,
                                     .n = k,
                                     .k = n,
                                     .a = dc,
                                     .a_row = n,
                                     .a_col = 1,
                                     .b = b,
                                     .b_row = 1,
                                     .b_col = n,
                                     .c = da.values,
                                     .c_row = k,
                                     .add = da.add});
    if (db.values)
        tarn__multiply(&(tarn__gemm){.m = k,
                                     .n = n,
                                     .k = m,
                                     .a = a,
                                     .a_row = 1,
                                     .a_col = k,
                                     .b = dc,
                                     .b_row = n,
                                     .b_col = 1,
                                     .c = db.values,
                                     .c_row = n,
                                     .add = db.add});
}

static void matmul_backward(const tarn_node *node)
{
    tarn_tensor *a = node->inputs[0], *b = node->inputs[1];
    const int64_t m = a->shape.dim[0], k = a->shape.dim[1], n = b->shape.dim[1];
    tarn__target da, db;
    da.values = tarn_op_gradient_to_write(a, &da.add);
    db.values = tarn_op_gradient_to_write(b, &db.add);
    tarn__matmul_backward(m, n, k, a->values, b->values, tarn_gradients(node->output), da, db);
}

static const tarn_op matmul = {"matmul", matmul_backward};

tarn_tensor *tarn_matmul(tarn_tensor *a, tarn_tensor *b)
{
    if (!a || !b)
        return NULL;
    if (a->shape.ndim != 2 || b->shape.ndim != 2 || a->shape.dim[1] != b->shape.dim[0])
        return tarn_fail("matmul: inputs %s and %s, expects (M,K) and (K,N)",
                         tarn_shape_to_text(a->shape).text, tarn_shape_to_text(b->shape).text);
    const int64_t m = a->shape.dim[0], k = a->shape.dim[1], n = b->shape.dim[1];
    tarn_tensor *c = tarn_op_result(&matmul, tarn_shape(m, n), a, b);
    if (!c)
        return NULL;
    const tarn__gemm g = {.m = m,
                          .n = n,
                          .k = k,
                          .a = a->values,
                          .a_row = k,
                          .a_col = 1,
                          .b = b->values,
                          .b_row = n,
                          .b_col = 1,
                          .c = c->values,
                          .c_row = n};
    return tarn__multiply(&g) ? c : NULL;
}
