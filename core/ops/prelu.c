/*
 * ReLU whose slope below 0 is learned (He et al. 2015), with broadcasting.
 *
 *     y = x if x > 0, else slope x
 *     dx = dy if x > 0, else dy slope
 *     dslope = 0 if x > 0, else dy x
 */
#include "core/ops/extras.h"
#include "core/ops/shared/binary.h"

static tarn_real forward(tarn_real a, tarn_real b)
{
    const tarn_real below = b * a;
    return a > 0 ? a : below;
}

static tarn_real gradient_of_a(tarn_real a, tarn_real b, tarn_real dy)
{
    const tarn_real below = dy * b;
    return a > 0 ? dy : below;
}

static tarn_real gradient_of_b(tarn_real a, tarn_real b, tarn_real dy)
{
    (void)b;
    const tarn_real below = dy * a;
    return a > 0 ? 0 : below;
}

TARN__BINARY_LOOPS

static const tarn_op prelu = {"prelu", backward};

tarn_tensor *tarn_prelu(tarn_tensor *x, tarn_tensor *slope)
{
    return tarn__binary(&prelu, x, slope, forward_loop);
}
