#include "tests/support/golden.h"
#include "tests/support/mistakes.h"

enum { ALL = 100 };

static tarn_tensor *run(tarn_tensor *const *x, void *context)
{
    int axis = (int)golden_number(context, "axis", ALL);
    return axis == ALL ? tarn_sum(x[0]) : tarn_sum_axis(x[0], axis);
}

OPERATION_TESTS(sum, run)

/* More elements than a loop on one thread takes, and more columns than are summed side by side. */
Test(sum, large)
{
    const int64_t rows = 301, columns = 200;
    tarn_tensor *x = tarn_requires_grad(tarn_full(tarn_shape(rows, columns), 0.5), true);
    tarn_tape *tape = tarn_tape_begin();
    tarn_tensor *y = tarn_sum_axis(x, 0), *z = tarn_sum_axis(x, 1);
    for (int64_t j = 0; j < columns; j++)
        cr_assert_eq(tarn_values(y)[j], 150.5);
    for (int64_t i = 0; i < rows; i++)
        cr_assert_eq(tarn_values(z)[i], 100);
    cr_assert(tarn_backward(tarn_add(tarn_sum(y), tarn_sum(z))));
    for (int64_t i = 0; i < rows * columns; i++)
        cr_assert_eq(tarn_gradients(x)[i], 2);
    tarn_tape_end(tape);
    tarn_free(x);
}

/* A float holds no odd number above 2^24: the sum must not be taken in float. */
Test(sum, is_taken_in_double)
{
    tarn_tensor *x = tarn_full(tarn_shape(3, 1 << 20), 17);
    tarn_values(x)[0] = 18;
    tarn_tape *tape = tarn_tape_begin();
    cr_assert_eq(tarn_item(tarn_sum(x)), (tarn_real)(17.0 * 3 * (1 << 20) + 1));
    tarn_tape_end(tape);
    tarn_free(x);
}

Test(sum, bad_input)
{
    tarn_tensor *x = tarn_zeros(tarn_shape(2, 3)), *scalar = tarn_zeros(tarn_shape());
    tarn_tape *tape = tarn_tape_begin();
    assert_mistake(tarn_sum_axis(x, 2), "sum_axis: input (2,3) has no axis 2");
    assert_mistake(tarn_sum_axis(x, -3), "sum_axis: input (2,3) has no axis -3");
    assert_mistake(tarn_sum_axis(scalar, 0), "sum_axis: input () has no axis 0");
    cr_assert_null(tarn_sum_axis(NULL, 5));
    cr_assert_eq(mistakes(), 0);
    tarn_tape_end(tape);
    tarn_free(x);
    tarn_free(scalar);
}
