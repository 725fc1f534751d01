/*
 * Square.
 *
 *     y = x x
 *     dx = 2 dy x
 */
#include "core/base/clones.h"
#include "core/ops.h"
#include "core/ops/shared/unary.h"

TARN__CLONES static void forward(const tarn__elements *e, tarn_real *y)
{
    const int64_t n = e->count;
    for (int64_t i = 0; i < n; i++)
        y[i] = e->x[i] * e->x[i];
}

TARN__CLONES static void gradient(const tarn__elements *e, tarn_real *dx)
{
    const int64_t n = e->count;
    for (int64_t i = 0; i < n; i++)
        dx[i] = 2 * e->dy[i] * e->x[i];
}

static const tarn__unary square = {{"square", tarn__unary_backward}, forward, gradient};

tarn_tensor *tarn_square(tarn_tensor *x)
{
    return tarn__unary_result(&square, x, 0, 0);
}
