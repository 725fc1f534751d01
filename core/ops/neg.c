/*
 * Negative.
 *
 *     y = -x
 *     dx = -dy
 */
#include "core/base/clones.h"
#include "core/ops.h"
#include "core/ops/shared/unary.h"

TARN__CLONES static void forward(const tarn__elements *e, tarn_real *y)
{
    const int64_t n = e->count;
    for (int64_t i = 0; i < n; i++)
        y[i] = -e->x[i];
}

TARN__CLONES static void gradient(const tarn__elements *e, tarn_real *dx)
{
    const int64_t n = e->count;
    for (int64_t i = 0; i < n; i++)
        dx[i] = -e->dy[i];
}

static const tarn__unary neg = {{"neg", tarn__unary_backward}, forward, gradient};

tarn_tensor *tarn_neg(tarn_tensor *x)
{
    return tarn__unary_result(&neg, x, 0, 0);
}
