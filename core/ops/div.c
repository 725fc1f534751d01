/*
 * Quotient, with broadcasting.
 *
 *     y = a / b
 *     da = dy / b
 *     db = -dy ((a / b) / b)        b b might overflow
 */
#include "core/ops/binary.h"

static tarn_real forward(tarn_real a, tarn_real b)
{
    return a / b;
}

static tarn_real gradient_of_a(tarn_real a, tarn_real b, tarn_real dy)
{
    (void)a;
    return dy / b;
}

static tarn_real gradient_of_b(tarn_real a, tarn_real b, tarn_real dy)
{
    return -dy * ((a / b) / b);
}

static void div_backward(const tarn_node *node)
{
    tarn__binary_backward(node, gradient_of_a, gradient_of_b);
}

static const tarn_op div_op = {"div", div_backward};

tarn_tensor *tarn_div(tarn_tensor *a, tarn_tensor *b)
{
    return tarn__binary(&div_op, a, b, forward);
}
