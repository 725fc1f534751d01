/*
 * Continuously differentiable exponential linear unit (Barron 2017): elu, but with slope 1 at 0
 * whatever alpha is.
 *
 *     y = x if x > 0, else alpha (e^(x / alpha) - 1)
 *     dx = dy if x > 0, else dy e^(x / alpha)
 *
 * e^x - 1 is computed as in elu.c.
 */
#include <math.h>

#include "core/base/clones.h"
#include "core/base/error.h"
#include "core/kernels/kernels.h"
#include "core/ops/extras.h"
#include "core/ops/shared/unary.h"

TARN__CLONES static void forward(const tarn__elements *e, tarn_real *y)
{
    const int64_t n = e->count;
    const tarn_real alpha = e->number[0];
    for (int64_t i = 0; i < n; i++)
        y[i] = e->x[i] / alpha / 2;
    tarn__kernels_in_use()->tanh(n, y, y);
    for (int64_t i = 0; i < n; i++) {
        const tarn_real x = e->x[i], below = alpha * (2 * y[i] / (1 - y[i]));
        y[i] = x > 0 ? x : below;
    }
}

TARN__CLONES static void gradient(const tarn__elements *e, tarn_real *dx)
{
    const int64_t n = e->count;
    const tarn_real alpha = e->number[0];
    for (int64_t i = 0; i < n; i++)
        dx[i] = e->x[i] / alpha;
    tarn__kernels_in_use()->exp(n, dx, dx);
    for (int64_t i = 0; i < n; i++) {
        const tarn_real dy = e->dy[i], below = dy * dx[i];
        dx[i] = e->x[i] > 0 ? dy : below;
    }
}

static const tarn__unary celu = {{"celu", tarn__unary_backward}, forward, gradient};

tarn_tensor *tarn_celu_with(tarn_celu_args args)
{
    const tarn_real alpha = (tarn_real)args.alpha;
    if (args.x && !(alpha > 0 && isfinite(alpha)))
        return tarn_fail("celu: alpha is %g, expects a finite number above 0", args.alpha);
    return tarn__unary_result(&celu, args.x, args.alpha, 0);
}
