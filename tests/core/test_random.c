#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#include "core/base/random_internal.h"
#include "tarn.h"

/* The first outputs of the reference implementation (Vigna, splitmix64.c). */
Test(random, reference_values)
{
    const uint64_t of_0[] = {0xE220A8397B1DCDAF, 0x6E789E6AA1B965F4, 0x06C45D188009454F,
                             0xF88BB8A8724C81EC, 0x1B39896A51A8749B};
    const uint64_t of_1234567[] = {6457827717110365317u, 3203168211198807973u, 9817491932198370423u,
                                   4593380528125082431u, 16408922859458223821u};
    for (int i = 0; i < 5; i++) {
        cr_assert_eq(tarn__random_at(0, i), of_0[i]);
        cr_assert_eq(tarn__random_at(1234567, i), of_1234567[i]);
    }
}

Test(random, without_a_seed_it_is_0)
{
    const uint64_t state = tarn_random_state();
    tarn_seed(0);
    cr_assert_eq(tarn_random_state(), state);
    tarn_seed(1);
    cr_assert_neq(tarn_random_state(), state);
}

/* Draws many times, from where the thread's generator starts or from a seed; returns the sum of all
   numbers, each by its place. */
static void *draw(void *seed)
{
    if (seed)
        tarn_seed(*(const uint64_t *)seed);
    static const int64_t n = 1001;
    double *sum = calloc(1, sizeof *sum);
    for (int k = 1; k <= 300; k++) {
        tarn_tensor *x = k % 2 ? tarn_rand(tarn_shape(n)) : tarn_randn(tarn_shape(n));
        for (int64_t i = 0; i < n; i++)
            *sum += (double)(k * i) * (double)tarn_values(x)[i];
        tarn_free(x);
    }
    return sum;
}

Test(random, a_thread_draws_as_if_it_were_alone)
{
    enum { THREADS = 6 };
    uint64_t seeds[THREADS / 2] = {0, 1, 2};
    double *alone[THREADS], *found;
    for (int i = 0; i < THREADS; i++) {
        tarn_seed(7);
        alone[i] = draw(i % 2 ? &seeds[i / 2] : NULL);
    }
    cr_assert_eq(*alone[0], *alone[2]);
    cr_assert_neq(*alone[1], *alone[3]);
    tarn_seed(7); /* from where threads start that seed nothing */
    const uint64_t state = tarn_random_state();
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++)
        cr_assert_eq(pthread_create(&threads[i], NULL, draw, i % 2 ? &seeds[i / 2] : NULL), 0);
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], (void **)&found);
        cr_assert_eq(*found, *alone[i], "thread %d", i);
        free(found);
        free(alone[i]);
    }
    cr_assert_eq(tarn_random_state(), state);
}

typedef tarn_tensor *constructor(tarn_shape shape);

static void expect_same(const tarn_tensor *a, const tarn_tensor *b)
{
    const size_t bytes = (size_t)tarn_size(a) * sizeof(tarn_real);
    cr_assert_eq(tarn_size(a), tarn_size(b));
    cr_assert_eq(memcmp(tarn_values(a), tarn_values(b), bytes), 0);
}

static void same_at_any_number_of_threads(constructor *make)
{
    tarn_set_threads(1);
    tarn_seed(11);
    tarn_tensor *first = make(tarn_shape(33001, 3)), *second = make(tarn_shape(7));
    const uint64_t state = tarn_random_state();
    for (int threads = 2; threads <= 4; threads++) {
        tarn_set_threads(threads);
        tarn_seed(11);
        tarn_tensor *a = make(tarn_shape(33001, 3)), *b = make(tarn_shape(7));
        expect_same(a, first);
        expect_same(b, second);
        cr_assert_eq(tarn_random_state(), state);
        tarn_free(a);
        tarn_free(b);
    }
    tarn_free(first);
    tarn_free(second);
}

Test(random, same_at_any_number_of_threads)
{
    same_at_any_number_of_threads(tarn_rand);
    same_at_any_number_of_threads(tarn_randn);
}

/* Drawing 3 and then 4 numbers is the same as drawing 7. */
Test(random, sequence_does_not_depend_on_how_it_is_cut)
{
    tarn_seed(5);
    tarn_tensor *a = tarn_rand(tarn_shape(3)), *b = tarn_rand(tarn_shape(4));
    tarn_seed(5);
    tarn_tensor *all = tarn_rand(tarn_shape(7));
    for (int i = 0; i < 7; i++)
        cr_assert_eq(tarn_values(all)[i], i < 3 ? tarn_values(a)[i] : tarn_values(b)[i - 3]);
    tarn_free(a);
    tarn_free(b);
    tarn_free(all);
}

