/*
 * The larger of two, with broadcasting.
 *
 *     y = a if a > b, else b; NaN if one is NaN
 *     da = dy if a > b, dy / 2 if a = b, 0 if a < b        dy if one is NaN
 *     db = dy if b > a, dy / 2 if b = a, 0 if b < a
 */
#include "core/ops/extras.h"
#include "core/ops/shared/binary.h"

static tarn_real forward(tarn_real a, tarn_real b)
{
    return a > b || a != a ? a : b;
}

static tarn_real gradient_of_a(tarn_real a, tarn_real b, tarn_real dy)
{
    const tarn_real equal = a == b ? dy / 2 : dy;
    return a < b ? 0 : equal;
}

static tarn_real gradient_of_b(tarn_real a, tarn_real b, tarn_real dy)
{
    return gradient_of_a(b, a, dy);
}

TARN__BINARY_LOOPS

static const tarn_op maximum = {"maximum", backward};

tarn_tensor *tarn_maximum(tarn_tensor *a, tarn_tensor *b)
{
    return tarn__binary(&maximum, a, b, forward_loop);
}
