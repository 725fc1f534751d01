#include <math.h>

#include "tests/support/golden.h"
#include "tests/support/mistakes.h"

static tarn_tensor *run(tarn_tensor *const *x, void *context)
{
    return tarn_elu(x[0], .alpha = golden_number(context, "alpha", 1));
}

OPERATION_TESTS(elu, run)

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
