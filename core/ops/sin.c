/*
 * Sine, x in radians.
 *
 *     y = sin x
 *     dx = dy cos x
 */
#include "core/base/clones.h"
#include "core/kernels/kernels.h"
#include "core/ops/extras.h"
#include "core/ops/shared/unary.h"

static void forward(const tarn__elements *e, tarn_real *y)
{
    tarn__kernels_in_use()->sine(e->count, e->x, y);
}

TARN__CLONES static void gradient(const tarn__elements *e, tarn_real *dx)
{
    const int64_t n = e->count;
    tarn__kernels_in_use()->cosine(n, e->x, dx);
    for (int64_t i = 0; i < n; i++)
        dx[i] *= e->dy[i];
}

static const tarn__unary sin_op = {{"sin", tarn__unary_backward}, forward, gradient};

tarn_tensor *tarn_sin(tarn_tensor *x)
{
    return tarn__unary_result(&sin_op, x, 0, 0);
}
