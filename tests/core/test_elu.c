#include <math.h>

#include "tests/support/golden.h"
#include "tests/support/mistakes.h"

static tarn_tensor *run(tarn_tensor *const *x, void *context)
{
    return tarn_elu(x[0], .alpha = golden_number(context, "alpha", 1));
}

OPERATION_TESTS(elu, run)
PIECES_TEST(elu, run, 1, ANY)

/* PyTorch gives it the slope 1. */
Test(elu, nan_has_no_slope)
{
    tarn_tensor *x = tarn_requires_grad(tarn_full(tarn_shape(3), NAN), true);
    tarn_tape *tape = tarn_tape_begin();
    cr_assert(tarn_backward(tarn_sum(tarn_elu(x))));
    tarn_tape_end(tape);
    for (int i = 0; i < 3; i++)
        cr_expect(isnan(tarn_gradients(x)[i]));
    tarn_free(x);
}

Test(elu, bad_input)
{
    tarn_tensor *x = tarn_zeros(tarn_shape(2, 3));
    tarn_tape *tape = tarn_tape_begin();
    assert_mistake(tarn_elu(x, .alpha = -1),
                   "elu: alpha is -1, expects a finite number of at least 0");
    assert_mistake(tarn_elu(x, .alpha = NAN), "elu: alpha is nan");
    assert_mistake(tarn_elu(x, .alpha = INFINITY), "elu: alpha is inf");
    if (sizeof(tarn_real) == sizeof(float)) /* infinite when it is rounded */
        assert_mistake(tarn_elu(x, .alpha = 1e300), "elu: alpha is 1e+300");
    record_mistakes();
    cr_assert_null(tarn_elu(NULL, .alpha = -1));
    cr_assert_eq(mistakes(), 0);
    tarn_tape_end(tape);
    tarn_free(x);
}
