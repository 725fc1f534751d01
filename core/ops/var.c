/*
 * Variance over all elements or some axes.
 *
 *     mean = (sum of the n elements x) / n
 *     y = (sum of (x - mean)^2) / (n - 1)      or / n where biased
 *     dx = dy 2 (x - mean) / (n - 1)           or / n
 *
 * In two passes and in double, so that a mean far from zero costs no digits; nor backward, which
 * subtracts a mean in two parts.
 */
#include "core/ops.h"
#include "core/ops/shared/reduce.h"

typedef struct var_state {
    tarn__reduce_plan r;
    double divisor;
    tarn__means means;
} var_state;

static void var_backward(const tarn_node *node)
{
    const var_state *state = node->saved;
    tarn__target dx;
    dx.values = tarn_op_gradient_to_write(node->inputs[0], &dx.add);
    if (dx.values)
        tarn__reduce_backward(&state->r, 2 / state->divisor, node->inputs[0]->values, state->means,
                              tarn_gradients(node->output), dx);
}

static const tarn_op var = {"var", var_backward};

static tarn_tensor *reduce(tarn_tensor *x, tarn_shape shape, tarn__reduce_plan r, bool biased)
{
    tarn_tensor *result = tarn_op_result(&var, shape, x);
    if (!result)
        return NULL;
    const size_t sums = (size_t)result->size;
    var_state *state = tarn_op_save(result, sizeof *state + 2 * sums * sizeof(tarn_real));
    if (!state)
        return NULL;
    /* Never below 0, so that the variance of nothing is NaN. */
    const int64_t count = tarn__reduced_count(&r);
    tarn_real *means = (tarn_real *)(state + 1);
    *state =
        (var_state){r, (double)(biased || count == 0 ? count : count - 1), {means, means + sums}};
    tarn__reduce(&state->r, 1 / state->divisor, x->values, state->means, result->values);
    return result;
}

tarn_tensor *tarn_var_with(tarn_var_args a)
{
    return a.x ? reduce(a.x, tarn_shape(), tarn__reduce_all(a.x), a.biased) : NULL;
}

tarn_tensor *tarn_var_axes_with(tarn_var_axes_args a)
{
    tarn_shape shape;
    tarn__reduce_plan r;
    if (!a.x || !tarn__reduce_axes("var", a.x, a.axes, a.keepdims, &shape, &r))
        return NULL;
    return reduce(a.x, shape, r, a.biased);
}
