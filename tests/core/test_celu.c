#include <math.h>

#include "tests/support/golden.h"
#include "tests/support/mistakes.h"

static tarn_tensor *run(tarn_tensor *const *x, void *context)
{
    return tarn_celu(x[0], .alpha = golden_number(context, "alpha", 1));
}

OPERATION_TESTS(celu, run)
PIECES_TEST(celu, run, 1, ANY)

Test(celu, bad_input)
{
    tarn_tensor *x = tarn_zeros(tarn_shape(2, 3));
    tarn_tape *tape = tarn_tape_begin();
    assert_mistake(tarn_celu(x, .alpha = 0), "celu: alpha is 0, expects a finite number above 0");
    assert_mistake(tarn_celu(x, .alpha = NAN), "celu: alpha is nan");
    assert_mistake(tarn_celu(x, .alpha = INFINITY), "celu: alpha is inf");
    tarn_tape_end(tape);
    tarn_free(x);
}
