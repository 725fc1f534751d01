#include "tests/support/golden.h"
#include "tests/support/mistakes.h"

static tarn_tensor *run(tarn_tensor *const *x, void *context)
{
    if (golden_number(context, "flatten", 0) != 0)
        return tarn_flatten(x[0]);
    tarn_shape shape = {.ndim = (int)golden_number(context, "ndim", 0)};
    for (int i = 0; i < shape.ndim; i++) {
        char name[] = {'d', 'i', 'm', (char)('0' + i), '\0'};
        shape.dim[i] = (int64_t)golden_number(context, name, -1);
    }
    return tarn_reshape(x[0], shape);
}

OPERATION_TESTS(reshape, run)

Test(reshape, is_a_view)
{
    tarn_tensor *x = tarn_requires_grad(tarn_rand(tarn_shape(2, 6)), true);
    tarn_tape *tape = tarn_tape_begin();
    tarn_tensor *cube = tarn_reshape(x, tarn_shape(2, 2, 3));
    tarn_tensor *flat = tarn_flatten(tarn_reshape(cube, tarn_shape(3, 2, 2)));
    cr_assert_eq(tarn_values(flat), tarn_values(x));
    cr_assert_null(tarn_gradients(flat));
    cr_assert(
        tarn_backward(tarn_sum(tarn_add(tarn_square(flat), tarn_reshape(cube, tarn_shape(3, 4))))));
    cr_assert_eq(tarn_gradients(flat), tarn_gradients(x));
    cr_assert_eq(tarn_gradients(cube), tarn_gradients(x));
    for (int i = 0; i < 12; i++)
        cr_assert_eq(tarn_gradients(x)[i], 2 * tarn_values(x)[i] + 1);
    tarn_zero_grad(flat);
    cr_assert_eq(tarn_gradients(x)[5], 0);
    tarn_tape_end(tape);
    tarn_free(x);
}

/* A view of a result: its gradient is that of the result, which backward must reach later. */
Test(reshape, of_a_result)
{
    tarn_tensor *x = tarn_requires_grad(tarn_rand(tarn_shape(2, 3)), true);
    tarn_tape *tape = tarn_tape_begin();
    tarn_tensor *y = tarn_scale(x, 3);
    tarn_tensor *loss =
        tarn_add(tarn_sum(tarn_square(tarn_reshape(y, tarn_shape(6)))), tarn_sum(y));
    cr_assert(tarn_backward(loss));
    for (int i = 0; i < 6; i++)
        cr_assert_float_eq(tarn_gradients(x)[i], 18 * tarn_values(x)[i] + 3, 1e-5);
    tarn_tape_end(tape);
    tarn_free(x);
}

Test(reshape, one_element_as_loss)
{
    tarn_tensor *x = tarn_requires_grad(tarn_full(tarn_shape(1, 1), 2), true);
    tarn_tape *tape = tarn_tape_begin();
    cr_assert(tarn_backward(tarn_reshape(x, tarn_shape())));
    cr_assert_eq(tarn_gradients(x)[0], 1);
    tarn_tape_end(tape);
    tarn_free(x);
}

Test(reshape, bad_input)
{
    tarn_tensor *x = tarn_zeros(tarn_shape(2, 3)), *scalar = tarn_zeros(tarn_shape());
    tarn_tape *tape = tarn_tape_begin();
    assert_mistake(tarn_reshape(x, tarn_shape(4, 2)),
                   "reshape: input (2,3) has 6 elements, shape (4,2) does not");
    assert_mistake(tarn_reshape(x, tarn_shape((int64_t)1 << 40, (int64_t)1 << 40)),
                   "reshape: input (2,3) has 6 elements, shape (1099511627776,1099511627776)");
    assert_mistake(tarn_flatten(scalar), "flatten: input () has no first dimension to keep");
    cr_assert_null(tarn_reshape(NULL, tarn_shape(7)));
    cr_assert_null(tarn_flatten(NULL));
    cr_assert_eq(mistakes(), 0);
    tarn_tape_end(tape);
    assert_mistake(tarn_flatten(x), "flatten: no tape is open");
    tarn_free(x);
    tarn_free(scalar);
}
