#include "tests/support/golden.h"
#include "tests/support/mistakes.h"

Test(number, is_a_scalar_of_the_tape)
{
    tarn_tensor *p = tarn_requires_grad(tarn_full(tarn_shape(2), 0.25), true);
    tarn_tape *tape = tarn_tape_begin();
    tarn_tensor *one = tarn_number(1), *y = tarn_sub(one, p);
    cr_expect_eq(tarn_ndim(one), 0);
    cr_expect_eq(tarn_values(y)[1], 0.75);
    cr_assert(tarn_backward(tarn_sum(y)));
    cr_expect_eq(tarn_gradients(p)[0], -1);
    cr_expect_null(tarn_gradients(one));
    tarn_tape_end(tape);
    assert_mistake(tarn_number(1), "number: no tape is open");
    tarn_free(p);
}
