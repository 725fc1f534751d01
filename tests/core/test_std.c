#include "tests/support/axes.h"
#include "tests/support/golden.h"
#include "tests/support/mistakes.h"

static tarn_tensor *run(tarn_tensor *const *x, void *context)
{
    const bool biased = golden_number(context, "biased", 0) != 0;
    const bool keepdims = golden_number(context, "keepdims", 0) != 0;
    if (golden_number(context, "axes", 0) == 0)
        return tarn_std(x[0], .biased = biased);
    return tarn_std_axes(x[0], golden_axes(context), .keepdims = keepdims, .biased = biased);
}

Test(std, golden)
{
    check_golden("std", run);
}

GRADIENT_TEST(std, run)

Test(std, reuse)
{
    check_reuse("std", run);
}

Test(std, bad_input)
{
    tarn_tensor *x = tarn_zeros(tarn_shape(2, 3));
    tarn_tape *tape = tarn_tape_begin();
    assert_mistake(tarn_std_axes(x, tarn_axes(2)), "std_axes: input (2,3) has no axis 2");
    assert_mistake(tarn_std_axes(x, tarn_axes(0, 0)),
                   "std_axes: axis 0 of input (2,3) is given twice");
    tarn_tape_end(tape);
    tarn_free(x);
}
