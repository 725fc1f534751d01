/*
 * The logarithm of the sigmoid, which does not underflow.
 *
 *     y = -ln(1 + e^-x) = -softplus(-x)
 *     dx = dy sigmoid(-x)
 */
#include "core/base/clones.h"
#include "core/kernels/kernels.h"
#include "core/ops/extras.h"
#include "core/ops/shared/softplus.h"
#include "core/ops/shared/unary.h"

TARN__CLONES static void forward(const tarn__elements *e, tarn_real *y)
{
    const int64_t n = e->count;
    tarn__softplus(n, -1, e->x, y);
    for (int64_t i = 0; i < n; i++)
        y[i] = -y[i];
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
