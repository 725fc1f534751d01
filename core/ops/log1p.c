/*
 * ln(1 + x), precise near 0.
 *
 *     y = ln w + (x - (w - 1)) / w        w = 1 + x as it is rounded
 *     dx = dy / (1 + x)
 *
 * The second term is what rounding took from w. It is left out where w is 0 or infinite.
 */
#include <math.h>

#include "core/base/clones.h"
#include "core/kernels/kernels.h"
#include "core/ops/extras.h"
#include "core/ops/shared/unary.h"

TARN__CLONES static void forward(const tarn__elements *e, tarn_real *y)
{
    const int64_t n = e->count;
    for (int64_t i = 0; i < n; i++)
        y[i] = 1 + e->x[i];
    tarn__kernels_in_use()->log(n, y, y);
    for (int64_t i = 0; i < n; i++) {
        const tarn_real x = e->x[i], w = 1 + x, rest = (x - (w - 1)) / w;
        y[i] = ((w > 0) & (w < (tarn_real)INFINITY)) ? y[i] + rest : y[i];
    }
}

TARN__CLONES static void gradient(const tarn__elements *e, tarn_real *dx)
{
    const int64_t n = e->count;
    for (int64_t i = 0; i < n; i++)
        dx[i] = e->dy[i] / (1 + e->x[i]);
}

static const tarn__unary log1p_op = {{"log1p", tarn__unary_backward}, forward, gradient};

tarn_tensor *tarn_log1p(tarn_tensor *x)
{
    return tarn__unary_result(&log1p_op, x, 0, 0);
}
