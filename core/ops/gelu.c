/*
 * Gaussian error linear unit (Hendrycks, Gimpel 2016), exact form.
 *
 *     y = x P(x)               P(x) = (1 + erf(x / sqrt 2)) / 2, the normal distribution function
 *     dx = dy (P(x) + x p(x))  p(x) = e^(-x^2 / 2) / sqrt(2 pi), its density
 */
#include <tgmath.h>

#include "core/op.h"
#include "core/ops.h"
#include "core/parallel.h"

static tarn_real distribution(tarn_real x)
{
    const tarn_real one_over_sqrt_2 = (tarn_real)0.7071067811865476;
    return erfc(-x * one_over_sqrt_2) / 2; /* erfc keeps its precision where 1 + erf cancels */
}

static tarn_real density(tarn_real x)
{
    const tarn_real one_over_sqrt_2_pi = (tarn_real)0.3989422804014327;
    return exp(-x * x / 2) * one_over_sqrt_2_pi;
}

static void gelu_backward(const tarn_node *node)
{
    const tarn_real *x = tarn_values(node->inputs[0]), *dy = tarn_gradients(node->output);
    tarn_real *dx = tarn_op_gradient(node->inputs[0]);
    if (!dx)
        return;
    TARN__EACH (i, tarn_size(node->output))
        dx[i] += dy[i] * (distribution(x[i]) + x[i] * density(x[i]));
}

static const tarn_op gelu = {"gelu", gelu_backward};

tarn_tensor *tarn_gelu(tarn_tensor *x)
{
    tarn_tensor *result = tarn_op_result(&gelu, tarn_shape_get(x), x);
    if (!result)
        return NULL;
    const tarn_real *in = tarn_values(x);
    tarn_real *y = tarn_values(result);
    TARN__EACH (i, tarn_size(x))
        y[i] = in[i] * distribution(in[i]);
    return result;
}
