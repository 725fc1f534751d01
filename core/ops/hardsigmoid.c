/*
 * Three straight pieces in the place of the sigmoid (Howard et al. 2019, MobileNetV3).
 *
 *     y = 0 if x <= -3, 1 if x >= 3, else (x + 3) / 6
 *     dx = dy / 6 where -3 < x < 3, else 0
 */
#include "core/base/clones.h"
#include "core/ops/extras.h"
#include "core/ops/shared/unary.h"

TARN__CLONES static void forward(const tarn__elements *e, tarn_real *y)
{
    const int64_t n = e->count;
    for (int64_t i = 0; i < n; i++) {
        const tarn_real x = e->x[i], above = x >= 3 ? 1 : (x + 3) / 6;
        y[i] = x <= -3 ? 0 : above;
    }
}

TARN__CLONES static void gradient(const tarn__elements *e, tarn_real *dx)
{
    const int64_t n = e->count;
    for (int64_t i = 0; i < n; i++) {
        const tarn_real x = e->x[i], between = e->dy[i] / 6;
        dx[i] = ((x > -3) & (x < 3)) ? between : 0;
    }
}

static const tarn__unary hardsigmoid = {{"hardsigmoid", tarn__unary_backward}, forward, gradient};

tarn_tensor *tarn_hardsigmoid(tarn_tensor *x)
{
    return tarn__unary_result(&hardsigmoid, x, 0, 0);
}
