#include <limits.h>

#include "tests/support/golden.h"
#include "tests/support/mistakes.h"

static tarn_tensor *run(tarn_tensor *const *x, void *context)
{
    const int diagonal = (int)golden_number(context, "diagonal", 0);
    return golden_number(context, "upper", 0) != 0 ? tarn_triu(x[0], diagonal)
                                                   : tarn_tril(x[0], diagonal);
}

Test(triangle, golden)
{
    check_golden("triangle", run);
}

GRADIENT_TEST(triangle, run)

Test(triangle, reuse)
{
    check_reuse("triangle", run);
}

Test(triangle, far_diagonals)
{
    tarn_tensor *x = tarn_full(tarn_shape(2, 3), 1);
    tarn_tape *tape = tarn_tape_begin();
    cr_expect_eq(tarn_item(tarn_sum(tarn_tril(x, INT_MAX))), 6);
    cr_expect_eq(tarn_item(tarn_sum(tarn_tril(x, INT_MIN))), 0);
    cr_expect_eq(tarn_item(tarn_sum(tarn_triu(x, INT_MAX))), 0);
    cr_expect_eq(tarn_item(tarn_sum(tarn_triu(x, INT_MIN))), 6);
    tarn_tape_end(tape);
    tarn_free(x);
}

Test(triangle, bad_input)
{
    tarn_tensor *x = tarn_zeros(tarn_shape(3));
    tarn_tape *tape = tarn_tape_begin();
    assert_mistake(tarn_tril(x, 0), "tril: input (3), expects (...,rows,columns)");
    assert_mistake(tarn_triu(x, 0), "triu: input (3)");
    record_mistakes();
    cr_expect(!tarn_tril(NULL, 0) && !tarn_triu(NULL, 0));
    cr_expect_eq(mistakes(), 0);
    tarn_tape_end(tape);
    tarn_free(x);
}
