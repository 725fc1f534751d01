/*
 * Absolute value.
 *
 *     y = |x|
 *     dx = dy sign(x)        sign(0) = 0
 */
#include <tgmath.h>

#include "core/base/clones.h"
#include "core/ops.h"
#include "core/ops/shared/unary.h"

TARN__CLONES static void forward(const tarn__elements *e, tarn_real *y)
{
    const int64_t n = e->count;
    for (int64_t i = 0; i < n; i++)
        y[i] = fabs(e->x[i]);
}

TARN__CLONES static void gradient(const tarn__elements *e, tarn_real *dx)
{
    const int64_t n = e->count;
    for (int64_t i = 0; i < n; i++) {
        const tarn_real sign = (tarn_real)((e->x[i] > 0) - (e->x[i] < 0));
        dx[i] = e->dy[i] * sign;
    }
}

static const tarn__unary abs_op = {{"abs", tarn__unary_backward}, forward, gradient};

tarn_tensor *tarn_abs(tarn_tensor *x)
{
    return tarn__unary_result(&abs_op, x, 0, 0);
}
