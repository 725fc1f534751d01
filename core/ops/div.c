/*
 * Quotient, with broadcasting.
 *
 *     y = a / b
 *     da = dy / b
 *     db = -dy ((a / b) / b)        b b might overflow
 */
#include "core/ops/shared/binary.h"

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

TARN__BINARY_LOOPS

static const tarn_op div_op = {"div", backward};

tarn_tensor *tarn_div(tarn_tensor *a, tarn_tensor *b)
{
    return tarn__binary(&div_op, a, b, forward_loop);
}
