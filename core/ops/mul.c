/*
 * Product, with broadcasting.
 *
 *     y = a b
 *     da = dy b
 *     db = dy a
 */
#include "core/ops/shared/binary.h"

static tarn_real forward(tarn_real a, tarn_real b)
{
    return a * b;
}

static tarn_real gradient_of_a(tarn_real a, tarn_real b, tarn_real dy)
{
    (void)a;
    return dy * b;
}

static tarn_real gradient_of_b(tarn_real a, tarn_real b, tarn_real dy)
{
    (void)b;
    return dy * a;
}

TARN__BINARY_LOOPS

static const tarn_op mul = {"mul", backward};

tarn_tensor *tarn_mul(tarn_tensor *a, tarn_tensor *b)
{
    return tarn__binary(&mul, a, b, forward_loop);
}
