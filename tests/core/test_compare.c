#include <math.h>

#include "tests/support/golden.h"
#include "tests/support/mistakes.h"

typedef tarn_tensor *comparison(tarn_tensor *a, tarn_tensor *b);

static tarn_tensor *a, *b;

static void begin(void)
{
    const tarn_real left[] = {1, 2, 3, NAN, INFINITY, -0.0};
    const tarn_real right[] = {2, 2, 2, NAN, INFINITY, 0};
    a = tarn_requires_grad(tarn_from_array(tarn_shape(6), left), true);
    b = tarn_from_array(tarn_shape(6), right);
}

static void end(void)
{
    tarn_free(a);
    tarn_free(b);
}

TestSuite(compare, .init = begin, .fini = end);

static void expect(comparison *compare, const char *mask)
{
    tarn_tape *tape = tarn_tape_begin();
    const tarn_tensor *y = compare(a, b);
    for (int i = 0; i < 6; i++)
        cr_expect_eq(tarn_values(y)[i], mask[i] - '0', "%s: element %d", mask, i);
    tarn_tape_end(tape);
}

Test(compare, elements)
{
    expect(tarn_gt, "001000");
    expect(tarn_ge, "011011");
    expect(tarn_lt, "100000");
    expect(tarn_le, "110011");
    expect(tarn_eq, "010011");
    expect(tarn_ne, "101100");
}

Test(compare, broadcasts)
{
    tarn_tensor *column = tarn_from_array(tarn_shape(2, 1), (const tarn_real[]){1, 3});
    tarn_tensor *none = tarn_zeros(tarn_shape(0, 3));
    tarn_tape *tape = tarn_tape_begin();
    const tarn_tensor *y = tarn_ge(tarn_slice(a, 0, 0, 3), column);
    const tarn_real expected[] = {1, 1, 1, 0, 0, 1};
    cr_assert(tarn_shape_equal(tarn_shape_get(y), tarn_shape(2, 3)));
    cr_expect_arr_eq(tarn_values(y), expected, sizeof expected);
    y = tarn_lt(tarn_number(2), tarn_slice(a, 0, 0, 3));
    cr_expect(tarn_values(y)[1] == 0 && tarn_values(y)[2] == 1);
    cr_expect_eq(tarn_size(tarn_eq(none, tarn_number(1))), 0, "%s", tarn_error());
    tarn_tape_end(tape);
    tarn_free(column);
    tarn_free(none);
}

/* A mask is a constant: nothing goes through it, and alone it is no loss. */
Test(compare, have_no_gradient)
{
    tarn_tape *tape = tarn_tape_begin();
    tarn_tensor *mask = tarn_gt(a, b);
    cr_assert(tarn_backward(tarn_sum(tarn_where(mask, a, b))));
    const tarn_real *dx = tarn_gradients(a);
    cr_expect(dx[0] == 0 && dx[1] == 0 && dx[2] == 1);
    tarn_tape_end(tape);
    tape = tarn_tape_begin();
    assert_mistake(tarn_backward(tarn_sum(tarn_gt(a, b))), "depends on no tensor that requires");
    tarn_tape_end(tape);
}

Test(compare, careless_use)
{
    tarn_tensor *five = tarn_zeros(tarn_shape(5));
    assert_mistake(tarn_gt(a, b), "gt: no tape is open");
    tarn_tape *tape = tarn_tape_begin();
    assert_mistake(tarn_le(a, five), "le: shapes (6) and (5)");
    record_mistakes();
    comparison *const all[] = {tarn_gt, tarn_ge, tarn_lt, tarn_le, tarn_eq, tarn_ne};
    for (int i = 0; i < 6; i++)
        cr_expect(!all[i](NULL, a) && !all[i](a, NULL));
    cr_expect_eq(mistakes(), 0);
    tarn_tape_end(tape);
    tarn_free(five);
}
