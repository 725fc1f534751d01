#include "tests/support/golden.h"
#include "tests/support/mistakes.h"

static tarn_tensor *run(tarn_tensor *const *x, void *context)
{
    return tarn_concat_of((int)golden_number(context, "axis", 99),
                          (int)golden_number(context, "count", 0), x);
}

OPERATION_TESTS(concat, run)

static tarn_tensor *pair(tarn_tensor *const *x, void *context)
{
    (void)context;
    return tarn_concat(1, x[0], x[1]);
}

Test(concat, same_twice)
{
    check_same_twice(pair, tarn_shape(3, 4));
}

Test(concat, a_thousand)
{
    enum { COUNT = 1000 };
    tarn_tensor *x = tarn_requires_grad(tarn_rand(tarn_shape(2, 3)), true), *all[COUNT];
    tarn_tape *tape = tarn_tape_begin();
    for (int i = 0; i < COUNT; i++)
        all[i] = i % 2 ? x : tarn_scale(x, i);
    tarn_tensor *y = tarn_concat_of(1, COUNT, all);
    cr_assert(tarn_shape_equal(tarn_shape_get(y), tarn_shape(2, 3 * COUNT)));
    for (int i = 0; i < 2 * 3 * COUNT; i++) {
        const int row = i / (3 * COUNT), part = i % (3 * COUNT) / 3, factor = part % 2 ? 1 : part;
        cr_assert_eq(tarn_values(y)[i], (tarn_real)factor * tarn_values(x)[row * 3 + i % 3]);
    }
    cr_assert(tarn_backward(tarn_sum(y)));
    for (int i = 0; i < 6; i++)
        cr_assert_eq(tarn_gradients(x)[i], 500 + 998 * 500 / 2);
    tarn_tape_end(tape);
    tarn_free(x);
}

/* Large enough for threads, with pieces that begin within a row. */
Test(concat, large)
{
    tarn_tensor *a = tarn_rand(tarn_shape(3, 20000)), *b = tarn_rand(tarn_shape(3, 9001));
    tarn_tape *tape = tarn_tape_begin();
    const tarn_real *y = tarn_values(tarn_concat(1, a, b, a));
    for (int64_t i = 0; i < 3 * 49001; i++) {
        const int64_t row = i / 49001, at = i % 49001;
        const tarn_real expected = at < 20000   ? tarn_values(a)[row * 20000 + at]
                                   : at < 29001 ? tarn_values(b)[row * 9001 + at - 20000]
                                                : tarn_values(a)[row * 20000 + at - 29001];
        cr_assert_eq(y[i], expected, "at %d", (int)i);
    }
    tarn_tape_end(tape);
    tarn_free(a);
    tarn_free(b);
}

Test(concat, bad_input)
{
    tarn_tensor *x = tarn_zeros(tarn_shape(2, 3)), *other = tarn_zeros(tarn_shape(2, 4));
    tarn_tensor *flat = tarn_zeros(tarn_shape(6)), *scalar = tarn_zeros(tarn_shape());
    tarn_tensor *endless = tarn_zeros(tarn_shape((int64_t)1 << 58, 0)), *many[40];
    tarn_tape *tape = tarn_tape_begin();
    assert_mistake(tarn_concat_of(0, 0, &x), "concat: no tensors are given, expects at least 1");
    assert_mistake(tarn_concat_of(0, -1, &x), "concat: no tensors are given");
    assert_mistake(tarn_concat_of(0, 2, NULL), "concat: no tensors are given");
    assert_mistake(tarn_concat(0, x, x, other),
                   "concat: tensor 2 (2,4), tensor 0 (2,3), expects equal shapes but for axis 0");
    assert_mistake(tarn_concat(-1, x, flat), "concat: tensor 1 (6), tensor 0 (2,3)");
    assert_mistake(tarn_concat(0, flat, x), "concat: tensor 1 (2,3), tensor 0 (6)");
    assert_mistake(tarn_concat(2, x, x), "concat: input (2,3) has no axis 2");
    assert_mistake(tarn_concat(0, scalar, scalar), "concat: input () has no axis 0");
    for (int i = 0; i < 40; i++)
        many[i] = endless;
    assert_mistake(tarn_concat_of(0, 40, many), "concat: axis 0 of the result is too large");
    assert_mistake(tarn_concat_of(0, 16, many), "concat: the result's shape");
    record_mistakes();
    cr_assert_null(tarn_concat(0, x, x, NULL));
    cr_assert_null(tarn_concat(7, NULL, x));
    cr_assert_eq(mistakes(), 0);
    tarn_tape_end(tape);
    tarn_free(x);
    tarn_free(other);
    tarn_free(flat);
    tarn_free(scalar);
    tarn_free(endless);
}
