/*
 * Hyperbolic tangent.
 *
 *     y = tanh(x)
 *     dx = dy 4 s (1 - s)        s = 1 / (1 + e^(2|x|))
 *
 * 1 - y^2 is the same, but cancels where |y| is near 1.
 */
#include "core/kernels/kernels.h"
#include "core/ops.h"
#include "core/ops/shared/unary.h"

static void forward(const tarn__elements *e, tarn_real *y)
{
    tarn__kernels_in_use()->tanh(e->count, e->x, y);
}

static void gradient(const tarn__elements *e, tarn_real *dx)
{
    tarn__kernels_in_use()->times_tanh_slope(e->count, e->dy, e->x, dx);
}

static const tarn__unary tanh_op = {{"tanh", tarn__unary_backward}, forward, gradient};

tarn_tensor *tarn_tanh(tarn_tensor *x)
{
    return tarn__unary_result(&tanh_op, x, 0, 0);
}
