/*
 * The logarithm of the sigmoid, which does not underflow: -softplus(-x).
 *
 *     y = -ln(1 + e^-x) = min(x, 0) - ln(1 + e)        e = e^-|x|, at most 1
 *     dx = dy sigmoid(-x)
 *
 * ln(1 + e) is computed as in softplus.c.
 */
#include "core/base/clones.h"
#include "core/base/pool.h"
#include "core/kernels/kernels.h"
#include "core/ops.h"
#include "core/ops/shared/unary.h"

TARN__CLONES static void forward(const tarn__elements *e, tarn_real *y)
{
    const int64_t n = e->count;
    tarn_real log_w[TARN__CHUNK];
    for (int64_t i = 0; i < n; i++)
        y[i] = e->x[i] < 0 ? e->x[i] : -e->x[i];
    tarn__kernels_in_use()->exp(n, y, y);
    for (int64_t i = 0; i < n; i++)
        log_w[i] = 1 + y[i];
    tarn__kernels_in_use()->log(n, log_w, log_w);
    for (int64_t i = 0; i < n; i++) {
        const tarn_real x = e->x[i], w = 1 + y[i];
        y[i] = (x >= 0 ? 0 : x) - (log_w[i] + (y[i] - (w - 1)) / w);
    }
}

TARN__CLONES static void gradient(const tarn__elements *e, tarn_real *dx)
{
    const int64_t n = e->count;
    for (int64_t i = 0; i < n; i++)
        dx[i] = -e->x[i];
    tarn__kernels_in_use()->sigmoid(n, dx, dx);
    for (int64_t i = 0; i < n; i++)
        dx[i] *= e->dy[i];
}

static const tarn__unary log_sigmoid = {{"log_sigmoid", tarn__unary_backward}, forward, gradient};

tarn_tensor *tarn_log_sigmoid(tarn_tensor *x)
{
    return tarn__unary_result(&log_sigmoid, x, 0, 0);
}
