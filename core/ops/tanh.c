/*
 * Hyperbolic tangent.
 *
 *     y = tanh(x)
 *     dx = dy 4 s (1 - s)        s = 1 / (1 + e^(2|x|))
 *
 * 1 - y^2 is the same, but cancels where |y| is near 1.
 */
#include "core/base/clones.h"
#include "core/kernels/kernels.h"
#include "core/ops.h"
#include "core/ops/shared/unary.h"

static void forward(const tarn__elements *e, tarn_real *y)
{
    tarn__kernels_in_use()->tanh(e->count, e->x, y);
}

TARN__CLONES static void gradient(const tarn__elements *e, tarn_real *dx)
{
    const int64_t n = e->count;
    for (int64_t i = 0; i < n; i++)
        dx[i] = 2 * e->x[i];
    tarn__kernels_in_use()->sigmoid_slope(n, dx, dx);
    for (int64_t i = 0; i < n; i++)
        dx[i] = e->dy[i] * (4 * dx[i]);
}

static const tarn__unary tanh_op = {{"tanh", tarn__unary_backward}, forward, gradient};

tarn_tensor *tarn_tanh(tarn_tensor *x)
{
    return tarn__unary_result(&tanh_op, x, 0, 0);
}
