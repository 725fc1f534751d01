/*
 * Difference, with broadcasting.
 *
 *     y = a - b
 *     da = dy
 *     db = -dy
 */
#include "core/ops/binary.h"

static tarn_real forward(tarn_real a, tarn_real b)
{
    return a - b;
}

static tarn_real gradient_of_a(tarn_real a, tarn_real b, tarn_real dy)
{
    (void)a;
    (void)b;
    return dy;
}

static tarn_real gradient_of_b(tarn_real a, tarn_real b, tarn_real dy)
{
    (void)a;
    (void)b;
    return -dy;
}

static void sub_backward(const tarn_node *node)
{
    tarn__binary_backward(node, gradient_of_a, gradient_of_b);
}

static const tarn_op sub = {"sub", sub_backward};

tarn_tensor *tarn_sub(tarn_tensor *a, tarn_tensor *b)
{
    return tarn__binary(&sub, a, b, forward);
}
