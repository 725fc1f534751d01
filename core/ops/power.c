/*
 * Power of two tensors, with broadcasting.
 *
 *     y = a^b                         as C's pow()
 *     da = dy b a^(b - 1)             0 where b = 0
 *     db = dy a^b ln a                0 where a = 0 and b >= 0
 */
#include <tgmath.h>

#include "core/ops/extras.h"
#include "core/ops/shared/binary.h"

static tarn_real forward(tarn_real a, tarn_real b)
{
    return pow(a, b);
}

static tarn_real gradient_of_a(tarn_real a, tarn_real b, tarn_real dy)
{
    return b == 0 ? 0 : dy * (b * pow(a, b - 1));
}

static tarn_real gradient_of_b(tarn_real a, tarn_real b, tarn_real dy)
{
    return a == 0 && b >= 0 ? 0 : dy * (pow(a, b) * log(a));
}

TARN__BINARY_LOOPS

static const tarn_op power = {"power", backward};

tarn_tensor *tarn_power(tarn_tensor *a, tarn_tensor *b)
{
    return tarn__binary(&power, a, b, forward_loop);
}
