#include "tests/support/golden.h"
#include "tests/support/mistakes.h"

BINARY_TESTS(div, NONZERO)

Test(div, bad_input)
{
    tarn_tensor *a = tarn_zeros(tarn_shape(2, 3));
    tarn_tensor *b = tarn_zeros(tarn_shape(2, 4));
    tarn_tape *tape = tarn_tape_begin();
    assert_mistake(tarn_div(a, b),
                   "div: shapes (2,3) and (2,4) cannot be broadcast: each pair of dimensions, from "
                   "the last on, must be equal or hold a 1");
    tarn_tape_end(tape);
    tarn_free(a);
    tarn_free(b);
}

/* a / b b, though b b itself or a dy would overflow. */
Test(div, gradient_does_not_overflow)
{
    tarn_tensor *a = tarn_full(tarn_shape(1), 1e38);
    tarn_tensor *b = tarn_requires_grad(tarn_full(tarn_shape(1), 1e18), true);
    tarn_tape *tape = tarn_tape_begin();
    cr_assert(tarn_backward(tarn_scale(tarn_div(a, b), 1e20)));
    cr_assert_float_eq(*tarn_gradients(b), -1e22, 1e17);
    tarn_tape_end(tape);
    tarn_free(b);
    tarn_free(a);
}
