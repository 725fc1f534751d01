/*
 * Difference, with broadcasting.
 *
 *     y = a - b
 *     da = dy
 *     db = -dy
 */
#include "core/ops/shared/binary.h"

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

TARN__BINARY_LOOPS

static const tarn_op sub = {"sub", backward};

tarn_tensor *tarn_sub(tarn_tensor *a, tarn_tensor *b)
{
    return tarn__binary(&sub, a, b, forward_loop);
}
