/*
 * Sigmoid linear unit, also called swish (Elfwing, Uchibe, Doya 2018).
 *
 *     y = x s                        s = 1 / (1 + e^-x)
 *     dx = dy s (1 + x (1 - s))
 */
#include "core/base/clones.h"
#include "core/kernels/kernels.h"
#include "core/ops.h"
#include "core/ops/shared/unary.h"

static void forward(const tarn__elements *e, tarn_real *y)
{
    tarn__kernels_in_use()->times_sigmoid(e->count, e->x, e->x, y);
}

TARN__CLONES static void gradient(const tarn__elements *e, tarn_real *dx)
{
    const int64_t n = e->count;
    tarn__kernels_in_use()->sigmoid(n, e->x, dx);
    for (int64_t i = 0; i < n; i++)
        dx[i] = e->dy[i] * (dx[i] * (1 + e->x[i] * (1 - dx[i])));
}

static const tarn__unary silu = {{"silu", tarn__unary_backward}, forward, gradient};

tarn_tensor *tarn_silu(tarn_tensor *x)
{
    return tarn__unary_result(&silu, x, 0, 0);
}
