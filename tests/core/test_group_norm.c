#include <math.h>

#include "tests/support/golden.h"
#include "tests/support/mistakes.h"

static tarn_tensor *run(tarn_tensor *const *x, void *context)
{
    return tarn_group_norm(x[0], (int)golden_number(context, "groups", 1), x[1], x[2],
                           .eps = golden_number(context, "eps", 1e-5));
}

OPERATION_TESTS(group_norm, run)

/* As far as whole numbers, and quarters, are exact. */
#define FAR (sizeof(tarn_real) == sizeof(float) ? 0x1p22 : 0x1p50)

/* The mean is millions of deviations, and no float; the first pixel lies far out in a channel. */
Test(group_norm, a_large_mean_costs_no_digits)
{
    const int64_t images = 2, pixels = 1025, channels = 6, groups = 2, size = pixels * channels;
    tarn_tensor *x = tarn_full(tarn_shape(images, pixels, channels), FAR);
    tarn_tensor *gamma = tarn_rand(tarn_shape(channels)), *beta = tarn_rand(tarn_shape(channels));
    for (int64_t i = channels; i < images * size; i++)
        tarn_values(x)[i] += (tarn_real)(i / channels % 3 * (i % 3 + 1));
    tarn_values(x)[1] = 0;
    tarn_tape *tape = tarn_tape_begin_no_grad();
    const tarn_tensor *y = tarn_group_norm(x, groups, gamma, beta);
    for (int64_t set = 0; set < images * groups; set++) {
        const int64_t per_set = channels / groups, n = pixels * per_set;
        const tarn_real *from = tarn_values(x) + set / groups * size + set % groups * per_set;
        const tarn_real *out = tarn_values(y) + (from - tarn_values(x));
        double mean = 0, variance = 0; /* of the distances from FAR, which are exact */
        for (int64_t i = 0; i < n; i++)
            mean += ((double)from[i / per_set * channels + i % per_set] - FAR) / (double)n;
        for (int64_t i = 0; i < n; i++)
            variance +=
                pow((double)from[i / per_set * channels + i % per_set] - FAR - mean, 2) / (double)n;
        for (int64_t i = 2 * channels; i < 2 * channels + per_set; i++) {
            const int64_t c = set % groups * per_set + i % channels;
            cr_expect_float_eq((double)out[i],
                               ((double)from[i] - FAR - mean) / sqrt(variance + 1e-5) *
                                       (double)tarn_values(gamma)[c] +
                                   (double)tarn_values(beta)[c],
                               5e-6);
        }
    }
    tarn_tape_end(tape);
    tarn_free(x);
    tarn_free(gamma);
    tarn_free(beta);
}

/* One image with as many groups as channels is batch normalization of its pixels; a row with one
   group is layer normalization. */
Test(group_norm, agrees_with_its_relatives)
{
    tarn_tensor *x = tarn_randn(tarn_shape(1, 5, 7, 6)), *row = tarn_randn(tarn_shape(9, 6));
    tarn_tensor *gamma = tarn_rand(tarn_shape(6)), *beta = tarn_rand(tarn_shape(6));
    tarn_tensor *mean = tarn_zeros(tarn_shape(6)), *var = tarn_zeros(tarn_shape(6));
    tarn_tape *tape = tarn_tape_begin_no_grad();
    const tarn_tensor *pairs[][2] = {
        {tarn_group_norm(x, 6, gamma, beta),
         tarn_batch_norm2d(x, gamma, beta, mean, var, .training = true)},
        {tarn_group_norm(row, 1, gamma, beta), tarn_layer_norm(row, gamma, beta)}};
    for (int k = 0; k < 2; k++)
        for (int64_t i = 0; i < tarn_size(pairs[k][0]); i++)
            cr_expect_float_eq((double)tarn_values(pairs[k][0])[i],
                               (double)tarn_values(pairs[k][1])[i], 2e-6);
    tarn_tape_end(tape);
    tarn_free(x);
    tarn_free(row);
    tarn_free(gamma);
    tarn_free(beta);
    tarn_free(mean);
    tarn_free(var);
}

