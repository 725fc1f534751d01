#include "tests/support/golden.h"
#include "tests/support/mistakes.h"

BINARY_TESTS(add, ANY)

Test(add, bad_input)
{
    tarn_tensor *a = tarn_zeros(tarn_shape(2, 3));
    tarn_tensor *b = tarn_zeros(tarn_shape(2, 4));
    tarn_tape *tape = tarn_tape_begin();
    assert_mistake(tarn_add(a, b),
                   "add: shapes (2,3) and (2,4) cannot be broadcast: each pair of dimensions, from "
                   "the last on, must be equal or hold a 1");
    tarn_tape_end(tape);
    tarn_free(a);
    tarn_free(b);
}

/* Rows longer than the pieces they are cut into, and more of them than threads. */
Test(add, large)
{
    const int64_t rows = 3, columns = 20011;
    tarn_tensor *a = tarn_requires_grad(tarn_randn(tarn_shape(rows, columns)), true);
    tarn_tensor *b = tarn_requires_grad(tarn_randn(tarn_shape(columns)), true);
    tarn_tensor *c = tarn_requires_grad(tarn_randn(tarn_shape(rows, 1)), true);
    tarn_tape *tape = tarn_tape_begin();
    tarn_tensor *y = tarn_add(tarn_add(a, b), c);
    cr_assert(tarn_backward(tarn_sum(y)));
    for (int64_t i = 0; i < rows; i++) {
        for (int64_t j = 0; j < columns; j++) {
            const tarn_real first = tarn_values(a)[i * columns + j] + tarn_values(b)[j];
            cr_assert_eq(tarn_values(y)[i * columns + j], first + tarn_values(c)[i]);
            cr_assert_eq(tarn_gradients(a)[i * columns + j], 1);
            cr_assert_eq(tarn_gradients(b)[j], 3);
        }
        cr_assert_eq(tarn_gradients(c)[i], 20011);
    }
    tarn_tape_end(tape);
    tarn_free(a);
    tarn_free(b);
    tarn_free(c);
}

Test(add, shapes_that_do_not_broadcast)
{
    const tarn_shape pairs[][2] = {{tarn_shape(3), tarn_shape(4)},
                                   {tarn_shape(2, 3), tarn_shape(2)},
                                   {tarn_shape(0), tarn_shape(2)},
                                   {tarn_shape(2, 1, 3), tarn_shape(4, 2, 2)}};
    tarn_tape *tape = tarn_tape_begin();
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        tarn_tensor *a = tarn_zeros(pairs[i][0]), *b = tarn_zeros(pairs[i][1]);
        assert_mistake(tarn_add(a, b), "cannot be broadcast");
        assert_mistake(tarn_add(b, a), "cannot be broadcast");
        tarn_free(a);
        tarn_free(b);
    }
    tarn_tape_end(tape);
}

/* Without elements, but of dimensions whose product overflows. */
Test(add, result_too_large)
{
    const int64_t long_dim = (int64_t)1 << 40;
    tarn_tensor *a = tarn_zeros(tarn_shape(0, long_dim, 1));
    tarn_tensor *b = tarn_zeros(tarn_shape(0, 1, long_dim));
    tarn_tape *tape = tarn_tape_begin();
    assert_mistake(tarn_add(a, b), "add: the result's shape (0,1099511627776,1099511627776) is "
                                   "invalid or too large");
    tarn_tape_end(tape);
    tarn_free(a);
    tarn_free(b);
}

/* In float a sum of so many ones stops at 2^24. */
Test(add, gradient_of_a_repeated_input_is_exact)
{
    const int64_t rows = 20000000;
    tarn_tensor *x = tarn_zeros(tarn_shape(rows, 1));
    tarn_tensor *bias = tarn_requires_grad(tarn_zeros(tarn_shape(1)), true);
    tarn_tape *tape = tarn_tape_begin();
    cr_assert(tarn_backward(tarn_sum(tarn_add(x, bias))));
    cr_assert_eq(*tarn_gradients(bias), (tarn_real)rows);
    tarn_tape_end(tape);
    tarn_free(bias);
    tarn_free(x);
}

/* Rows are computed in pieces of 8,192 elements: one more is a piece of its own. */
Test(add, one_element_in_the_last_piece)
{
    enum { COUNT = 8193 };
    tarn_tensor *a = tarn_requires_grad(tarn_full(tarn_shape(COUNT), 1), true);
    tarn_tensor *b = tarn_full(tarn_shape(COUNT), 2);
    tarn_tape *tape = tarn_tape_begin();
    tarn_tensor *sum = tarn_add(a, b);
    cr_assert(tarn_backward(tarn_sum(sum)));
    for (int i = 0; i < COUNT; i++)
        cr_assert(tarn_values(sum)[i] == 3 && tarn_gradients(a)[i] == 1, "%d", i);
    tarn_tape_end(tape);
    tarn_free(a);
    tarn_free(b);
}
