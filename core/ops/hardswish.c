/*
 * x times the hard sigmoid, in the place of silu (Howard et al. 2019, MobileNetV3).
 *
 *     y = 0 if x <= -3, x if x >= 3, else x (x + 3) / 6
 *     dx = 0, dy, dy (2 x + 3) / 6
 */
#include "core/base/clones.h"
#include "core/ops/extras.h"
#include "core/ops/shared/unary.h"

static const tarn_real sixth =
    (tarn_real)(1 / 6.0); /* a product takes a third of a quotient's time */

TARN__CLONES static void forward(const tarn__elements *e, tarn_real *y)
{
    const int64_t n = e->count;
    for (int64_t i = 0; i < n; i++) {
        const tarn_real x = e->x[i], above = x >= 3 ? x : x * (sixth * (x + 3));
        y[i] = x <= -3 ? 0 : above;
    }
}

TARN__CLONES static void gradient(const tarn__elements *e, tarn_real *dx)
{
    const int64_t n = e->count;
    for (int64_t i = 0; i < n; i++) {
        const tarn_real x = e->x[i], dy = e->dy[i], between = dy * (sixth * (2 * x + 3));
        const tarn_real above = x >= 3 ? dy : between;
        dx[i] = x <= -3 ? 0 : above;
    }
}

static const tarn__unary hardswish = {{"hardswish", tarn__unary_backward}, forward, gradient};

tarn_tensor *tarn_hardswish(tarn_tensor *x)
{
    return tarn__unary_result(&hardswish, x, 0, 0);
}