Test(random, state_is_saved_and_restored)
{
    tarn_seed(3);
    tarn_free(tarn_randn(tarn_shape(100)));
    const uint64_t state = tarn_random_state();
    tarn_tensor *a = tarn_randn(tarn_shape(50));
    tarn_set_random_state(state);
    tarn_tensor *b = tarn_randn(tarn_shape(50));
    expect_same(a, b);
    tarn_free(a);
    tarn_free(b);
}

Test(random, uniform)
{
    enum { BINS = 20 };
    const int64_t n = 1000000;
    int64_t count[BINS] = {0};
    double sum = 0, squares = 0, products = 0;
    tarn_tensor *x = tarn_rand(tarn_shape(n));
    const tarn_real *v = tarn_values(x);
    for (int64_t i = 0; i < n; i++) {
        cr_assert(v[i] >= 0 && v[i] < 1);
        count[(int)((double)v[i] * BINS)]++;
        sum += v[i];
        squares += (v[i] - 0.5) * (v[i] - 0.5);
        products += i ? (v[i] - 0.5) * (v[i - 1] - 0.5) : 0;
    }
    cr_assert_float_eq(sum / (double)n, 0.5, 0.002);
    cr_assert_float_eq(squares / (double)n, 1 / 12.0, 0.001);
    cr_assert_float_eq(products / (double)n, 0, 0.0005);
    for (int i = 0; i < BINS; i++)
        cr_assert_float_eq((double)count[i] / (double)n, 1.0 / BINS, 0.002);
    tarn_free(x);
}

Test(random, largest_uniform_number_is_below_1)
{
    cr_assert_lt(tarn__random_uniform(UINT64_MAX), 1);
    cr_assert_eq(tarn__random_uniform(0), 0);
}

Test(random, normal)
{
    const int64_t n = 1000000;
    double moments[5] = {0}, products = 0;
    int64_t beyond_2 = 0;
    tarn_tensor *x = tarn_randn(tarn_shape(n));
    const tarn_real *v = tarn_values(x);
    for (int64_t i = 0; i < n; i++) {
        cr_assert(isfinite(v[i]));
        for (int k = 1; k < 5; k++)
            moments[k] += pow(v[i], k) / (double)n;
        products += i ? (double)v[i] * v[i - 1] / (double)n : 0;
        beyond_2 += fabs(v[i]) > 2;
    }
    cr_assert_float_eq(moments[1], 0, 0.005);
    cr_assert_float_eq(moments[2], 1, 0.01);
    cr_assert_float_eq(moments[3], 0, 0.02);
    cr_assert_float_eq(moments[4], 3, 0.05);
    cr_assert_float_eq(products, 0, 0.005);
    cr_assert_float_eq((double)beyond_2 / (double)n, 0.0455, 0.001);
    tarn_free(x);
}

Test(random, seeds_give_unrelated_sequences)
{
    tarn_seed(1);
    tarn_tensor *a = tarn_rand(tarn_shape(1000));
    tarn_seed(2);
    tarn_tensor *b = tarn_rand(tarn_shape(1000));
    int equal = 0;
    for (int i = 0; i < 1000; i++)
        for (int shift = -2; shift <= 2; shift++)
            if (i + shift >= 0 && i + shift < 1000)
                equal += tarn_values(a)[i] == tarn_values(b)[i + shift];
    cr_assert_leq(equal, 2);
    tarn_free(a);
    tarn_free(b);
}

/* Where the generator stands after that many numbers. */
static uint64_t state_after(int64_t count)
{
    tarn_seed(7);
    tarn__random_reserve(count);
    return tarn_random_state();
}

/* So that the next draw begins where this one ends. A normal number takes two. */
Test(random, draws_do_not_overlap)
{
    for (int64_t n = 0; n < 3000; n += 999) {
        tarn_seed(7);
        tarn_free(tarn_rand(tarn_shape(n)));
        const uint64_t uniform = tarn_random_state();
        tarn_seed(7);
        tarn_free(tarn_randn(tarn_shape(n)));
        const uint64_t normal = tarn_random_state();
        cr_expect_eq(uniform, state_after(n));
        cr_expect_eq(normal, state_after(2 * n));
    }
    tarn_seed(7);
    const uint64_t start = tarn_random_state();
    cr_expect_neq(tarn__random_at(state_after(1), 0), tarn__random_at(start, 0));
    cr_expect_eq(tarn__random_at(state_after(2), 0), tarn__random_at(start, 2));
}
