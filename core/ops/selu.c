/*
 * Scaled exponential linear unit (Klambauer et al. 2017), whose outputs keep mean 0 and variance 1.
 *
 *     y = scale x if x > 0, else scale alpha (e^x - 1)
 *     dx = dy scale if x > 0, else dy scale alpha e^x
 *
 * e^x - 1 is computed as in elu.c.
 */
#include "core/base/clones.h"
#include "core/kernels/kernels.h"
#include "core/ops/extras.h"
#include "core/ops/shared/unary.h"

#define SCALE 1.0507009873554805
#define ALPHA 1.6732632423543772

TARN__CLONES static void forward(const tarn__elements *e, tarn_real *y)
{
    const int64_t n = e->count;
    for (int64_t i = 0; i < n; i++)
        y[i] = e->x[i] / 2;
    tarn__kernels_in_use()->tanh(n, y, y);
    for (int64_t i = 0; i < n; i++) {
        const tarn_real x = e->x[i], below = (tarn_real)(SCALE * ALPHA) * (2 * y[i] / (1 - y[i]));
        y[i] = x > 0 ? (tarn_real)SCALE * x : below;
    }
}

TARN__CLONES static void gradient(const tarn__elements *e, tarn_real *dx)
{
    const int64_t n = e->count;
    tarn__kernels_in_use()->exp(n, e->x, dx);
    for (int64_t i = 0; i < n; i++) {
        const tarn_real dy = e->dy[i], below = dy * ((tarn_real)(SCALE * ALPHA) * dx[i]);
        dx[i] = e->x[i] > 0 ? (tarn_real)SCALE * dy : below;
    }
}

static const tarn__unary selu = {{"selu", tarn__unary_backward}, forward, gradient};

tarn_tensor *tarn_selu(tarn_tensor *x)
{
    return tarn__unary_result(&selu, x, 0, 0);
}
