/* The gradient check itself: it must pass what is right and catch what is wrong. Wrong operations
   are written here as a user would write one, with core/op.h alone. */
#include <math.h>

#include "tests/support/golden.h"
#include "tests/support/mistakes.h"

static tarn_tensor *square_and_sum(tarn_tensor *const *x, void *context)
{
    (void)context;
    return tarn_add(tarn_square(x[0]), tarn_sum(x[1]));
}

Test(gradcheck, passes_what_is_right)
{
    tarn_tensor *a = tarn_requires_grad(tarn_rand(tarn_shape(2, 3)), true);
    tarn_tensor *b = tarn_requires_grad(tarn_rand(tarn_shape(4)), true);
    tarn_tensor *before = tarn_clone(a);
    cr_assert(tarn_gradcheck(square_and_sum, tarn_params_of(a, b)), "%s", tarn_error());
    for (int i = 0; i < 6; i++) {
        cr_assert_eq(tarn_values(a)[i], tarn_values(before)[i]);
        cr_assert_eq(tarn_gradients(a)[i], 0);
    }
    tarn_requires_grad(b, false);
    cr_assert(tarn_gradcheck(square_and_sum, tarn_params_of(a, b)), "%s", tarn_error());
    tarn_free(a);
    tarn_free(b);
    tarn_free(before);
}

/* y = x x, or x, with a backward that the context chooses. */
typedef void backward_function(const tarn_node *node);

static void twice_too_much(const tarn_node *node)
{
    const tarn_real *x = tarn_values(node->inputs[0]), *dy = tarn_gradients(node->output);
    tarn_real *dx = tarn_op_gradient(node->inputs[0]);
    for (int64_t i = 0; dx && i < tarn_size(node->output); i++)
        dx[i] += 4 * x[i] * dy[i];
}

static void wrong_sign(const tarn_node *node)
{
    const tarn_real *x = tarn_values(node->inputs[0]), *dy = tarn_gradients(node->output);
    tarn_real *dx = tarn_op_gradient(node->inputs[0]);
    for (int64_t i = 0; dx && i < tarn_size(node->output); i++)
        dx[i] -= 2 * x[i] * dy[i];
}

static void forgets_the_last(const tarn_node *node)
{
    const tarn_real *x = tarn_values(node->inputs[0]), *dy = tarn_gradients(node->output);
    tarn_real *dx = tarn_op_gradient(node->inputs[0]);
    for (int64_t i = 0; dx && i < tarn_size(node->output) - 1; i++)
        dx[i] += 2 * x[i] * dy[i];
}

static void ignores_dy(const tarn_node *node)
{
    const tarn_real *x = tarn_values(node->inputs[0]);
    tarn_real *dx = tarn_op_gradient(node->inputs[0]);
    for (int64_t i = 0; dx && i < tarn_size(node->output); i++)
        dx[i] += 2 * x[i];
}

static void gives_nan(const tarn_node *node)
{
    tarn_real *dx = tarn_op_gradient(node->inputs[0]);
    for (int64_t i = 0; dx && i < tarn_size(node->output); i++)
        dx[i] = (tarn_real)NAN;
}

static void overwrites(const tarn_node *node)
{
    const tarn_real *x = tarn_values(node->inputs[0]), *dy = tarn_gradients(node->output);
    tarn_real *dx = tarn_op_gradient(node->inputs[0]);
    for (int64_t i = 0; dx && i < tarn_size(node->output); i++)
        dx[i] = 2 * x[i] * dy[i];
}

static void right(const tarn_node *node)
{
    const tarn_real *x = tarn_values(node->inputs[0]), *dy = tarn_gradients(node->output);
    tarn_real *dx = tarn_op_gradient(node->inputs[0]);
    for (int64_t i = 0; dx && i < tarn_size(node->output); i++)
        dx[i] += 2 * x[i] * dy[i];
}

static tarn_tensor *own_square(tarn_tensor *const *x, void *op)
{
    tarn_tensor *y = tarn_op_result((const tarn_op *)op, tarn_shape_get(x[0]), x[0]);
    for (int64_t i = 0; y && i < tarn_size(y); i++)
        tarn_values(y)[i] = tarn_values(x[0])[i] * tarn_values(x[0])[i];
    return y;
}

/* Used twice, so that a backward that overwrites shows. */
static tarn_tensor *two_own_squares(tarn_tensor *const *x, void *op)
{
    return tarn_add(own_square(x, op), tarn_scale(own_square(x, op), 3));
}

static bool passes(tarn_function *function, const char *name, backward_function *backward)
{
    tarn_op op = {name, backward};
    tarn_tensor *x = tarn_requires_grad(tarn_rand(tarn_shape(2, 3)), true);
    for (int i = 0; i < 6; i++)
        tarn_values(x)[i] += 1;
    bool ok = tarn_gradcheck(function, tarn_params_of(x), .context = &op);
    for (int i = 0; backward && i < 6; i++) {
        cr_assert(tarn_values(x)[i] >= 1 && tarn_values(x)[i] <= 2);
        cr_assert_eq(tarn_gradients(x)[i], 0);
    }
    tarn_free(x);
    return ok;
}

