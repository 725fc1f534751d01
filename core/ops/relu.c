/*
 * Rectified linear unit.
 *
 *     y = 0 if x <= 0, else x       so NaN stays NaN
 *     dx = 0 if y <= 0, else dy
 */
#include "core/base/clones.h"
#include "core/ops.h"
#include "core/ops/shared/unary.h"

TARN__CLONES static void forward(const tarn__elements *e, tarn_real *y)
{
    const int64_t n = e->count;
    for (int64_t i = 0; i < n; i++)
        y[i] = e->x[i] <= 0 ? 0 : e->x[i];
}

/* dy is read in any case, so that the loop becomes vectors: the signs of y cannot be predicted. */
TARN__CLONES static void gradient(const tarn__elements *e, tarn_real *dx)
{
    const int64_t n = e->count;
    for (int64_t i = 0; i < n; i++) {
        const tarn_real dy = e->dy[i];
        dx[i] = e->y[i] <= 0 ? 0 : dy;
    }
}

static const tarn__unary relu = {{"relu", tarn__unary_backward}, forward, gradient};

tarn_tensor *tarn_relu(tarn_tensor *x)
{
    return tarn__unary_result(&relu, x, 0, 0);
}
