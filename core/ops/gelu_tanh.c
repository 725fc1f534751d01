/*
 * Gaussian error linear unit (Hendrycks, Gimpel 2016), the approximation with tanh.
 *
 *     y = x (1 + tanh(u)) / 2 = x s        u = sqrt(2 / pi) (x + 0.044715 x^3)
 *                                          s = sigmoid(2 u), precise where 1 + tanh(u) is not
 *     dx = dy (s + x s (1 - s) 2 u')       u' = sqrt(2 / pi) (1 + 3 0.044715 x^2)
 */
#include "core/base/clones.h"
#include "core/kernels/kernels.h"
#include "core/ops/extras.h"
#include "core/ops/shared/unary.h"

static const tarn_real factor = (tarn_real)1.5957691216057308; /* 2 sqrt(2 / pi) */
static const tarn_real cubic = (tarn_real)0.044715;

/* x^2, or 1000 where it is larger: s is 0 or 1 there, and x^2 might be infinite. */
static inline tarn_real bounded_square(tarn_real x)
{
    const tarn_real square = x * x;
    return square > 1000 ? 1000 : square;
}

/* s of each element. */
static void weights(int64_t n, const tarn_real *x, tarn_real *s)
{
    for (int64_t i = 0; i < n; i++)
        s[i] = factor * x[i] * (1 + cubic * bounded_square(x[i]));
    tarn__kernels_in_use()->sigmoid(n, s, s);
}

TARN__CLONES static void forward(const tarn__elements *e, tarn_real *y)
{
    const int64_t n = e->count;
    weights(n, e->x, y);
    for (int64_t i = 0; i < n; i++)
        y[i] *= e->x[i];
}

TARN__CLONES static void gradient(const tarn__elements *e, tarn_real *dx)
{
    const int64_t n = e->count;
    weights(n, e->x, dx);
    for (int64_t i = 0; i < n; i++) {
        const tarn_real x = e->x[i], s = dx[i];
        const tarn_real slope = factor * (1 + 3 * cubic * bounded_square(x));
        dx[i] = e->dy[i] * (s + x * (s * (1 - s)) * slope);
    }
}

static const tarn__unary gelu_tanh = {{"gelu_tanh", tarn__unary_backward}, forward, gradient};

tarn_tensor *tarn_gelu_tanh(tarn_tensor *x)
{
    return tarn__unary_result(&gelu_tanh, x, 0, 0);
}
