#include <math.h>

#include "tests/support/golden.h"
#include "tests/support/mistakes.h"

static tarn_tensor *run(tarn_tensor *const *x, void *context)
{
    return tarn_pow(x[0], golden_number(context, "exponent", 3));
}

OPERATION_TESTS(pow, run)
PIECES_TEST(pow, run, 1, ANY)

Test(pow, bad_input)
{
    tarn_tensor *x = tarn_zeros(tarn_shape(2, 3));
    tarn_tape *tape = tarn_tape_begin();
    assert_mistake(tarn_pow(x, NAN), "pow: the exponent is nan, expects a finite number");
    assert_mistake(tarn_pow(x, INFINITY), "pow: the exponent is inf");
    if (sizeof(tarn_real) == sizeof(float)) /* infinite when it is rounded */
        assert_mistake(tarn_pow(x, 1e300), "pow: the exponent is 1e+300");
    record_mistakes();
    cr_assert_null(tarn_pow(NULL, NAN));
    cr_assert_eq(mistakes(), 0);
    tarn_tape_end(tape);
    tarn_free(x);
}
