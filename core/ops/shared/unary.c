#include "core/ops/shared/unary.h"

#include "core/base/parallel.h"

void tarn__unary_backward(const tarn_node *node)
{
    /* The operation is the first member of its formulas. */
    void (*const gradient)(const tarn__elements *, tarn_real *) =
        ((const tarn__unary *)node->op)->gradient;
    const tarn_real *x = tarn_values(node->inputs[0]), *y = tarn_values(node->output);
    const tarn_real *dy = tarn_gradients(node->output), *number = node->saved;
    const int64_t n = tarn_size(node->output);
    bool add;
    tarn_real *dx = tarn_op_gradient_to_write(node->inputs[0], &add);
    if (!dx)
        return;
    TARN__EACH_CHUNK (first, n) {
        const tarn__elements e = {
            tarn__chunk(first, n), x + first, y + first, dy + first, {number[0], number[1]}};
        tarn_real passed[TARN__CHUNK];
        gradient(&e, add ? passed : dx + first);
        for (int64_t i = 0; add && i < e.count; i++)
            dx[first + i] += passed[i];
    }
}

tarn_tensor *tarn__unary_result(const tarn__unary *unary, tarn_tensor *x, double number0,
                                double number1)
{
    tarn_tensor *result = tarn_op_result(&unary->op, tarn_shape_get(x), x);
    tarn_real *number = result ? tarn_op_save(result, 2 * sizeof *number) : NULL;
    if (!number)
        return NULL;
    number[0] = (tarn_real)number0;
    number[1] = (tarn_real)number1;
    const tarn_real *in = tarn_values(x);
    tarn_real *y = tarn_values(result);
    const int64_t n = tarn_size(x);
    TARN__EACH_CHUNK (first, n) {
        const tarn__elements e = {
            tarn__chunk(first, n), in + first, NULL, NULL, {number[0], number[1]}};
        unary->forward(&e, y + first);
    }
    return result;
}
