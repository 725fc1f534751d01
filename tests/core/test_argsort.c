#include <math.h>
#include <stdlib.h>

#include "tests/support/golden.h"
#include "tests/support/mistakes.h"

static void expect_order(const int32_t *order, const int32_t *expected, int count)
{
    for (int i = 0; i < count; i++)
        cr_expect_eq(order[i], expected[i], "at %d: %d, expects %d", i, (int)order[i],
                     (int)expected[i]);
}

Test(argsort, equals_keep_their_order_and_nan_is_largest)
{
    const tarn_real values[] = {2, NAN, -1, 2, INFINITY, NAN, -INFINITY, -1};
    tarn_tensor *x = tarn_from_array(tarn_shape(8), values);
    int32_t order[8];
    cr_assert(tarn_argsort_axis(x, 0, order));
    expect_order(order, (const int32_t[]){6, 2, 7, 0, 3, 4, 1, 5}, 8);
    cr_assert(tarn_argsort_axis(x, -1, order, .descending = true));
    expect_order(order, (const int32_t[]){1, 5, 4, 0, 3, 2, 7, 6}, 8);
    tarn_free(x);
}

Test(argsort, along_any_axis)
{
    const tarn_real values[] = {3, 10, 1, 30, 2, 20};
    tarn_tensor *x = tarn_from_array(tarn_shape(1, 3, 2), values);
    int32_t order[6];
    cr_assert(tarn_argsort_axis(x, 1, order));
    expect_order(order, (const int32_t[]){1, 0, 2, 2, 0, 1}, 6);
    cr_assert(tarn_argsort_axis(x, 1, order, .descending = true, .count = 1));
    expect_order(order, (const int32_t[]){0, 1}, 2);
    cr_assert(tarn_argsort_axis(x, 0, order));
    expect_order(order, (const int32_t[]){0, 0, 0, 0, 0, 0}, 6);
    cr_assert(tarn_argsort_axis(x, 2, order, .count = 0));
    tarn_free(x);
}

/* The first few are those of all, however few. */
Test(argsort, first_of_many)
{
    enum { COUNT = 300 };
    int32_t all[COUNT], few[COUNT];
    tarn_seed(5);
    tarn_tensor *x = tarn_rand(tarn_shape(COUNT));
    for (int i = 0; i < COUNT; i++)
        tarn_values(x)[i] = (tarn_real)floor(20 * (double)tarn_values(x)[i]);
    for (int descending = 0; descending < 2; descending++) {
        cr_assert(tarn_argsort_axis(x, 0, all, .descending = descending));
        for (int i = 1; i < COUNT; i++) {
            const double before = (double)tarn_values(x)[all[i - 1]];
            const double here = (double)tarn_values(x)[all[i]];
            cr_expect(before == here ? all[i - 1] < all[i] : (before > here) == descending);
        }
        for (int count = 1; count <= COUNT; count += count < 20 ? 1 : 70) {
            cr_assert(tarn_argsort_axis(x, 0, few, .descending = descending, .count = count));
            expect_order(few, all, count);
        }
    }
    tarn_free(x);
}

/* With gather, the largest elements and their gradient. */
Test(argsort, top_two_by_gather)
{
    const tarn_real values[] = {1, 5, 3, 9, 2, 7};
    tarn_tensor *x = tarn_requires_grad(tarn_from_array(tarn_shape(2, 3), values), true);
    int32_t places[4];
    tarn_tape *tape = tarn_tape_begin();
    cr_assert(tarn_argsort_axis(x, -1, places, .descending = true, .count = 2));
    tarn_tensor *top = tarn_gather(x, -1, tarn_labels(4, places));
    const tarn_real expected[] = {5, 3, 9, 7}, slopes[] = {0, 1, 1, 1, 0, 1};
    cr_expect_arr_eq(tarn_values(top), expected, sizeof expected);
    cr_assert(tarn_backward(tarn_sum(top)));
    cr_expect_arr_eq(tarn_gradients(x), slopes, sizeof slopes);
    tarn_tape_end(tape);
    tarn_free(x);
}

Test(argsort, bad_input)
{
    tarn_tensor *x = tarn_zeros(tarn_shape(2, 3)), *none = tarn_zeros(tarn_shape(2, 0));
    int32_t order[6] = {0};
    assert_mistake(tarn_argsort_axis(x, 2, order), "argsort_axis: input (2,3) has no axis 2");
    assert_mistake(tarn_argsort_axis(x, 1, order, .count = 4),
                   "argsort_axis: the first 4 along axis 1 of input (2,3), expects 0 to 3");
    assert_mistake(tarn_argsort_axis(x, 1, order, .count = -2), "argsort_axis: the first -2");
    assert_mistake(tarn_argsort_axis(x, 1, NULL), "argsort_axis: the array for the indices");
    record_mistakes();
    cr_expect(!tarn_argsort_axis(NULL, 0, order));
    cr_expect_eq(mistakes(), 0);
    cr_expect(tarn_argsort_axis(none, 1, order));
    tarn_free(x);
    tarn_free(none);
}
