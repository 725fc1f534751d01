#include "examples/playground/cosine.h"

#include <math.h>

static void cosine_backward(const tarn_node *node)
{
    const tarn_real *x = tarn_values(node->inputs[0]), *dy = tarn_gradients(node->output);
    tarn_real *dx = tarn_op_gradient(node->inputs[0]);
    for (int64_t i = 0; dx && i < tarn_size(node->output); i++)
        dx[i] -= (tarn_real)((double)dy[i] * sin((double)x[i]));
}

static void sine_backward(const tarn_node *node)
{
    const tarn_real *x = tarn_values(node->inputs[0]), *dy = tarn_gradients(node->output);
    tarn_real *dx = tarn_op_gradient(node->inputs[0]);
    for (int64_t i = 0; dx && i < tarn_size(node->output); i++)
        dx[i] += (tarn_real)((double)dy[i] * cos((double)x[i]));
}

static const tarn_op cosine_op = {"cosine", cosine_backward}, sine_op = {"sine", sine_backward};

static tarn_tensor *apply(const tarn_op *op, double (*f)(double), tarn_tensor *x)
{
    tarn_tensor *result = x ? tarn_op_result(op, tarn_shape_get(x), x) : NULL;
    if (!result)
        return NULL;
    for (int64_t i = 0; i < tarn_size(x); i++)
        tarn_values(result)[i] = (tarn_real)f((double)tarn_values(x)[i]);
    return result;
}

tarn_tensor *cosine(tarn_tensor *x)
{
    return apply(&cosine_op, cos, x);
}

tarn_tensor *sine(tarn_tensor *x)
{
    return apply(&sine_op, sin, x);
}
