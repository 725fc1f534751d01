#include <math.h>

#include "tests/support/golden.h"
#include "tests/support/mistakes.h"

static tarn_tensor *run(tarn_tensor *const *x, void *context)
{
    tarn_seed(5);
    return tarn_dropout2d(x[0], *(const double *)context);
}

Test(dropout2d, reserves_a_number_for_each_channel)
{
    tarn_tensor *x = tarn_zeros(tarn_shape(3, 2, 2, 5));
    tarn_tape *tape = tarn_tape_begin();
    tarn_seed(3);
    tarn_dropout2d(x, 0.5);
    const uint64_t state = tarn_random_state();
    tarn_seed(3);
    tarn_free(tarn_rand(tarn_shape(3 * 5)));
    cr_expect_eq(tarn_random_state(), state);
    tarn_tape_end(tape);
    tarn_free(x);
}

Test(dropout2d, drops_whole_channels_and_scales_the_others)
{
    const int64_t images = 100, pixels = 6, channels = 70, n = images * channels;
    const double rates[] = {0.1, 0.25, 0.5, 0.9};
    tarn_tensor *x = tarn_full(tarn_shape(images, 2, 3, channels), 3);
    for (int k = 0; k < 4; k++) {
        const double p = rates[k];
        tarn_seed((uint64_t)k);
        tarn_tape *tape = tarn_tape_begin();
        const tarn_real *y = tarn_values(tarn_dropout2d(x, p));
        double kept = 0, both = 0, neighbours = 0;
        for (int64_t i = 0; i < n; i++) {
            const tarn_real *at = y + i / channels * pixels * channels + i % channels;
            if (at[0] != 0)
                cr_assert_float_eq((double)at[0], 3 / (1 - p), 1e-5);
            for (int64_t j = 1; j < pixels; j++)
                cr_assert_eq(at[j * channels], at[0]);
            kept += at[0] != 0;
            if (i % channels) {
                neighbours++;
                both += at[0] != 0 && at[-1] != 0;
            }
        }
        /* Five standard deviations; neighbours are independent. */
        cr_assert_float_eq(kept / (double)n, 1 - p, 5 * sqrt(p * (1 - p) / (double)n));
        cr_assert_float_eq(both / neighbours, (1 - p) * (1 - p), 0.03);
        tarn_tape_end(tape);
    }
    tarn_free(x);
}

Test(dropout2d, mask_repeats_per_seed_at_any_number_of_threads)
{
    double p = 0.5;
    tarn_tensor *x = tarn_rand(tarn_shape(13, 9, 11, 31));
    tarn_tape *tape = tarn_tape_begin();
    tarn_set_threads(1);
    tarn_tensor *first = run(&x, &p), *next = tarn_dropout2d(x, p);
    const size_t bytes = (size_t)tarn_size(x) * sizeof(tarn_real);
    cr_assert(memcmp(tarn_values(first), tarn_values(next), bytes) != 0, "the mask never changes");
    for (int threads = 1; threads <= 4; threads++) {
        tarn_set_threads(threads);
        cr_assert(memcmp(tarn_values(first), tarn_values(run(&x, &p)), bytes) == 0);
        cr_assert(memcmp(tarn_values(next), tarn_values(tarn_dropout2d(x, p)), bytes) == 0);
    }
    tarn_tape_end(tape);
    tarn_free(x);
}

Test(dropout2d, backward_uses_the_same_mask)
{
    tarn_tensor *x = tarn_requires_grad(tarn_full(tarn_shape(3, 2, 2, 17), 1), true);
    tarn_tape *tape = tarn_tape_begin();
    tarn_tensor *first = tarn_dropout2d(x, 0.5), *second = tarn_dropout2d(x, 0.5);
    cr_assert(tarn_backward(tarn_add(tarn_sum(first), tarn_sum(second))));
    for (int64_t i = 0; i < tarn_size(x); i++)
        cr_assert_eq(tarn_gradients(x)[i], tarn_values(first)[i] + tarn_values(second)[i]);
    tarn_tape_end(tape);
    tarn_free(x);
}

Test(dropout2d, of_nothing_and_of_everything)
{
    tarn_tensor *x = tarn_requires_grad(tarn_rand(tarn_shape(2, 3, 5, 7)), true);
    tarn_tape *tape = tarn_tape_begin();
    tarn_tensor *all = tarn_dropout2d(x, 0), *none = tarn_dropout2d(x, 1);
    cr_assert(tarn_backward(tarn_sum(tarn_add(all, none))));
    for (int64_t i = 0; i < tarn_size(x); i++) {
        cr_assert_eq(tarn_values(all)[i], tarn_values(x)[i]);
        cr_assert_eq(tarn_values(none)[i], 0);
        cr_assert_eq(tarn_gradients(x)[i], 1);
    }
    tarn_tape_end(tape);
    tarn_free(x);
}

/* An image of no pixels draws nothing, however many channels it has. */
Test(dropout2d, empty)
{
    const tarn_shape shapes[] = {tarn_shape(0, 2, 2, 3), tarn_shape(2, 0, 2, 3),
                                 tarn_shape(2, 2, 2, 0), tarn_shape(1 << 20, 0, 0, 1 << 30)};
    const uint64_t state = tarn_random_state();
    for (int i = 0; i < 4; i++) {
        tarn_tensor *x = tarn_requires_grad(tarn_zeros(shapes[i]), true);
        tarn_tape *tape = tarn_tape_begin();
        cr_assert(tarn_backward(tarn_sum(tarn_dropout2d(x, 0.5))));
        tarn_tape_end(tape);
        tarn_free(x);
    }
    cr_expect_eq(tarn_random_state(), state);
}

#ifdef TARN_DOUBLE
Test(dropout2d, gradients)
{
    double rates[] = {0, 0.3, 0.5, 1};
    tarn_tensor *x = tarn_requires_grad(tarn_rand(tarn_shape(3, 2, 2, 5)), true);
    for (int i = 0; i < 4; i++)
        cr_assert(tarn_gradcheck(run, tarn_params_of(x), .context = &rates[i]), "%s", tarn_error());
    tarn_free(x);
}
#endif

Test(dropout2d, bad_input)
{
    tarn_tensor *x = tarn_zeros(tarn_shape(1, 2, 2, 3)), *row = tarn_zeros(tarn_shape(2, 3));
    tarn_tape *tape = tarn_tape_begin();
    assert_mistake(tarn_dropout2d(row, 0.5), "dropout2d: input (2,3), expects (N,H,W,C)");
    assert_mistake(tarn_dropout2d(x, -0.1), "dropout2d: the probability is -0.1, expects 0 to 1");
    assert_mistake(tarn_dropout2d(x, 1.5), "dropout2d: the probability is 1.5, expects 0 to 1");
    assert_mistake(tarn_dropout2d(x, (double)NAN), "the probability is nan, expects 0 to 1");
    cr_assert_null(tarn_dropout2d(NULL, 7));
    cr_assert_eq(mistakes(), 0);
    tarn_tape_end(tape);
    assert_mistake(tarn_dropout2d(x, 0.5), "dropout2d: no tape is open");
    tarn_free(x);
    tarn_free(row);
}

Test(dropout2d, keeps_nan)
{
    tarn_tensor *x = tarn_full(tarn_shape(2, 1, 1, 32), (double)NAN);
    tarn_tape *tape = tarn_tape_begin();
    tarn_tensor *y = tarn_dropout2d(x, 0.5);
    for (int i = 0; i < 64; i++)
        cr_expect(isnan((double)tarn_values(y)[i]));
    tarn_tape_end(tape);
    tarn_free(x);
}