Test(gradcheck, catches_a_wrong_backward)
{
    cr_assert(passes(own_square, "right", right), "%s", tarn_error());
    cr_assert(passes(two_own_squares, "right", right), "%s", tarn_error());
    cr_assert_not(passes(own_square, "twice too much", twice_too_much));
    cr_assert(strstr(tarn_error(), "gradcheck: input 0, element 0: the gradient is "), "%s",
              tarn_error());
    cr_assert_not(passes(own_square, "wrong sign", wrong_sign));
    cr_assert_not(passes(own_square, "ignores dy", ignores_dy));
    cr_assert_not(passes(own_square, "NaN", gives_nan));
    cr_assert_not(passes(own_square, "nothing", NULL));
    cr_assert_not(passes(own_square, "forgets the last", forgets_the_last));
    cr_assert(strstr(tarn_error(), "gradcheck: input 0, element 5: the gradient is 0"), "%s",
              tarn_error());
    cr_assert(passes(own_square, "overwrites", overwrites));
    cr_assert_not(passes(two_own_squares, "overwrites", overwrites));
}

static void does_nothing(const tarn_node *node)
{
    tarn_op_gradient(node->inputs[0]);
}

/* The sum of a softmax is 1 whatever its input, so that a plain sum would accept zeros. */
static tarn_tensor *softmax_without_gradient(tarn_tensor *const *x, void *context)
{
    (void)context;
    static const tarn_op op = {"softmax_without_gradient", does_nothing};
    tarn_tensor *y = tarn_softmax(x[0]);
    tarn_tensor *result = tarn_op_result(&op, tarn_shape_get(y), x[0]);
    for (int64_t i = 0; result && i < tarn_size(y); i++)
        tarn_values(result)[i] = tarn_values(y)[i];
    return result;
}

Test(gradcheck, catches_gradients_that_cancel_in_a_sum)
{
    tarn_tensor *x = tarn_requires_grad(tarn_rand(tarn_shape(3, 5)), true);
    cr_assert_not(tarn_gradcheck(softmax_without_gradient, tarn_params_of(x)));
    cr_assert(strstr(tarn_error(), "gradcheck: input 0, element 0"), "%s", tarn_error());
    tarn_free(x);
}

static tarn_tensor *nothing(tarn_tensor *const *x, void *context)
{
    (void)x;
    (void)context;
    return NULL;
}

static tarn_tensor *logarithm(tarn_tensor *const *x, void *context)
{
    (void)context;
    return tarn_log(x[0]);
}

Test(gradcheck, what_cannot_be_checked)
{
    tarn_tensor *x = tarn_requires_grad(tarn_full(tarn_shape(2), -1), true);
    record_mistakes();
    cr_assert_not(tarn_gradcheck(nothing, tarn_params_of(x)));
    cr_assert_str_eq(tarn_error(), "gradcheck: the function fails or its result is NaN");
    cr_assert_not(tarn_gradcheck(logarithm, tarn_params_of(x)));
    cr_assert_eq(mistakes(), 0);
    assert_mistake(tarn_gradcheck(NULL, tarn_params_of(x)), "gradcheck: no function is given");
    assert_mistake(tarn_gradcheck(square_and_sum, tarn_params_of(x, x), .step = NAN),
                   "gradcheck: step is nan, tolerance ");
    assert_mistake(tarn_gradcheck(square_and_sum, tarn_params_of(x, x), .tolerance = INFINITY),
                   "gradcheck: step is ");
    tarn_requires_grad(x, false);
    assert_mistake(tarn_gradcheck(logarithm, tarn_params_of(x)),
                   "gradcheck: none of the 1 inputs requires a gradient");
    record_mistakes();
    tarn_op_gradient(tarn_requires_grad(x, true))[0] = 5;
    cr_assert_not(tarn_gradcheck(square_and_sum, tarn_params_of(x, NULL)));
    cr_assert_eq(mistakes(), 0);
    cr_assert_eq(tarn_gradients(x)[0], 5, "a refused call zeroed the gradient");
    tarn_free(x);
}

Test(gradcheck, step_and_tolerance_are_used)
{
    tarn_tensor *x = tarn_requires_grad(tarn_full(tarn_shape(1), 1), true);
    cr_assert(tarn_gradcheck(logarithm, tarn_params_of(x)), "%s", tarn_error());
    cr_assert_not(tarn_gradcheck(logarithm, tarn_params_of(x), .step = 0.5));
    cr_assert(tarn_gradcheck(logarithm, tarn_params_of(x), .step = 0.5, .tolerance = 0.2));
    tarn_free(x);
}

/* The other kind of check: a wrong golden value is caught too. */
Test(gradcheck, wrong_golden_values_are_caught)
{
    golden *file = golden_open("relu");
    const golden_case *c = golden_next(file, NULL);
    tarn_tensor *y = golden_tensor(c, "y");
    const tarn_shape shape = tarn_shape_get(y);
    cr_assert_str_eq(golden_name(c), "matrix");
    cr_assert_eq(golden_difference(c, "y", shape, tarn_values(y)), 0);
    cr_assert(isinf(golden_difference(c, "z", shape, tarn_values(y))));
    cr_assert(isinf(golden_difference(c, "y", tarn_shape(21), tarn_values(y))));
    cr_assert(isinf(golden_difference(c, "y", shape, NULL)));
    tarn_values(y)[7] += (tarn_real)0.001;
    cr_assert_gt(golden_difference(c, "y", shape, tarn_values(y)), golden_tolerance);
    tarn_values(y)[7] = (tarn_real)NAN;
    cr_assert(isinf(golden_difference(c, "y", shape, tarn_values(y))));
    tarn_values(y)[7] = (tarn_real)INFINITY;
    cr_assert(isinf(golden_difference(c, "y", shape, tarn_values(y))));
    tarn_free(y);
    golden_close(file);
}
