/*
 * Mish (Misra 2019).
 *
 *     y = x tanh(ln(1 + e))          e = e^x
 *       = x m / (m + 2)              m = e (e + 2), since tanh(ln w) = (w^2 - 1) / (w^2 + 1)
 *     dx = dy (m / (m + 2) + x 4 e (1 + e) / (m + 2)^2)
 *
 * From 20 on m / (m + 2) is 1 to rounding.
 */
#include "core/base/clones.h"
#include "core/kernels/kernels.h"
#include "core/ops/extras.h"
#include "core/ops/shared/unary.h"

TARN__CLONES static void forward(const tarn__elements *e, tarn_real *y)
{
    const int64_t n = e->count;
    for (int64_t i = 0; i < n; i++)
        y[i] = e->x[i] > 20 ? 20 : e->x[i];
    tarn__kernels_in_use()->exp(n, y, y);
    for (int64_t i = 0; i < n; i++) {
        const tarn_real m = y[i] * (y[i] + 2);
        y[i] = e->x[i] * (m / (m + 2));
    }
}

TARN__CLONES static void gradient(const tarn__elements *e, tarn_real *dx)
{
    const int64_t n = e->count;
    for (int64_t i = 0; i < n; i++)
        dx[i] = e->x[i] > 20 ? 20 : e->x[i];
    tarn__kernels_in_use()->exp(n, dx, dx);
    for (int64_t i = 0; i < n; i++) {
        const tarn_real x = e->x[i], power = dx[i], m = power * (power + 2), by = 1 / (m + 2);
        const tarn_real slope = m * by + x * (4 * power * (1 + power) * by * by);
        dx[i] = e->dy[i] * (x > 20 ? 1 : slope);
    }
}

static const tarn__unary mish = {{"mish", tarn__unary_backward}, forward, gradient};

tarn_tensor *tarn_mish(tarn_tensor *x)
{
    return tarn__unary_result(&mish, x, 0, 0);
}
