#include <math.h>

#include "tests/support/golden.h"
#include "tests/support/mistakes.h"

static tarn_tensor *run(tarn_tensor *const *x, void *context)
{
    return tarn_mse(x[0], x[1],
                    .reduction = (tarn_reduction)golden_number(context, "reduction", 0));
}

OPERATION_TESTS(mse, run)

Test(mse, same_twice)
{
    tarn_tensor *x = tarn_requires_grad(tarn_rand(tarn_shape(3)), true);
    tarn_tape *tape = tarn_tape_begin();
    tarn_tensor *loss = tarn_mse(x, x);
    cr_assert_eq(tarn_item(loss), 0);
    cr_assert(tarn_backward(loss));
    for (int i = 0; i < 3; i++)
        cr_assert_eq(tarn_gradients(x)[i], 0);
    tarn_tape_end(tape);
    tarn_free(x);
}

/* A million times the same: rounding each sum to float would cost two digits and more. */
Test(mse, sums_do_not_lose_digits)
{
    const tarn_real d = (tarn_real)0.1;
    tarn_tensor *a = tarn_full(tarn_shape(1 << 20), (double)d),
                *b = tarn_zeros(tarn_shape(1 << 20));
    tarn_tape *tape = tarn_tape_begin_no_grad();
    const double mean = (double)tarn_item(tarn_mse(a, b)), exact = (double)d * (double)d;
    cr_expect_leq(fabs(mean / exact - 1), 1e-7);
    tarn_tape_end(tape);
    tarn_free(a);
    tarn_free(b);
}

/* Of one input alone, which is not the same as of both. */
Test(mse, gradient_of_either_input)
{
    const tarn_real values[] = {1, 5};
    for (int which = 0; which < 2; which++) {
        tarn_tensor *x[] = {tarn_from_array(tarn_shape(1), &values[0]),
                            tarn_from_array(tarn_shape(1), &values[1])};
        tarn_requires_grad(x[which], true);
        tarn_tape *tape = tarn_tape_begin();
        cr_assert(tarn_backward(tarn_mse(x[0], x[1])));
        cr_expect_eq(tarn_gradients(x[which])[0], which ? 8 : -8);
        cr_expect_null(tarn_gradients(x[1 - which]));
        tarn_tape_end(tape);
        tarn_free(x[0]);
        tarn_free(x[1]);
    }
}

Test(mse, of_nothing_is_nan)
{
    tarn_tensor *x = tarn_requires_grad(tarn_zeros(tarn_shape(0, 2)), true);
    tarn_tape *tape = tarn_tape_begin();
    tarn_tensor *loss = tarn_mse(x, x);
    cr_assert(isnan(tarn_item(loss)));
    cr_assert(tarn_backward(loss));
    tarn_tape_end(tape);
    tarn_free(x);
}

/* As PyTorch's: squares are floats, gradients are not of them. */
Test(mse, squares_too_large_for_a_float)
{
    const tarn_real values[] = {(tarn_real)1e20, 0};
    tarn_tensor *x = tarn_requires_grad(tarn_from_array(tarn_shape(2), values), true);
    tarn_tensor *zeros = tarn_zeros(tarn_shape(2));
    tarn_tape *tape = tarn_tape_begin();
    tarn_tensor *loss = tarn_mse(x, zeros);
    cr_expect_eq(isinf(tarn_item(loss)) != 0, sizeof(tarn_real) == sizeof(float));
    cr_assert(tarn_backward(loss));
    cr_expect_eq(tarn_gradients(x)[0], values[0]);
    cr_expect_eq(tarn_gradients(x)[1], 0);
    tarn_tape_end(tape);
    tarn_free(x);
    tarn_free(zeros);
}

Test(mse, bad_input)
{
    tarn_tensor *a = tarn_zeros(tarn_shape(2, 3)), *b = tarn_zeros(tarn_shape(2, 1));
    tarn_tape *tape = tarn_tape_begin();
    assert_mistake(tarn_mse(a, b), "mse: shapes (2,3) and (2,1) differ");
    assert_mistake(tarn_mse(a, a, .reduction = (tarn_reduction)7),
                   "mse: reduction is 7, expects TARN_MEAN, TARN_SUM or TARN_NONE");
    tarn_tape_end(tape);
    tarn_free(a);
    tarn_free(b);
}
