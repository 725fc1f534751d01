/*
 * ReLU that ends at 6 (Krizhevsky 2010), as in MobileNet.
 *
 *     y = 0 if x <= 0, 6 if x >= 6, else x           so NaN stays NaN
 *     dx = dy where 0 < x < 6, else 0
 */
#include "core/base/clones.h"
#include "core/ops.h"
#include "core/ops/shared/unary.h"

TARN__CLONES static void forward(const tarn__elements *e, tarn_real *y)
{
    const int64_t n = e->count;
    for (int64_t i = 0; i < n; i++) {
        const tarn_real x = e->x[i], above = x >= 6 ? 6 : x;
        y[i] = x <= 0 ? 0 : above;
    }
}

TARN__CLONES static void gradient(const tarn__elements *e, tarn_real *dx)
{
    const int64_t n = e->count;
    for (int64_t i = 0; i < n; i++) {
        const tarn_real x = e->x[i], dy = e->dy[i];
        dx[i] = ((x > 0) & (x < 6)) ? dy : 0;
    }
}

static const tarn__unary relu6 = {{"relu6", tarn__unary_backward}, forward, gradient};

tarn_tensor *tarn_relu6(tarn_tensor *x)
{
    return tarn__unary_result(&relu6, x, 0, 0);
}
