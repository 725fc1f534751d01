#include <math.h>
#include <stdlib.h>

#include "tests/support/golden.h"
#include "tests/support/mistakes.h"

static tarn_tensor *run(tarn_tensor *const *x, void *context)
{
    tarn_seed(5);
    return tarn_dropout(x[0], *(const double *)context);
}

Test(dropout, keeps_the_given_part_and_scales_it)
{
    const int64_t n = 200000;
    const double rates[] = {0.1, 0.25, 0.5, 0.9};
    tarn_tensor *x = tarn_full(tarn_shape(n), 3);
    for (int k = 0; k < 4; k++) {
        const double p = rates[k];
        tarn_seed((uint64_t)k);
        tarn_tape *tape = tarn_tape_begin();
        const tarn_real *y = tarn_values(tarn_dropout(x, p));
        double kept = 0, both[5] = {0};
        for (int64_t i = 0; i < n; i++) {
            if (y[i] != 0)
                cr_assert_float_eq(y[i], 3 / (1 - p), 1e-5);
            kept += y[i] != 0;
            for (int lag = 1; lag < 5 && lag <= i; lag++)
                both[lag] += y[i] != 0 && y[i - lag] != 0;
        }
        /* Five standard deviations; neighbours are independent. */
        cr_assert_float_eq(kept / (double)n, 1 - p, 5 * sqrt(p * (1 - p) / (double)n));
        for (int lag = 1; lag < 5; lag++)
            cr_assert_float_eq(both[lag] / (double)n, (1 - p) * (1 - p), 0.01);
        tarn_tape_end(tape);
    }
    tarn_free(x);
}

Test(dropout, mask_repeats_per_seed_at_any_number_of_threads)
{
    const int64_t n = 70001;
    double p = 0.5;
    tarn_tensor *x = tarn_rand(tarn_shape(n));
    tarn_tape *tape = tarn_tape_begin();
    tarn_set_threads(1);
    tarn_tensor *first = run(&x, &p), *next = tarn_dropout(x, p);
    const size_t bytes = (size_t)n * sizeof(tarn_real);
    cr_assert(memcmp(tarn_values(first), tarn_values(next), bytes) != 0, "the mask never changes");
    for (int threads = 1; threads <= 4; threads++) {
        tarn_set_threads(threads);
        cr_assert(memcmp(tarn_values(first), tarn_values(run(&x, &p)), bytes) == 0);
        cr_assert(memcmp(tarn_values(next), tarn_values(tarn_dropout(x, p)), bytes) == 0);
    }
    tarn_tape_end(tape);
    tarn_free(x);
}

Test(dropout, backward_uses_the_same_mask)
{
    tarn_tensor *x = tarn_requires_grad(tarn_full(tarn_shape(3, 17), 1), true);
    tarn_tape *tape = tarn_tape_begin();
    tarn_tensor *first = tarn_dropout(x, 0.5), *second = tarn_dropout(x, 0.5);
    cr_assert(tarn_backward(tarn_add(tarn_sum(first), tarn_sum(second))));
    for (int64_t i = 0; i < tarn_size(x); i++)
        cr_assert_eq(tarn_gradients(x)[i], tarn_values(first)[i] + tarn_values(second)[i]);
    tarn_tape_end(tape);
    tarn_free(x);
}

Test(dropout, of_nothing_and_of_everything)
{
    tarn_tensor *x = tarn_requires_grad(tarn_rand(tarn_shape(1000)), true);
    tarn_tape *tape = tarn_tape_begin();
    tarn_tensor *all = tarn_dropout(x, 0), *none = tarn_dropout(x, 1);
    cr_assert(tarn_backward(tarn_sum(tarn_add(all, none))));
    for (int64_t i = 0; i < 1000; i++) {
        cr_assert_eq(tarn_values(all)[i], tarn_values(x)[i]);
        cr_assert_eq(tarn_values(none)[i], 0);
        cr_assert_eq(tarn_gradients(x)[i], 1);
    }
    tarn_tape_end(tape);
    tarn_free(x);
}

