/*
 * Exponential.
 *
 *     y = e^x
 *     dx = dy y
 */
#include "core/base/clones.h"
#include "core/kernels/kernels.h"
#include "core/ops.h"
#include "core/ops/shared/unary.h"

static void forward(const tarn__elements *e, tarn_real *y)
{
    tarn__kernels_in_use()->exp(e->count, e->x, y);
}

TARN__CLONES static void gradient(const tarn__elements *e, tarn_real *dx)
{
    const int64_t n = e->count;
    for (int64_t i = 0; i < n; i++)
        dx[i] = e->dy[i] * e->y[i];
}

static const tarn__unary exp_op = {{"exp", tarn__unary_backward}, forward, gradient};

tarn_tensor *tarn_exp(tarn_tensor *x)
{
    return tarn__unary_result(&exp_op, x, 0, 0);
}
