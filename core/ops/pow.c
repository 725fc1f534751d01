/*
 * Power by a number.
 *
 *     y = x^p                    as C's pow()
 *     dx = dy p x^(p - 1)        0 for p = 0
 */
#include <tgmath.h>

#include "core/base/clones.h"
#include "core/base/error.h"
#include "core/kernels/kernels.h"
#include "core/ops/extras.h"
#include "core/ops/shared/unary.h"

/* A small whole power is a product, which takes a part of the time. */
static void power(int64_t n, const tarn_real *x, tarn_real p, tarn_real *y)
{
    if (p != 0 && p != 1 && p != 2 && p != 3 && p != 4) {
        tarn__kernels_in_use()->power(n, x, p, y);
        return;
    }
    for (int64_t i = 0; i < n; i++)
        y[i] = 1;
    for (int k = 0; k < (int)p; k++)
        for (int64_t i = 0; i < n; i++)
            y[i] *= x[i];
}

static void forward(const tarn__elements *e, tarn_real *y)
{
    power(e->count, e->x, e->number[0], y);
}

/* For p = 0 any finite power would do, but 0^-1 is infinite, and 0 times that NaN. */
TARN__CLONES static void gradient(const tarn__elements *e, tarn_real *dx)
{
    const int64_t n = e->count;
    const tarn_real p = e->number[0];
    power(n, e->x, p == 0 ? 0 : p - 1, dx);
    for (int64_t i = 0; i < n; i++)
        dx[i] = e->dy[i] * (p * dx[i]);
}

static const tarn__unary pow_op = {{"pow", tarn__unary_backward}, forward, gradient};

tarn_tensor *tarn_pow(tarn_tensor *x, double exponent)
{
    if (x && !isfinite((tarn_real)exponent))
        return tarn_fail("pow: the exponent is %g, expects a finite number", exponent);
    return tarn__unary_result(&pow_op, x, exponent, 0);
}
