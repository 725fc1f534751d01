/*
 * Product with a number.
 *
 *     y = factor x
 *     dx = factor dy
 */
#include <math.h>

#include "core/base/clones.h"
#include "core/base/error.h"
#include "core/ops.h"
#include "core/ops/shared/unary.h"

TARN__CLONES static void forward(const tarn__elements *e, tarn_real *y)
{
    const int64_t n = e->count;
    const tarn_real factor = e->number[0];
    for (int64_t i = 0; i < n; i++)
        y[i] = factor * e->x[i];
}

TARN__CLONES static void gradient(const tarn__elements *e, tarn_real *dx)
{
    const int64_t n = e->count;
    const tarn_real factor = e->number[0];
    for (int64_t i = 0; i < n; i++)
        dx[i] = factor * e->dy[i];
}

static const tarn__unary scale = {{"scale", tarn__unary_backward}, forward, gradient};

tarn_tensor *tarn_scale(tarn_tensor *x, double factor)
{
    if (x && isfinite(factor) && !isfinite((tarn_real)factor))
        return tarn_fail("scale: the factor is %g, beyond what an element can be", factor);
    return tarn__unary_result(&scale, x, factor, 0);
}
