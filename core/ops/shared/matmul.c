#include "core/ops/shared/matmul.h"

#include "core/base/precision.h"
#include "core/kernels/bf16.h"
#include "core/kernels/pairs.h"
#include "core/op_internal.h"

/* In float again. */
static bool round_operand(int64_t size, const tarn_real **operand)
{
    tarn_real *copy = tarn__scratch_take((size_t)size * sizeof *copy);
    if (copy)
        tarn__round_to_bf16(size, *operand, copy);
    *operand = copy;
    return copy;
}

static bool pack_operand(tarn__paired p, const tarn_real **operand)
{
    tarn_real *copy = tarn__scratch_take((size_t)tarn__paired_size(p) * sizeof *copy);
    if (copy)
        tarn__kernels_in_use()->pack_pairs(p, *operand, copy);
    *operand = copy;
    return copy;
}

/* Along k: of neighbours where its numbers are, else of rows. */
static bool pack_operands(tarn__gemm *g, int64_t a_count, int64_t b_count)
{
    const int64_t k = g->k, pairs = tarn__pairs_of(k);
    const tarn__paired a_lines = {a_count * g->m, k, 1}, a_rows = {a_count, k, g->m};
    const tarn__paired b_lines = {b_count * g->n, k, 1}, b_rows = {b_count, k, g->n};
    const bool packed = pack_operand(g->a_col == 1 ? a_lines : a_rows, &g->a) &&
                        pack_operand(g->b_row == 1 ? b_lines : b_rows, &g->b);
    if (g->a_col == 1)
        g->a_row = pairs;
    if (g->b_row == 1)
        g->b_col = pairs;
    g->k = pairs;
    g->pairs = true;
    return packed;
}

bool tarn__round_operands(tarn__gemm *g, int64_t a_count, int64_t b_count)
{
    if (tarn_precision_now() == TARN_FLOAT)
        return true;
    if (tarn__kernels_in_use()->pack_pairs)
        return pack_operands(g, a_count, b_count);
    return round_operand(a_count * g->m * g->k, &g->a) &&
           round_operand(b_count * g->k * g->n, &g->b);
}

bool tarn__multiply(const tarn__gemm *g)
{
    const tarn__kernels *kernels = tarn__kernels_in_use();
    tarn__gemm product = *g;
    tarn__arena_position mark = tarn__scratch_push();
    void *workspace = NULL;
    if (tarn__round_operands(&product, 1, 1))
        workspace = tarn__scratch_take(kernels->gemm_workspace(&product));
    if (workspace)
        kernels->gemm(&product, workspace);
    tarn__scratch_pop(mark);
    return workspace;
}

tarn__gemm tarn__product(int64_t m, int64_t n, int64_t k, const tarn_real *a, const tarn_real *b,
                         tarn_real *c)
{
    return (tarn__gemm){.m = m,
                        .n = n,
                        .k = k,
                        .a = a,
                        .a_row = k,
                        .a_col = 1,
                        .b = b,
                        .b_row = n,
                        .b_col = 1,
                        .c = c,
                        .c_row = n};
}

tarn__gemm tarn__product_of_a(int64_t m, int64_t n, int64_t k, const tarn_real *dc,
                              const tarn_real *b, tarn__target da)
{
    tarn__gemm g = tarn__product(m, k, n, dc, b, da.values);
    g.b_row = 1;
    g.b_col = n;
    g.add = da.add;
    return g;
}

tarn__gemm tarn__product_of_b(int64_t m, int64_t n, int64_t k, const tarn_real *a,
                              const tarn_real *dc, tarn__target db)
{
    tarn__gemm g = tarn__product(k, n, m, a, dc, db.values);
    g.a_row = 1;
    g.a_col = k;
    g.add = db.add;
    return g;
}

void tarn__matmul_backward(int64_t m, int64_t n, int64_t k, const tarn_real *a, const tarn_real *b,
                           const tarn_real *dc, tarn__target da, tarn__target db)
{
    if (da.values) {
        const tarn__gemm g = tarn__product_of_a(m, n, k, dc, b, da);
        tarn__multiply(&g);
    }
    if (db.values) {
        const tarn__gemm g = tarn__product_of_b(m, n, k, a, dc, db);
        tarn__multiply(&g);
    }
}
