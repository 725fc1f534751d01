#include <math.h>

#include "tests/support/golden.h"
#include "tests/support/mistakes.h"

static tarn_tensor *run(tarn_tensor *const *x, void *context)
{
    return tarn_leaky_relu(x[0], .slope = golden_number(context, "slope", 0.01));
}

OPERATION_TESTS(leaky_relu, run)
PIECES_TEST(leaky_relu, run, 1, ANY)

Test(leaky_relu, bad_input)
{
    tarn_tensor *x = tarn_zeros(tarn_shape(2, 3));
    tarn_tape *tape = tarn_tape_begin();
    assert_mistake(tarn_leaky_relu(x, .slope = -1),
                   "leaky_relu: the slope is -1, expects a finite number of at least 0");
    assert_mistake(tarn_leaky_relu(x, .slope = NAN), "leaky_relu: the slope is nan");
    assert_mistake(tarn_leaky_relu(x, .slope = INFINITY), "leaky_relu: the slope is inf");
    if (sizeof(tarn_real) == sizeof(float)) /* infinite when it is rounded */
        assert_mistake(tarn_leaky_relu(x, .slope = 1e300), "leaky_relu: the slope is 1e+300");
    record_mistakes();
    cr_assert_null(tarn_leaky_relu(NULL, .slope = -1));
    cr_assert_eq(mistakes(), 0);
    tarn_tape_end(tape);
    tarn_free(x);
}
