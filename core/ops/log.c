/*
 * Natural logarithm.
 *
 *     y = ln(x)        -infinity at 0, NaN below
 *     dx = dy / x
 */
#include "core/base/clones.h"
#include "core/kernels/kernels.h"
#include "core/ops.h"
#include "core/ops/shared/unary.h"

static void forward(const tarn__elements *e, tarn_real *y)
{
    tarn__kernels_in_use()->log(e->count, e->x, y);
}

TARN__CLONES static void gradient(const tarn__elements *e, tarn_real *dx)
{
    const int64_t n = e->count;
    for (int64_t i = 0; i < n; i++)
        dx[i] = e->dy[i] / e->x[i];
}

static const tarn__unary log_op = {{"log", tarn__unary_backward}, forward, gradient};

tarn_tensor *tarn_log(tarn_tensor *x)
{
    return tarn__unary_result(&log_op, x, 0, 0);
}
