#include <math.h>

#include "tests/support/golden.h"
#include "tests/support/mistakes.h"

static tarn_tensor *run(tarn_tensor *const *x, void *context)
{
    (void)context;
    return tarn_where(x[0], x[1], x[2]);
}

OPERATION_TESTS(where, run)

static tarn_tensor *of_one(tarn_tensor *const *x, void *context)
{
    (void)context;
    return tarn_where(tarn_relu(x[0]), x[0], tarn_exp(x[0]));
}

PIECES_TEST(where, of_one, 1, ANY)

Test(where, bad_input)
{
    tarn_tensor *c = tarn_zeros(tarn_shape(2, 3)), *a = tarn_zeros(tarn_shape(2, 1));
    tarn_tensor *b = tarn_zeros(tarn_shape(4));
    tarn_tape *tape = tarn_tape_begin();
    assert_mistake(tarn_where(c, a, b), "where: shapes (2,3), (2,1) and (4) cannot be broadcast: "
                                        "each pair of dimensions, from the last on, must be equal "
                                        "or hold a 1");
    record_mistakes();
    cr_expect_null(tarn_where(c, a, NULL));
    cr_expect_eq(mistakes(), 0);
    tarn_tape_end(tape);
    tarn_free(c);
    tarn_free(a);
    tarn_free(b);
}

Test(where, too_large)
{
    tarn_tensor *c = tarn_zeros(tarn_shape(1 << 21, 1, 1));
    tarn_tensor *a = tarn_zeros(tarn_shape(1 << 21, 1)), *b = tarn_zeros(tarn_shape(1 << 21));
    tarn_tape *tape = tarn_tape_begin();
    assert_mistake(tarn_where(c, a, b),
                   "where: the result's shape (2097152,2097152,2097152) is invalid or too large");
    tarn_tape_end(tape);
    tarn_free(c);
    tarn_free(a);
    tarn_free(b);
}

/* The gradient of the square root is infinite at 0, and what is not chosen gets 0 all the same. */
Test(where, gradient_of_the_other_is_0)
{
    const tarn_real ones_and_zeros[] = {1, 0, 1, 0};
    tarn_tensor *c = tarn_requires_grad(tarn_from_array(tarn_shape(4), ones_and_zeros), true);
    tarn_tensor *a = tarn_requires_grad(tarn_zeros(tarn_shape(4)), true);
    tarn_tensor *b = tarn_requires_grad(tarn_zeros(tarn_shape(1)), true);
    tarn_tape *tape = tarn_tape_begin();
    cr_assert(tarn_backward(tarn_sum(tarn_sqrt(tarn_where(c, a, b)))));
    tarn_tape_end(tape);
    for (int i = 0; i < 4; i++)
        cr_expect_eq(tarn_gradients(a)[i], i % 2 == 0 ? (tarn_real)INFINITY : 0);
    cr_expect_eq(tarn_gradients(b)[0], (tarn_real)INFINITY);

    tarn_zero_grad(b);
    tarn_values(c)[1] = tarn_values(c)[3] = (tarn_real)NAN;
    tape = tarn_tape_begin();
    cr_assert(tarn_backward(tarn_sum(tarn_sqrt(tarn_where(c, a, b)))));
    tarn_tape_end(tape);
    cr_expect_eq(tarn_gradients(b)[0], 0);
    cr_expect_null(tarn_gradients(c));
    tarn_free(c);
    tarn_free(a);
    tarn_free(b);
}

/* The example of core/ops.h. */
Test(where, masks_scores)
{
    const tarn_real words[] = {1, 1, 0};
    tarn_tensor *mask = tarn_from_array(tarn_shape(3), words);
    tarn_tensor *none = tarn_full(tarn_shape(), -INFINITY);
    tarn_tensor *scores = tarn_requires_grad(tarn_full(tarn_shape(2, 3), 5), true);
    tarn_tape *tape = tarn_tape_begin();
    tarn_tensor *weights = tarn_softmax(tarn_where(mask, scores, none));
    cr_assert(tarn_backward(tarn_sum(tarn_square(weights))));
    for (int i = 0; i < 6; i++) {
        cr_expect_eq(tarn_values(weights)[i], i % 3 == 2 ? 0 : (tarn_real)0.5);
        cr_expect_eq(tarn_gradients(scores)[i], 0);
    }
    tarn_tape_end(tape);
    tarn_free(mask);
    tarn_free(none);
    tarn_free(scores);
}

/* A row of several pieces, for which each input but one stays where it is. */
Test(where, one_condition_for_a_long_row)
{
    enum { MANY = 20000 };
    tarn_tensor *a = tarn_full(tarn_shape(MANY), 1), *b = tarn_full(tarn_shape(), 2);
    for (int yes = 0; yes < 2; yes++) {
        tarn_tensor *c = tarn_full(tarn_shape(), yes);
        tarn_tape *tape = tarn_tape_begin();
        tarn_tensor *y = tarn_where(c, a, b);
        for (int i = 0; i < MANY; i++)
            cr_assert_eq(tarn_values(y)[i], yes ? 1 : 2, "element %d", i);
        tarn_tape_end(tape);
        tarn_free(c);
    }
    tarn_free(a);
    tarn_free(b);
}
