/*
 * One over the square root.
 *
 *     y = 1 / sqrt(x)                infinite at 0, NaN below
 *     dx = -dy y^3 / 2
 */
#include <tgmath.h>

#include "core/base/clones.h"
#include "core/ops/extras.h"
#include "core/ops/shared/unary.h"

TARN__CLONES static void forward(const tarn__elements *e, tarn_real *y)
{
    const int64_t n = e->count;
    for (int64_t i = 0; i < n; i++)
        y[i] = 1 / sqrt(e->x[i]);
}

TARN__CLONES static void gradient(const tarn__elements *e, tarn_real *dx)
{
    const int64_t n = e->count;
    for (int64_t i = 0; i < n; i++) {
        const tarn_real y = e->y[i];
        dx[i] = e->dy[i] * (-y * y * y / 2);
    }
}

static const tarn__unary rsqrt = {{"rsqrt", tarn__unary_backward}, forward, gradient};

tarn_tensor *tarn_rsqrt(tarn_tensor *x)
{
    return tarn__unary_result(&rsqrt, x, 0, 0);
}
