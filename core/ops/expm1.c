/*
 * e^x - 1, precise near 0.
 *
 *     y = 2 t / (1 - t), t = tanh(x / 2), for x < 1; e^x - 1 elsewhere, where nothing cancels
 *     dx = dy e^x
 */
#include "core/base/clones.h"
#include "core/base/pool.h"
#include "core/kernels/kernels.h"
#include "core/ops/extras.h"
#include "core/ops/shared/unary.h"

TARN__CLONES static void forward(const tarn__elements *e, tarn_real *y)
{
    const int64_t n = e->count;
    tarn_real power[TARN__CHUNK];
    tarn__kernels_in_use()->exp(n, e->x, power);
    for (int64_t i = 0; i < n; i++)
        y[i] = e->x[i] / 2;
    tarn__kernels_in_use()->tanh(n, y, y);
    for (int64_t i = 0; i < n; i++) {
        const tarn_real below = 2 * y[i] / (1 - y[i]), above = power[i] - 1;
        y[i] = e->x[i] < 1 ? below : above;
    }
}

TARN__CLONES static void gradient(const tarn__elements *e, tarn_real *dx)
{
    const int64_t n = e->count;
    tarn__kernels_in_use()->exp(n, e->x, dx);
    for (int64_t i = 0; i < n; i++)
        dx[i] *= e->dy[i];
}

static const tarn__unary expm1_op = {{"expm1", tarn__unary_backward}, forward, gradient};

tarn_tensor *tarn_expm1(tarn_tensor *x)
{
    return tarn__unary_result(&expm1_op, x, 0, 0);
}
