#include <math.h>

#include "tests/support/golden.h"
#include "tests/support/mistakes.h"

static tarn_tensor *run(tarn_tensor *const *x, void *context)
{
    return tarn_layer_norm(x[0], x[1], x[2],
                           .eps = context ? golden_number(context, "eps", 1e-5) : 1e-5);
}

OPERATION_TESTS(layer_norm, run)

/* As far as whole numbers, and quarters, are exact. */
#define FAR (sizeof(tarn_real) == sizeof(float) ? 0x1p22 : 0x1p50)

/* The mean is millions of deviations, and no float. In the first row the first number lies far out,
   so that distances from it would not do either. */
Test(layer_norm, a_large_mean_costs_no_digits)
{
    const int64_t rows = 3, columns = 4099;
    tarn_tensor *x = tarn_full(tarn_shape(rows, columns), FAR);
    tarn_tensor *gamma = tarn_rand(tarn_shape(columns)), *beta = tarn_rand(tarn_shape(columns));
    for (int64_t r = 0; r < rows; r++)
        for (int64_t i = 1; i < columns; i++)
            tarn_values(x)[r * columns + i] += (tarn_real)(i % 3 * (r + 1));
    tarn_values(x)[0] = 0;
    tarn_tape *tape = tarn_tape_begin_no_grad();
    const tarn_tensor *y = run((tarn_tensor *[]){x, gamma, beta}, NULL);
    for (int64_t r = 0; r < rows; r++) {
        const tarn_real *row = tarn_values(x) + r * columns;
        double mean = 0, variance = 0; /* of the distances from FAR, which are exact */
        for (int64_t i = 0; i < columns; i++)
            mean += ((double)row[i] - FAR) / (double)columns;
        for (int64_t i = 0; i < columns; i++)
            variance += pow((double)row[i] - FAR - mean, 2) / (double)columns;
        for (int64_t i = 0; i < columns; i++)
            cr_assert_float_eq((double)tarn_values(y)[r * columns + i],
                               ((double)row[i] - FAR - mean) / sqrt(variance + 1e-5) *
                                       (double)tarn_values(gamma)[i] +
                                   (double)tarn_values(beta)[i],
                               r == 0 && i == 0 ? 1e-4 : 5e-6, "row %lld, column %lld",
                               (long long)r, (long long)i);
    }
    tarn_tape_end(tape);
    tarn_free(x);
    tarn_free(gamma);
    tarn_free(beta);
}

/* One tensor as all three: the gradient is the sum of its uses. */
Test(layer_norm, one_tensor_in_every_place)
{
    const tarn_shape shape = tarn_shape(5);
    tarn_tensor *one = tarn_rand(shape), *t[3];
    for (int i = 0; i < 3; i++)
        t[i] = tarn_requires_grad(tarn_clone(one), true);
    tarn_requires_grad(one, true);
    for (int same = 0; same < 2; same++) {
        tarn_tape *tape = tarn_tape_begin();
        tarn_tensor *y = run(same ? (tarn_tensor *[]){one, one, one} : t, NULL);
        cr_assert(tarn_backward(tarn_sum(tarn_square(y))));
        tarn_tape_end(tape);
    }
    for (int i = 0; i < 5; i++) {
        double sum = 0;
        for (int k = 0; k < 3; k++)
            sum += (double)tarn_gradients(t[k])[i];
        cr_expect_float_eq((double)tarn_gradients(one)[i], sum, 1e-5);
    }
    for (int i = 0; i < 3; i++)
        tarn_free(t[i]);
    tarn_free(one);
}

Test(layer_norm, same_bits_at_any_number_of_threads)
{
    const tarn_shape shape = tarn_shape(601, 67), last = tarn_shape(67);
    tarn_tensor *of_one[3] = {0};
    for (int threads = 1; threads <= 4; threads++) {
        tarn_set_threads(threads);
        tarn_seed(1);
        tarn_tensor *t[3] = {tarn_randn(shape), tarn_rand(last), tarn_rand(last)};
        for (int i = 0; i < 3; i++)
            tarn_requires_grad(t[i], true);
        tarn_tape *tape = tarn_tape_begin();
        cr_assert(tarn_backward(tarn_mean(tarn_square(run(t, NULL)))));
        tarn_tape_end(tape);
        for (int i = 0; i < 3; i++) {
            if (threads == 1)
                of_one[i] = t[i];
            else
                cr_assert_eq(memcmp(tarn_gradients(of_one[i]), tarn_gradients(t[i]),
                                    (size_t)tarn_size(t[i]) * sizeof(tarn_real)),
                             0, "input %d, %d threads", i, threads);
            if (threads > 1)
                tarn_free(t[i]);
        }
    }
    for (int i = 0; i < 3; i++)
        tarn_free(of_one[i]);
}

Test(layer_norm, nothing_in_some_dimension)
{
    tarn_tensor *x = tarn_requires_grad(tarn_zeros(tarn_shape(4, 0)), true);
    tarn_tensor *none = tarn_zeros(tarn_shape(0)), *three = tarn_zeros(tarn_shape(0, 3));
    tarn_tensor *gamma = tarn_requires_grad(tarn_full(tarn_shape(3), 2), true);
    tarn_tape *tape = tarn_tape_begin();
    cr_assert(tarn_backward(tarn_add(tarn_sum(tarn_layer_norm(x, none, none)),
                                     tarn_sum(tarn_layer_norm(three, gamma, gamma)))));
    for (int i = 0; i < 3; i++)
        cr_expect_eq(tarn_gradients(gamma)[i], 0);
    tarn_tape_end(tape);
    tarn_free(x);
    tarn_free(none);
    tarn_free(three);
    tarn_free(gamma);
}

Test(layer_norm, bad_input)
{
    tarn_tensor *x = tarn_zeros(tarn_shape(2, 3, 4)), *four = tarn_zeros(tarn_shape(4));
    tarn_tensor *scalar = tarn_zeros(tarn_shape()), *two = tarn_zeros(tarn_shape(2));
    tarn_tensor *large = tarn_zeros(tarn_shape(1, 2, 3, 4));
    tarn_tape *tape = tarn_tape_begin();
    assert_mistake(tarn_layer_norm(x, scalar, scalar),
                   "layer_norm: gamma (), input (2,3,4) expects the shape of its last dimensions, "
                   "one or more");
    assert_mistake(tarn_layer_norm(x, large, large), "layer_norm: gamma (1,2,3,4), input (2,3,4)");
    assert_mistake(tarn_layer_norm(scalar, scalar, scalar), "layer_norm: gamma (), input ()");
    assert_mistake(tarn_layer_norm(x, two, two),
                   "layer_norm: gamma (2), input (2,3,4) expects (4)");
    assert_mistake(tarn_layer_norm(x, four, two),
                   "layer_norm: beta (2), input (2,3,4) expects (4)");
    assert_mistake(tarn_layer_norm(x, four, four, .eps = -1),
                   "layer_norm: eps is -1, expects a finite number above 0");
    assert_mistake(tarn_layer_norm(x, four, four, .eps = (double)NAN), "eps is nan");
    assert_mistake(tarn_layer_norm(x, four, four, .eps = (double)INFINITY), "eps is inf");
    cr_expect_null(tarn_layer_norm(x, four, NULL));
    cr_expect_eq(mistakes(), 0);
    tarn_tape_end(tape);
    tarn_free(x);
    tarn_free(four);
    tarn_free(scalar);
    tarn_free(two);
    tarn_free(large);
}
