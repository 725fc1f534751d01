/*
 * Power by a number.
 *
 *     y = x^p                    as the C library's pow()
 *     dx = dy p x^(p - 1)        0 for p = 0
 */
#include <tgmath.h>

#include "core/error.h"
#include "core/ops.h"
#include "core/ops/unary.h"

static void forward(const tarn__elements *e, tarn_real *y)
{
    for (int64_t i = 0; i < e->count; i++)
        y[i] = pow(e->x[i], e->number[0]);
}

/* p = 0 is apart, since 0 times the infinite power of 0 would be NaN. */
static void gradient(const tarn__elements *e, tarn_real *dx)
{
    const tarn_real p = e->number[0];
    for (int64_t i = 0; i < e->count; i++)
        dx[i] = p == 0 ? 0 : e->dy[i] * (p * pow(e->x[i], p - 1));
}

static const tarn__unary pow_op = {{"pow", tarn__unary_backward}, forward, gradient};

tarn_tensor *tarn_pow(tarn_tensor *x, double exponent)
{
    if (x && !isfinite(exponent))
        return tarn_fail("pow: the exponent is %g, expects a finite number", exponent);
    return tarn__unary_result(&pow_op, x, exponent, 0);
}
