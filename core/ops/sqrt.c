/*
 * Square root.
 *
 *     y = sqrt(x)        NaN below 0
 *     dx = dy / (2 y)    infinite at 0
 */
#include <tgmath.h>

#include "core/base/clones.h"
#include "core/ops.h"
#include "core/ops/shared/unary.h"

TARN__CLONES static void forward(const tarn__elements *e, tarn_real *y)
{
    const int64_t n = e->count;
    for (int64_t i = 0; i < n; i++)
        y[i] = sqrt(e->x[i]);
}

TARN__CLONES static void gradient(const tarn__elements *e, tarn_real *dx)
{
    const int64_t n = e->count;
    for (int64_t i = 0; i < n; i++)
        dx[i] = e->dy[i] / (2 * e->y[i]);
}

static const tarn__unary sqrt_op = {{"sqrt", tarn__unary_backward}, forward, gradient};

tarn_tensor *tarn_sqrt(tarn_tensor *x)
{
    return tarn__unary_result(&sqrt_op, x, 0, 0);
}
