/*
 * Cosine, x in radians.
 *
 *     y = cos x
 *     dx = -dy sin x
 */
#include "core/base/clones.h"
#include "core/kernels/kernels.h"
#include "core/ops/extras.h"
#include "core/ops/shared/unary.h"

static void forward(const tarn__elements *e, tarn_real *y)
{
    tarn__kernels_in_use()->cosine(e->count, e->x, y);
}

TARN__CLONES static void gradient(const tarn__elements *e, tarn_real *dx)
{
    const int64_t n = e->count;
    tarn__kernels_in_use()->sine(n, e->x, dx);
    for (int64_t i = 0; i < n; i++)
        dx[i] *= -e->dy[i];
}

static const tarn__unary cos_op = {{"cos", tarn__unary_backward}, forward, gradient};

tarn_tensor *tarn_cos(tarn_tensor *x)
{
    return tarn__unary_result(&cos_op, x, 0, 0);
}
