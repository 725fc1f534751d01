#include <string.h>

#include "tests/support/golden.h"
#include "tests/support/mistakes.h"

static tarn_tensor *run(tarn_tensor *const *x, void *context)
{
    return tarn_linear(x[0], x[1], x[2], .relu = golden_number(context, "relu", 0) != 0);
}

OPERATION_TESTS(linear, run)

static tarn_tensor *run_twice(tarn_tensor *const *x, void *context)
{
    (void)context;
    return tarn_linear(x[0], x[1], NULL, .relu = true);
}

Test(linear, same_twice)
{
    check_same_twice(run_twice, tarn_shape(5, 5));
}

/* Large enough that all loops are shared between threads. */
Test(linear, is_the_same_on_any_number_of_threads)
{
    enum { TENSORS = 4, N = 260, IN = 70, OUT = 131 };
    tarn_tensor *t[TENSORS], *first[TENSORS];
    t[0] = tarn_requires_grad(tarn_randn(tarn_shape(N, IN)), true);
    t[1] = tarn_requires_grad(tarn_randn(tarn_shape(IN, OUT)), true);
    t[2] = tarn_requires_grad(tarn_randn(tarn_shape(OUT)), true);
    for (int threads = 1; threads <= 4; threads++) {
        tarn_set_threads(threads);
        tarn_tape *tape = tarn_tape_begin();
        t[3] = tarn_linear(t[0], t[1], t[2], .relu = true);
        cr_assert(tarn_backward(tarn_sum(tarn_square(t[3]))));
        for (int i = 0; i < TENSORS; i++) {
            const size_t size = (size_t)tarn_size(t[i]) * sizeof(tarn_real);
            const tarn_real *values = i == 3 ? tarn_values(t[3]) : tarn_gradients(t[i]);
            if (threads == 1)
                first[i] = tarn_from_array(tarn_shape_get(t[i]), values);
            cr_assert(memcmp(values, tarn_values(first[i]), size) == 0, "%d threads: tensor %d",
                      threads, i);
            tarn_zero_grad(t[i]);
        }
        tarn_tape_end(tape);
    }
    for (int i = 0; i < TENSORS; i++) {
        tarn_free(first[i]);
        if (i < 3)
            tarn_free(t[i]);
    }
}

Test(linear, bad_input)
{
    tarn_tensor *x = tarn_zeros(tarn_shape(2, 3)), *weight = tarn_zeros(tarn_shape(3, 4));
    tarn_tensor *vector = tarn_zeros(tarn_shape(3)), *cube = tarn_zeros(tarn_shape(1, 3, 4));
    tarn_tensor *tall = tarn_zeros(tarn_shape(5, 4)), *row = tarn_zeros(tarn_shape(1, 4));
    tarn_tape *tape = tarn_tape_begin();
    assert_mistake(tarn_linear(vector, weight, NULL),
                   "linear: input (3), expects (N,in) or (N,...,in)");
    assert_mistake(tarn_linear(cube, weight, NULL),
                   "linear: input (1,3,4) has 4 features, weight (3,4) expects 3");
    assert_mistake(tarn_linear(x, vector, NULL), "linear: weight (3), expects (in,out)");
    assert_mistake(tarn_linear(x, cube, NULL), "linear: weight (1,3,4), expects (in,out)");
    assert_mistake(tarn_linear(x, tall, NULL),
                   "linear: input (2,3) has 3 features, weight (5,4) expects 5");
    assert_mistake(tarn_linear(x, weight, vector), "linear: bias (3), expects (4)");
    assert_mistake(tarn_linear(x, weight, row, .relu = true), "linear: bias (1,4), expects (4)");
    tarn_tape_end(tape);
    tarn_free(x);
    tarn_free(weight);
    tarn_free(vector);
    tarn_free(cube);
    tarn_free(tall);
    tarn_free(row);
}

Test(linear, bias_that_is_the_weight)
{
    const tarn_real values[] = {1, 2, 3};
    tarn_tensor *x = tarn_from_array(tarn_shape(3, 1), values);
    tarn_tensor *weight = tarn_requires_grad(tarn_full(tarn_shape(1, 5), 1), true);
    tarn_tape *tape = tarn_tape_begin();
    tarn_tensor *y = tarn_linear(x, weight, tarn_reshape(weight, tarn_shape(5)));
    cr_assert(tarn_backward(tarn_sum(y)));
    for (int i = 0; i < 5; i++)
        cr_assert_eq(tarn_gradients(weight)[i], 1 + 2 + 3 + 3);
    tarn_tape_end(tape);
    tarn_free(x);
    tarn_free(weight);
}

/* (N,T,in) is the same rows in another shape, forward and backward. */
Test(linear, of_more_dimensions)
{
    const tarn_shape shape = tarn_shape(2, 3, 2, 4);
    tarn_tensor *x = tarn_requires_grad(tarn_randn(shape), true);
    tarn_tensor *weight = tarn_requires_grad(tarn_randn(tarn_shape(4, 5)), true);
    tarn_tensor *bias = tarn_requires_grad(tarn_randn(tarn_shape(5)), true);
    tarn_tensor *none = tarn_zeros(tarn_shape(2, 0, 4)), *dy = tarn_randn(tarn_shape(12, 5));
    tarn_real slopes[2][48 + 20 + 5];
    for (int flat = 0; flat < 2; flat++) {
        tarn_tape *tape = tarn_tape_begin();
        tarn_tensor *y =
            tarn_linear(flat ? tarn_reshape(x, tarn_shape(12, 4)) : x, weight, bias, .relu = true);
        cr_assert(
            tarn_shape_equal(tarn_shape_get(y), flat ? tarn_shape(12, 5) : tarn_shape(2, 3, 2, 5)));
        cr_assert(tarn_backward(tarn_sum(tarn_mul(tarn_reshape(y, tarn_shape(12, 5)), dy))));
        cr_expect_eq(tarn_size(tarn_linear(none, weight, bias)), 0);
        tarn_tape_end(tape);
        memcpy(slopes[flat], tarn_gradients(x), 48 * sizeof(tarn_real));
        memcpy(slopes[flat] + 48, tarn_gradients(weight), 20 * sizeof(tarn_real));
        memcpy(slopes[flat] + 68, tarn_gradients(bias), 5 * sizeof(tarn_real));
        tarn_zero_grad(x);
        tarn_zero_grad(weight);
        tarn_zero_grad(bias);
    }
    cr_expect_arr_eq(slopes[0], slopes[1], sizeof slopes[0]);
    tarn_free(x);
    tarn_free(weight);
    tarn_free(bias);
    tarn_free(none);
    tarn_free(dy);
}
