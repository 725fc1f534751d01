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
    tarn_tape *tape = tarn_tape_begin();
    assert_mistake(tarn_matmul(a, b), "matmul: inputs (2,3) and (4,2), expects (M,K) and (K,N)");
    assert_mistake(tarn_matmul(a, vector), "matmul: inputs (2,3) and (3), expects (M,K) and (K,N)");
    assert_mistake(tarn_matmul(vector, b), "matmul: inputs (3) and (4,2), expects");
    assert_mistake(tarn_matmul(a, cube), "matmul: inputs (2,3) and (1,3,2), expects");
    tarn_tape_end(tape);
    tarn_free(a);
    tarn_free(b);
    tarn_free(vector);
    tarn_free(cube);
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
