#include "tests/support/golden.h"
#include "tests/support/mistakes.h"

static tarn_tensor *run(tarn_tensor *const *x, void *context)
{
    (void)context;
    return tarn_matmul(x[0], x[1]);
}

OPERATION_TESTS(matmul, run)

Test(matmul, same_twice)
{
    check_same_twice(run, tarn_shape(5, 5));
}

Test(matmul, bad_input)
{
    tarn_tensor *a = tarn_zeros(tarn_shape(2, 3)), *b = tarn_zeros(tarn_shape(4, 2));
    tarn_tensor *vector = tarn_zeros(tarn_shape(3)), *cube = tarn_zeros(tarn_shape(1, 3, 2));
    tarn_tensor *two = tarn_zeros(tarn_shape(2, 2, 3)), *three = tarn_zeros(tarn_shape(3, 3, 2));
    tarn_tape *tape = tarn_tape_begin();
    assert_mistake(tarn_matmul(a, b), "matmul: inputs (2,3) and (4,2), expects (M,K) and (K,N)");
    assert_mistake(tarn_matmul(a, vector), "matmul: inputs (2,3) and (3), expects (M,K) and (K,N)");
    assert_mistake(tarn_matmul(vector, b), "matmul: inputs (3) and (4,2), expects");
    assert_mistake(tarn_matmul(cube, b), "matmul: inputs (1,3,2) and (4,2), expects (...,M,K) and "
                                         "(...,K,N), and leading dimensions that broadcast");
    assert_mistake(tarn_matmul(vector, cube), "matmul: inputs (3) and (1,3,2), expects (...,M,K)");
    assert_mistake(tarn_matmul(two, three), "matmul: inputs (2,2,3) and (3,3,2), expects (...,M");
    tarn_tape_end(tape);
    tarn_free(a);
    tarn_free(b);
    tarn_free(vector);
    tarn_free(cube);
    tarn_free(two);
    tarn_free(three);
}

/* Returns at once, however long the sums would be. */
Test(matmul, of_no_rows_and_no_columns)
{
    const int64_t inner = (int64_t)1 << 50;
    tarn_tensor *a = tarn_zeros(tarn_shape(0, inner)), *b = tarn_zeros(tarn_shape(inner, 0));
    tarn_tape *tape = tarn_tape_begin();
    cr_assert(tarn_shape_equal(tarn_shape_get(tarn_matmul(a, b)), tarn_shape(0, 0)));
    tarn_tape_end(tape);
    tarn_free(a);
    tarn_free(b);
}

/* Stacks of no elements, of very many matrices and of more than can be counted. */
Test(matmul, of_empty_stacks)
{
    const int64_t many = (int64_t)1 << 40;
    tarn_tensor *a = tarn_requires_grad(tarn_full(tarn_shape(1, 2, 3), 5), true);
    tarn_tensor *b = tarn_requires_grad(tarn_zeros(tarn_shape(many, 3, 0)), true);
    tarn_tensor *c = tarn_zeros(tarn_shape(many, 1, 0, 2));
    tarn_tape *tape = tarn_tape_begin();
    tarn_tensor *y = tarn_matmul(a, b);
    cr_assert(tarn_shape_equal(tarn_shape_get(y), tarn_shape(many, 2, 0)));
    cr_assert(tarn_backward(tarn_sum(y)));
    for (int i = 0; i < 6; i++)
        cr_assert_eq(tarn_gradients(a)[i], 0);
    assert_mistake(tarn_matmul(c, tarn_reshape(b, tarn_shape(many, 0, 3))),
                   "matmul: inputs (1099511627776,1,0,2) and (1099511627776,0,3), expects");
    assert_mistake(tarn_matmul(c, tarn_reshape(b, tarn_shape(many, 2, 0))),
                   "matmul: the result's shape (1099511627776,1099511627776,0,0) is invalid or too "
                   "large");
    tarn_tape_end(tape);
    tarn_free(a);
    tarn_free(b);
    tarn_free(c);
}

/* Products that threads share, and stacks that they do, against one matrix at a time. */
static void compare_with_single(int64_t count, int64_t m, int64_t k, int64_t n)
{
    tarn_tensor *a = tarn_randn(tarn_shape(count, m, k)), *b = tarn_randn(tarn_shape(count, k, n));
    tarn_tape *tape = tarn_tape_begin();
    tarn_tensor *y = tarn_matmul(a, b);
    for (int64_t i = 0; i < count; i++) {
        tarn_tensor *one = tarn_from_array(tarn_shape(m, k), tarn_values(a) + i * m * k);
        tarn_tensor *two = tarn_from_array(tarn_shape(k, n), tarn_values(b) + i * k * n);
        const tarn_real *expected = tarn_values(tarn_matmul(one, two));
        for (int64_t j = 0; j < m * n; j++)
            cr_assert_eq(tarn_values(y)[i * m * n + j], expected[j]);
        tarn_free(one);
        tarn_free(two);
    }
    tarn_tape_end(tape);
    tarn_free(a);
    tarn_free(b);
}

Test(matmul, large_stacks)
{
    compare_with_single(3, 130, 128, 131);
    compare_with_single(37, 33, 34, 35);
}
