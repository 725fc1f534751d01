#include <math.h>

#include "tests/support/golden.h"
#include "tests/support/mistakes.h"

static tarn_tensor *run(tarn_tensor *const *x, void *context)
{
    return tarn_clamp(x[0], golden_number(context, "low", -0.5),
                      golden_number(context, "high", 0.5));
}

OPERATION_TESTS(clamp, run)
PIECES_TEST(clamp, run, 1, ANY)

Test(clamp, bad_input)
{
    tarn_tensor *x = tarn_zeros(tarn_shape(2, 3));
    tarn_tape *tape = tarn_tape_begin();
    assert_mistake(tarn_clamp(x, 1, 0.5),
                   "clamp: low is 1 and high is 0.5, expects low to be at most high");
    assert_mistake(tarn_clamp(x, NAN, 1), "clamp: low is nan and high is 1");
    assert_mistake(tarn_clamp(x, 0, NAN), "clamp: low is 0 and high is nan");
    record_mistakes();
    cr_assert_null(tarn_clamp(NULL, 1, 0.5));
    cr_assert_eq(mistakes(), 0);
    tarn_tape_end(tape);
    tarn_free(x);
}
