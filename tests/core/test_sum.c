#include "tests/support/axes.h"
#include "tests/support/golden.h"
#include "tests/support/mistakes.h"

enum { ALL = 100 };

static tarn_tensor *run(tarn_tensor *const *x, void *context)
{
    const tarn_axes axes = golden_axes(context);
    if (axes.count > 0)
        return tarn_sum_axes(x[0], axes, .keepdims = golden_number(context, "keepdims", 0) == 1);
    int axis = (int)golden_number(context, "axis", ALL);
    return axis == ALL ? tarn_sum(x[0]) : tarn_sum_axis(x[0], axis);
}

OPERATION_TESTS(sum, run)

/* More elements than a loop on one thread takes, and more columns than are summed side by side, or
   so many that a sum has fewer parts. */
static void check_columns(int64_t rows, int64_t columns)
{
    tarn_tensor *x = tarn_requires_grad(tarn_zeros(tarn_shape(rows, columns)), true);
    for (int64_t i = 0; i < rows * columns; i++)
        tarn_values(x)[i] = (tarn_real)(i % columns);
    tarn_tape *tape = tarn_tape_begin();
    tarn_tensor *y = tarn_sum_axis(x, 0), *z = tarn_sum_axis(x, 1);
    for (int64_t j = 0; j < columns; j++)
        cr_assert_eq(tarn_values(y)[j], (tarn_real)(rows * j));
    for (int64_t i = 0; i < rows; i++)
        cr_assert_eq(tarn_values(z)[i], (tarn_real)(columns * (columns - 1) / 2));
    cr_assert(tarn_backward(tarn_add(tarn_sum(y), tarn_sum(z))));
    for (int64_t i = 0; i < rows * columns; i++)
        cr_assert_eq(tarn_gradients(x)[i], 2);
    tarn_tape_end(tape);
    tarn_free(x);
}

Test(sum, large)
{
    check_columns(301, 200);
    check_columns(131, 257);
    check_columns(101, 1024);
    check_columns(37, 2500);
}

/* Sums so long that they are cut into parts; every dimension with its neighbours, and alone. */
Test(sum, long_sums)
{
    const int64_t dim[] = {5, 97, 211, 3};
    tarn_tensor *x = tarn_requires_grad(tarn_full(tarn_shape_of(4, dim), 0.25), true);
    for (int set = 1; set < 16; set++) {
        tarn_axes axes = {0};
        int64_t count = 1;
        for (int i = 0; i < 4; i++)
            if (set & 1 << i) {
                axes.axis[axes.count++] = i;
                count *= dim[i];
            }
        tarn_tape *tape = tarn_tape_begin();
        tarn_tensor *y = tarn_sum_axes(x, axes, .keepdims = true);
        for (int64_t i = 0; i < tarn_size(y); i++)
            cr_assert_eq(tarn_values(y)[i], 0.25 * (double)count, "set %d", set);
        cr_assert(tarn_backward(tarn_sum(tarn_sub(x, y))));
        for (int64_t i = 0; i < tarn_size(x); i++)
            cr_assert_eq(tarn_gradients(x)[i], 1 - (double)count, "set %d", set);
        tarn_tape_end(tape);
        tarn_zero_grad(x);
    }
    tarn_free(x);
}

/* Returns at once, however many rows of no elements there are. */
Test(sum, of_very_many_empty_rows)
{
    tarn_tensor *x = tarn_zeros(tarn_shape((int64_t)1 << 40, 7, (int64_t)1 << 15, 0));
    tarn_requires_grad(x, true);
    tarn_tape *tape = tarn_tape_begin();
    tarn_tensor *y = tarn_sum_axes(x, tarn_axes(0, 2));
    cr_assert(tarn_shape_equal(tarn_shape_get(y), tarn_shape(7, 0)));
    cr_assert(tarn_backward(tarn_sum(y)));
    cr_assert_eq(tarn_item(tarn_sum(x)), 0);
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
    assert_mistake(tarn_sum_axes(x, tarn_axes(0, 2)), "sum_axes: input (2,3) has no axis 2");
    assert_mistake(tarn_sum_axes(x, tarn_axes(-3)), "sum_axes: input (2,3) has no axis -3");
    assert_mistake(tarn_sum_axes(x, tarn_axes(1, 0, -1)),
                   "sum_axes: axis 1 of input (2,3) is given twice");
    assert_mistake(tarn_sum_axes(x, tarn_axes()),
                   "sum_axes: no axes are given, expects at least one; tarn_sum(x) is over all "
                   "elements");
    assert_mistake(tarn_sum_axes(x, tarn_axes(0, 0, 0, 0, 0, 0, 0, 0, 0)), "axes: there are 9");
    assert_mistake(tarn_sum_axes(x, (tarn_axes){.count = 9}), "is given twice");
    record_mistakes();
    cr_assert_null(tarn_sum_axis(NULL, 5));
    cr_assert_null(tarn_sum_axes(NULL, tarn_axes()));
    cr_assert_eq(mistakes(), 0);
    tarn_tape_end(tape);
    tarn_free(x);
    tarn_free(scalar);
}
