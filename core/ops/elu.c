/*
 * Exponential linear unit (Clevert, Unterthiner, Hochreiter 2016).
 *
 *     y = x if x > 0, else alpha (e^x - 1)
 *     dx = dy if x > 0, else dy alpha e^x
 *
 * The slope alpha e^x is also y + alpha, but that cancels where y is near -alpha.
 */
#include <math.h>

#include "core/base/clones.h"
#include "core/base/error.h"
#include "core/kernels/kernels.h"
#include "core/ops.h"
#include "core/ops/shared/unary.h"

TARN__CLONES static void forward(const tarn__elements *e, tarn_real *y)
{
    const int64_t n = e->count;
    const tarn_real alpha = e->number[0];
    tarn__kernels_in_use()->elu(n, e->x, y);
    for (int64_t i = 0; i < n && alpha != 1; i++)
        y[i] *= y[i] > 0 ? 1 : alpha;
}

TARN__CLONES static void gradient(const tarn__elements *e, tarn_real *dx)
{
    const int64_t n = e->count;
    const tarn_real alpha = e->number[0];
    tarn__kernels_in_use()->exp(n, e->x, dx);
    for (int64_t i = 0; i < n; i++) {
        const tarn_real dy = e->dy[i], below = dy * (alpha * dx[i]);
        dx[i] = e->x[i] > 0 ? dy : below;
    }
}

static const tarn__unary elu = {{"elu", tarn__unary_backward}, forward, gradient};

tarn_tensor *tarn_elu_with(tarn_elu_args args)
{
    if (args.x && !(args.alpha >= 0 && isfinite((tarn_real)args.alpha)))
        return tarn_fail("elu: alpha is %g, expects a finite number of at least 0", args.alpha);
    return tarn__unary_result(&elu, args.x, args.alpha, 0);
}
