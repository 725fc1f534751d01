/*
 * Matrix product.
 *
 *     c = a b              (M,K) (K,N) -> (M,N)
 *     da = dc b^T          (M,N) (N,K)
 *     db = a^T dc          (K,M) (M,N)
 */
#include "core/error.h"
#include "core/internal.h"
#include "core/kernels/kernels.h"
#include "core/ops.h"

/* A matrix, perhaps transposed: element (i,j) is at values[i * row + j * col]. */
typedef struct matrix {
    const tarn_real *values;
    int64_t row, col;
} matrix;

/* False when out of memory. */
static bool multiply(int64_t m, int64_t n, int64_t k, matrix a, matrix b, tarn_real *c, bool add)
{
    const tarn__kernels *kernels = tarn__kernels_in_use();
    const tarn__gemm g = {m, n, k, a.values, a.row, a.col, b.values, b.row, b.col, c, n, add};
    tarn__arena_position mark = tarn__scratch_push();
    void *workspace = tarn__scratch_take(kernels->gemm_workspace(&g));
    if (workspace)
        kernels->gemm(&g, workspace);
    tarn__scratch_pop(mark);
    return workspace;
}

static void matmul_backward(const tarn_node *node)
{
    tarn_tensor *a = node->inputs[0], *b = node->inputs[1];
    const int64_t m = a->shape.dim[0], k = a->shape.dim[1], n = b->shape.dim[1];
    const tarn_real *dc = tarn_gradients(node->output);
    bool add;
    tarn_real *da = tarn_op_gradient_to_write(a, &add);
    if (da)
        multiply(m, k, n, (matrix){dc, n, 1}, (matrix){b->values, 1, n}, da, add);
    tarn_real *db = tarn_op_gradient_to_write(b, &add);
    if (db)
        multiply(k, n, m, (matrix){a->values, 1, k}, (matrix){dc, n, 1}, db, add);
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
    matrix left = {a->values, k, 1}, right = {b->values, n, 1};
    return multiply(m, n, k, left, right, c->values, false) ? c : NULL;
}
