/*
 * The sign.
 *
 *     y = -1, 0 or 1; NaN for NaN
 *     dx = 0
 */
#include "core/base/clones.h"
#include "core/ops/extras.h"
#include "core/ops/shared/unary.h"

TARN__CLONES static void forward(const tarn__elements *e, tarn_real *y)
{
    const int64_t n = e->count;
    for (int64_t i = 0; i < n; i++) {
        const tarn_real x = e->x[i], below = x < 0 ? -1 : x;
        y[i] = x > 0 ? 1 : below;
    }
}

static void no_gradient(const tarn__elements *e, tarn_real *dx)
{
    for (int64_t i = 0; i < e->count; i++)
        dx[i] = 0;
}

static const tarn__unary sign = {{"sign", tarn__unary_backward}, forward, no_gradient};

tarn_tensor *tarn_sign(tarn_tensor *x)
{
    return tarn__unary_result(&sign, x, 0, 0);
}
