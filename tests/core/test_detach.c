#include "tests/support/golden.h"
#include "tests/support/mistakes.h"

Test(detach, stops_the_gradient)
{
    tarn_tensor *x = tarn_requires_grad(tarn_full(tarn_shape(3), 2), true);
    tarn_tape *tape = tarn_tape_begin();
    tarn_tensor *still = tarn_detach(x),
                *part = tarn_slice(tarn_reshape(still, tarn_shape(3, 1)), 0, 1, 3);
    cr_expect_eq(tarn_values(still), tarn_values(x));
    cr_assert(tarn_backward(tarn_add(tarn_sum(tarn_mul(x, still)), tarn_sum(part))));
    for (int i = 0; i < 3; i++)
        cr_expect_eq(tarn_gradients(x)[i], 2);
    tarn_tape_end(tape);
    record_mistakes();
    cr_expect_null(tarn_detach(NULL));
    cr_expect_eq(mistakes(), 0);
    assert_mistake(tarn_detach(x), "detach: no tape is open");
    tarn_free(x);
}

/* The whole gradient of a step with the slope of another function. */
Test(detach, passes_a_gradient_straight_through)
{
    const tarn_real values[] = {0.25, 1.75, -0.5};
    tarn_tensor *x = tarn_requires_grad(tarn_from_array(tarn_shape(3), values), true);
    tarn_tape *tape = tarn_tape_begin();
    tarn_tensor *y = tarn_add(x, tarn_detach(tarn_sub(tarn_round(x), x)));
    cr_assert(tarn_backward(tarn_sum(y)));
    for (int i = 0; i < 3; i++)
        cr_expect_eq(tarn_gradients(x)[i], 1);
    cr_expect(tarn_values(y)[0] == 0 && tarn_values(y)[1] == 2 && tarn_values(y)[2] == 0);
    tarn_tape_end(tape);
    tarn_free(x);
}

Test(detach, alone_has_no_gradient)
{
    tarn_tensor *x = tarn_requires_grad(tarn_full(tarn_shape(), 2), true);
    tarn_tape *tape = tarn_tape_begin();
    assert_mistake(tarn_backward(tarn_square(tarn_detach(x))),
                   "depends on no tensor that requires");
    tarn_tape_end(tape);
    tarn_free(x);
}
