/*
 * Gaussian error linear unit (Hendrycks, Gimpel 2016), exact form.
 *
 *     y = x P(x)               P(x) = (1 + erf(x / sqrt 2)) / 2, the normal distribution function
 *     dx = dy (P(x) + x p(x))  p(x) = e^(-x^2 / 2) / sqrt(2 pi), its density
 */
#include "core/ops.h"
#include "core/ops/map.h"
#include "core/parallel.h"

static void gelu_backward(const tarn_node *node)
{
    const tarn_real *x = tarn_values(node->inputs[0]), *dy = tarn_gradients(node->output);
    const int64_t n = tarn_size(node->output);
    tarn__map_kernel *const gelu_slope = tarn__kernels_in_use()->gelu_slope;
    bool add;
    tarn_real *dx = tarn_op_gradient_to_write(node->inputs[0], &add);
    if (!dx)
        return;
    TARN__EACH_CHUNK (first, n) {
        const int64_t count = tarn__chunk(first, n);
        tarn_real slope[TARN__CHUNK]; /* P(x) + x p(x) */
        gelu_slope(count, x + first, slope);
        for (int64_t i = 0; i < count; i++) {
            tarn_real passed = dy[first + i] * slope[i];
            dx[first + i] = add ? dx[first + i] + passed : passed;
        }
    }
}

static const tarn_op gelu = {"gelu", gelu_backward};

tarn_tensor *tarn_gelu(tarn_tensor *x)
{
    return tarn__map(&gelu, x, tarn__kernels_in_use()->gelu);
}
