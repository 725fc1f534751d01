#include "tests/support/golden.h"
#include "tests/support/mistakes.h"

static tarn_tensor *run(tarn_tensor *const *x, void *context)
{
    return tarn_cumsum(x[0], (int)golden_number(context, "axis", 0));
}

OPERATION_TESTS(cumsum, run)

/* In double, so that a small element counts beside a large sum. */
Test(cumsum, of_many_ones)
{
    enum { COUNT = 1 << 20 };
    tarn_tensor *x = tarn_full(tarn_shape(COUNT), 0.1);
    tarn_tape *tape = tarn_tape_begin_no_grad();
    const double last = (double)tarn_values(tarn_cumsum(x, 0))[COUNT - 1];
    cr_expect_float_eq(last, COUNT * (double)(tarn_real)0.1, 1e-2);
    tarn_tape_end(tape);
    tarn_free(x);
}

Test(cumsum, bad_input)
{
    tarn_tensor *x = tarn_zeros(tarn_shape());
    tarn_tape *tape = tarn_tape_begin();
    assert_mistake(tarn_cumsum(x, 0), "cumsum: input () has no axis 0");
    tarn_tape_end(tape);
    tarn_free(x);
}
