/*
 * Softsign, which nears -1 and 1 more slowly than tanh (Turian, Bergstra, Bengio 2009).
 *
 *     y = x / (1 + |x|)
 *     dx = dy / (1 + |x|)^2
 */
#include "core/base/clones.h"
#include "core/ops/extras.h"
#include "core/ops/shared/unary.h"

TARN__CLONES static void forward(const tarn__elements *e, tarn_real *y)
{
    const int64_t n = e->count;
    for (int64_t i = 0; i < n; i++) {
        const tarn_real x = e->x[i], size = x < 0 ? -x : x;
        y[i] = x / (1 + size);
    }
}

TARN__CLONES static void gradient(const tarn__elements *e, tarn_real *dx)
{
    const int64_t n = e->count;
    for (int64_t i = 0; i < n; i++) {
        const tarn_real x = e->x[i], by = 1 + (x < 0 ? -x : x);
        dx[i] = e->dy[i] / by / by;
    }
}

static const tarn__unary softsign = {{"softsign", tarn__unary_backward}, forward, gradient};

tarn_tensor *tarn_softsign(tarn_tensor *x)
{
    return tarn__unary_result(&softsign, x, 0, 0);
}