/* Many small images; and one of which the kernels give each thread a part. */
Test(group_norm, same_bits_at_any_number_of_threads)
{
    const tarn_shape shapes[] = {tarn_shape(37, 6, 7, 24), tarn_shape(1, 50, 60, 24)};
    for (int k = 0; k < 2; k++) {
        tarn_tensor *of_one[3] = {0};
        for (int threads = 1; threads <= 4; threads++) {
            tarn_set_threads(threads);
            tarn_seed(1);
            tarn_tensor *t[3] = {tarn_randn(shapes[k]), tarn_rand(tarn_shape(24)),
                                 tarn_rand(tarn_shape(24))};
            for (int i = 0; i < 3; i++)
                tarn_requires_grad(t[i], true);
            tarn_tape *tape = tarn_tape_begin();
            tarn_tensor *y = tarn_group_norm(t[0], 4, t[1], t[2]);
            cr_assert(tarn_backward(tarn_mean(tarn_square(y))));
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
}

Test(group_norm, nothing_in_some_dimension)
{
    tarn_tensor *gamma = tarn_requires_grad(tarn_full(tarn_shape(4), 2), true);
    tarn_tensor *none = tarn_requires_grad(tarn_zeros(tarn_shape(0)), true);
    const tarn_shape shapes[] = {tarn_shape(0, 3, 3, 4), tarn_shape(2, 0, 3, 4),
                                 tarn_shape(2, 3, 3, 0)};
    for (int i = 0; i < 3; i++) {
        tarn_tensor *x = tarn_requires_grad(tarn_zeros(shapes[i]), true);
        tarn_tensor *t = i < 2 ? gamma : none;
        tarn_tape *tape = tarn_tape_begin();
        cr_assert(tarn_backward(tarn_sum(tarn_group_norm(x, 2, t, t))));
        tarn_tape_end(tape);
        tarn_free(x);
    }
    for (int i = 0; i < 4; i++)
        cr_expect_eq(tarn_gradients(gamma)[i], 0);
    tarn_free(gamma);
    tarn_free(none);
}

Test(group_norm, bad_input)
{
    tarn_tensor *x = tarn_zeros(tarn_shape(2, 3, 3, 6)), *row = tarn_zeros(tarn_shape(6));
    tarn_tensor *three = tarn_zeros(tarn_shape(3)), *one = tarn_zeros(tarn_shape(1, 6));
    tarn_tape *tape = tarn_tape_begin();
    assert_mistake(tarn_group_norm(row, 2, row, row),
                   "group_norm: input (6), expects (N,H,W,C) or (N,C)");
    assert_mistake(tarn_group_norm(x, 4, row, row),
                   "group_norm: groups is 4, input (2,3,3,6) expects a divisor of its channels, 6");
    assert_mistake(tarn_group_norm(x, 0, row, row), "group_norm: groups is 0");
    assert_mistake(tarn_group_norm(x, -2, row, row), "group_norm: groups is -2");
    assert_mistake(tarn_group_norm(x, 3, three, row),
                   "group_norm: gamma (3), input (2,3,3,6) expects (6)");
    assert_mistake(tarn_group_norm(x, 3, row, one),
                   "group_norm: beta (1,6), input (2,3,3,6) expects (6)");
    assert_mistake(tarn_group_norm(x, 3, row, row, .eps = -1),
                   "group_norm: eps is -1, expects a finite number above 0");
    assert_mistake(tarn_group_norm(x, 3, row, row, .eps = (double)NAN), "eps is nan");
    cr_expect_null(tarn_group_norm(x, 7, row, NULL));
    cr_expect_eq(mistakes(), 0);
    tarn_tape_end(tape);
    tarn_free(x);
    tarn_free(row);
    tarn_free(three);
    tarn_free(one);
}
