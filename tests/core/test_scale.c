#include <math.h>

#include "tests/support/golden.h"
#include "tests/support/mistakes.h"

static tarn_tensor *run(tarn_tensor *const *x, void *context)
{
    return tarn_scale(x[0], golden_number(context, "factor", 3));
}

OPERATION_TESTS(scale, run)
PIECES_TEST(scale, run, 1, ANY)

/* In float 0 times 1e300 would be NaN. */
Test(scale, a_factor_that_no_element_can_be_is_a_mistake)
{
    tarn_tensor *x = tarn_zeros(tarn_shape(2));
    tarn_tape *tape = tarn_tape_begin();
    if (sizeof(tarn_real) == sizeof(float)) {
        assert_mistake(tarn_scale(x, 1e300), "1e+300");
        assert_mistake(tarn_full(tarn_shape(2), -1e39), "-1e+39");
    }
    cr_expect(tarn_scale(x, INFINITY), "an infinite factor is what was asked for");
    cr_expect(tarn_scale(x, 1e-300));
    tarn_tape_end(tape);
    tarn_free(x);
}
