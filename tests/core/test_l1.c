#include "tests/support/golden.h"
#include "tests/support/mistakes.h"

static tarn_tensor *run(tarn_tensor *const *x, void *context)
{
    return tarn_l1(x[0], x[1], .reduction = (tarn_reduction)golden_number(context, "reduction", 0));
}

OPERATION_TESTS(l1, run)

Test(l1, same_twice)
{
    tarn_tensor *x = tarn_requires_grad(tarn_rand(tarn_shape(3)), true);
    tarn_tape *tape = tarn_tape_begin();
    tarn_tensor *loss = tarn_l1(x, x);
    cr_assert_eq(tarn_item(loss), 0);
    cr_assert(tarn_backward(loss));
    for (int i = 0; i < 3; i++)
        cr_assert_eq(tarn_gradients(x)[i], 0);
    tarn_tape_end(tape);
    tarn_free(x);
}

Test(l1, bad_input)
{
    tarn_tensor *a = tarn_zeros(tarn_shape(2, 3)), *b = tarn_zeros(tarn_shape(2, 1));
    tarn_tape *tape = tarn_tape_begin();
    assert_mistake(tarn_l1(a, b), "l1: shapes (2,3) and (2,1) differ");
    assert_mistake(tarn_l1(a, a, .reduction = (tarn_reduction)7),
                   "l1: reduction is 7, expects TARN_MEAN, TARN_SUM or TARN_NONE");
    tarn_tape_end(tape);
    tarn_free(a);
    tarn_free(b);
}
