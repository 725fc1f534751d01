#include <math.h>

#include "tests/support/axes.h"
#include "tests/support/golden.h"
#include "tests/support/mistakes.h"

static tarn_tensor *run(tarn_tensor *const *x, void *context)
{
    const tarn_axes axes = golden_axes(context);
    const bool biased = golden_number(context, "biased", 0) == 1;
    if (axes.count == 0)
        return tarn_var(x[0], .biased = biased);
    return tarn_var_axes(x[0], axes, .keepdims = golden_number(context, "keepdims", 0) == 1,
                         .biased = biased);
}

OPERATION_TESTS(var, run)

/* Deviations of 1/64 around 10000, in a float of 24 bits: the sum of squares would drown. */
static void expect_exact(tarn_shape shape, int axis)
{
    const double deviation = 1.0 / 64;
    tarn_tensor *x = tarn_requires_grad(tarn_zeros(shape), true);
    const int64_t count = axis < 0 ? tarn_size(x) : tarn_dim(x, axis);
    for (int64_t i = 0; i < tarn_size(x); i++) {
        const int64_t row = axis == 0 ? i / tarn_dim(x, 1) : i;
        tarn_values(x)[i] = (tarn_real)(10000 + (row % 2 ? deviation : -deviation));
    }
    const double expected = deviation * deviation * (double)count / (double)(count - 1);
    tarn_tape *tape = tarn_tape_begin();
    tarn_tensor *y = axis < 0 ? tarn_var(x) : tarn_var_axes(x, tarn_axes(axis));
    for (int64_t i = 0; i < tarn_size(y); i++)
        cr_expect_leq(fabs((double)tarn_values(y)[i] / expected - 1), 1e-6);
    cr_assert(tarn_backward(tarn_sum(y)));
    for (int64_t i = 0; i < tarn_size(x); i++) {
        const double distance = (double)tarn_values(x)[i] - 10000;
        const double slope = 2 * distance / (double)(count - 1);
        cr_expect_leq(fabs((double)tarn_gradients(x)[i] / slope - 1), 1e-6);
    }
    tarn_tape_end(tape);
    tarn_free(x);
}

/* A mean between two floats. */
Test(var, gradient_by_a_mean_that_is_no_float)
{
    const double unit = 1.0 / 1024;
    const tarn_real values[] = {8192, 8192, (tarn_real)(8192 + unit)};
    for (int axis = 0; axis < 2; axis++) {
        const tarn_shape shape = axis ? tarn_shape(1, 3) : tarn_shape(3, 1);
        tarn_tensor *x = tarn_requires_grad(tarn_from_array(shape, values), true);
        tarn_tape *tape = tarn_tape_begin();
        cr_assert(tarn_backward(tarn_sum(tarn_var_axes(x, tarn_axes(axis)))));
        for (int i = 0; i < 3; i++) {
            const double slope = (i < 2 ? -unit : 2 * unit) / 3;
            cr_expect_leq(fabs((double)tarn_gradients(x)[i] / slope - 1), 1e-6);
        }
        tarn_tape_end(tape);
        tarn_free(x);
    }
}

Test(var, mean_far_from_zero)
{
    expect_exact(tarn_shape(6, 100), -1);
    expect_exact(tarn_shape(6, 100), 0);
    expect_exact(tarn_shape(6, 100), 1);
    expect_exact(tarn_shape(700, 100), -1);
    expect_exact(tarn_shape(700, 100), 0);
}

Test(var, bad_input)
{
    tarn_tensor *x = tarn_zeros(tarn_shape(2, 3));
    tarn_tape *tape = tarn_tape_begin();
    assert_mistake(tarn_var_axes(x, tarn_axes(2)), "var_axes: input (2,3) has no axis 2");
    assert_mistake(tarn_var_axes(x, tarn_axes(0, 0)),
                   "var_axes: axis 0 of input (2,3) is given twice");
    assert_mistake(tarn_var_axes(x, tarn_axes()), "var_axes: no axes are given, expects at least "
                                                  "one; tarn_var(x) is over all elements");
    record_mistakes();
    cr_assert_null(tarn_var_axes(NULL, tarn_axes(5)));
    cr_assert_null(tarn_var(NULL));
    cr_assert_eq(mistakes(), 0);
    tarn_tape_end(tape);
    tarn_free(x);
}