Test(dropout, empty)
{
    tarn_tensor *x = tarn_requires_grad(tarn_zeros(tarn_shape(0, 3)), true);
    tarn_tape *tape = tarn_tape_begin();
    cr_assert(tarn_backward(tarn_sum(tarn_dropout(x, 0.5))));
    tarn_tape_end(tape);
    tarn_free(x);
}

#ifdef TARN_DOUBLE
Test(dropout, gradients)
{
    double rates[] = {0, 0.3, 0.5, 1};
    tarn_tensor *x = tarn_requires_grad(tarn_rand(tarn_shape(5, 7)), true);
    for (int i = 0; i < 4; i++)
        cr_assert(tarn_gradcheck(run, tarn_params_of(x), .context = &rates[i]), "%s", tarn_error());
    tarn_free(x);
}
#endif

Test(dropout, bad_input)
{
    tarn_tensor *x = tarn_zeros(tarn_shape(3));
    tarn_tape *tape = tarn_tape_begin();
    assert_mistake(tarn_dropout(x, -0.1), "dropout: the probability is -0.1, expects 0 to 1");
    assert_mistake(tarn_dropout(x, 1.5), "dropout: the probability is 1.5, expects 0 to 1");
    assert_mistake(tarn_dropout(x, NAN), "dropout: the probability is nan, expects 0 to 1");
    cr_assert_null(tarn_dropout(NULL, 7));
    cr_assert_eq(mistakes(), 0);
    tarn_tape_end(tape);
    assert_mistake(tarn_dropout(x, 0.5), "dropout: no tape is open");
    tarn_free(x);
}

Test(dropout, keeps_nan)
{
    tarn_tensor *x = tarn_full(tarn_shape(64), NAN);
    tarn_tape *tape = tarn_tape_begin();
    tarn_tensor *y = tarn_dropout(x, 0.5);
    for (int i = 0; i < 64; i++)
        cr_expect(isnan(tarn_values(y)[i]));
    tarn_tape_end(tape);
    tarn_free(x);
}

/* So that the next draw begins where this one ends: two elements share a number. */
Test(dropout, reserves_the_numbers_that_it_uses)
{
    for (int64_t n = 0; n < 8; n++) {
        tarn_tensor *x = tarn_zeros(tarn_shape(n));
        tarn_tape *tape = tarn_tape_begin();
        tarn_seed(3);
        tarn_dropout(x, 0.5);
        const uint64_t state = tarn_random_state();
        tarn_seed(3);
        tarn_free(tarn_rand(tarn_shape((n + 1) / 2)));
        cr_expect_eq(tarn_random_state(), state, "%d elements", (int)n);
        tarn_tape_end(tape);
        tarn_free(x);
    }
}

static int compare_words(const void *a, const void *b)
{
    const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

/* In two masks of several chunks no 64 elements in a row come twice. */
Test(dropout, masks_do_not_overlap)
{
    enum { N = 5 * 1024 + 7, WORDS = 2 * N - 63 };
    tarn_tensor *x = tarn_full(tarn_shape(N), 1);
    tarn_tape *tape = tarn_tape_begin();
    tarn_tensor *masks[] = {tarn_dropout(x, 0.5), tarn_dropout(x, 0.5)};
    static uint64_t words[WORDS];
    uint64_t word = 0;
    for (int i = 0; i < 2 * N; i++) {
        word = word << 1 | (tarn_values(masks[i / N])[i % N] != 0);
        if (i >= 63)
            words[i - 63] = word;
    }
    qsort(words, WORDS, sizeof *words, compare_words);
    for (int i = 1; i < WORDS; i++)
        cr_assert_neq(words[i], words[i - 1]);
    tarn_tape_end(tape);
    tarn_free(x);
}
