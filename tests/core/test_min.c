#include "tests/support/golden.h"
#include "tests/support/mistakes.h"

enum { ALL = 100 };

static tarn_tensor *run(tarn_tensor *const *x, void *context)
{
    int axis = (int)golden_number(context, "axis", ALL);
    return axis == ALL ? tarn_min(x[0]) : tarn_min_axis(x[0], axis);
}

OPERATION_TESTS(min, run)

/* More elements than a loop on one thread takes, and more columns than are searched at a time. */
Test(min, large)
{
    const int64_t rows = 301, columns = 200;
    tarn_tensor *x = tarn_requires_grad(tarn_zeros(tarn_shape(rows, columns)), true);
    for (int64_t i = 0; i < rows; i++)
        for (int64_t j = 0; j < columns; j++) /* the first of two equals is where i is j */
            tarn_values(x)[i * columns + j] = (tarn_real)(-(i % columns == j));
    tarn_tape *tape = tarn_tape_begin();
    tarn_tensor *y = tarn_min_axis(x, 0), *z = tarn_min_axis(x, 1);
    cr_assert(tarn_backward(tarn_add(tarn_sum(tarn_scale(y, 2)), tarn_sum(z))));
    for (int64_t i = 0; i < rows; i++)
        for (int64_t j = 0; j < columns; j++)
            cr_assert_eq(tarn_gradients(x)[i * columns + j],
                         (i == j ? 2 : 0) + (i % columns == j ? 1 : 0));
    tarn_tape_end(tape);
    tarn_free(x);
}

Test(min, bad_input)
{
    tarn_tensor *x = tarn_zeros(tarn_shape(2, 3)), *empty = tarn_zeros(tarn_shape(0, 3));
    tarn_tensor *long_axis = tarn_zeros(tarn_shape(0, (int64_t)1 << 31));
    tarn_tape *tape = tarn_tape_begin();
    assert_mistake(tarn_min_axis(long_axis, 1),
                   "min_axis: axis 1 of input (0,2147483648) is longer than 2^31 - 1");
    assert_mistake(tarn_min_axis(x, 2), "min_axis: input (2,3) has no axis 2");
    assert_mistake(tarn_min_axis(x, -3), "min_axis: input (2,3) has no axis -3");
    assert_mistake(tarn_min(empty), "min: input (0,3) is empty: the min of nothing");
    assert_mistake(tarn_min_axis(empty, -2),
                   "min_axis: axis 0 of input (0,3) is empty: the max or min of nothing");
    record_mistakes();
    cr_assert_null(tarn_min_axis(NULL, 5));
    cr_assert_eq(mistakes(), 0);
    tarn_tape_end(tape);
    tarn_free(x);
    tarn_free(empty);
    tarn_free(long_axis);
}

/* Of equals the first gets the gradient, whatever the order in which the axes are named. */
Test(min, axes)
{
    const tarn_real values[] = {9, 1, 5, 1, 7, 1};
    for (int order = 0; order < 2; order++) {
        tarn_tensor *x = tarn_requires_grad(tarn_from_array(tarn_shape(3, 1, 2), values), true);
        tarn_tape *tape = tarn_tape_begin();
        tarn_tensor *y =
            tarn_min_axes(x, order ? tarn_axes(0, -1) : tarn_axes(2, 0), .keepdims = order);
        cr_assert(tarn_shape_equal(tarn_shape_get(y), order ? tarn_shape(1, 1, 1) : tarn_shape(1)));
        cr_assert_eq(tarn_item(y), 1);
        cr_assert(tarn_backward(y));
        for (int i = 0; i < 6; i++)
            cr_expect_eq(tarn_gradients(x)[i], i == 1);
        assert_mistake(tarn_min_axes(x, tarn_axes(0, 0)), "min_axes: axis 0 of input (3,1,2) is");
        tarn_tape_end(tape);
        tarn_free(x);
    }
    tarn_tensor *empty = tarn_zeros(tarn_shape(2, 0));
    tarn_tape *tape = tarn_tape_begin();
    assert_mistake(tarn_min_axes(empty, tarn_axes(0, 1)), "is empty: the max or min of nothing");
    tarn_tape_end(tape);
    tarn_free(empty);
}
