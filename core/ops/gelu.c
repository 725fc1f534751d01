/*
 * Gaussian error linear unit (Hendrycks, Gimpel 2016), exact form.
 *
 *     y = x P(x)               P(x) = (1 + erf(x / sqrt 2)) / 2, the normal distribution function
 *     dx = dy (P(x) + x p(x))  p(x) = e^(-x^2 / 2) / sqrt(2 pi), its density
 */
#include "core/kernels/kernels.h"
#include "core/ops.h"
#include "core/ops/shared/unary.h"

static void forward(const tarn__elements *e, tarn_real *y)
{
    tarn__kernels_in_use()->gelu(e->count, e->x, y);
}

static void gradient(const tarn__elements *e, tarn_real *dx)
{
    tarn__kernels_in_use()->times_gelu_slope(e->count, e->dy, e->x, dx);
}

static const tarn__unary gelu = {{"gelu", tarn__unary_backward}, forward, gradient};

tarn_tensor *tarn_gelu(tarn_tensor *x)
{
    return tarn__unary_result(&gelu, x, 0, 0);
}
