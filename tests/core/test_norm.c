#include "tests/support/axes.h"
#include "tests/support/golden.h"
#include "tests/support/mistakes.h"

static tarn_tensor *run(tarn_tensor *const *x, void *context)
{
    const bool keepdims = golden_number(context, "keepdims", 0) != 0;
    return golden_number(context, "axes", 0) == 0
               ? tarn_norm(x[0])
               : tarn_norm_axes(x[0], golden_axes(context), .keepdims = keepdims);
}

Test(norm, golden)
{
    check_golden("norm", run);
}

GRADIENT_TEST(norm, run)

Test(norm, reuse)
{
    check_reuse("norm", run);
}

Test(norm, bad_input)
{
    tarn_tensor *x = tarn_zeros(tarn_shape(2, 3));
    tarn_tape *tape = tarn_tape_begin();
    assert_mistake(tarn_norm_axes(x, tarn_axes(2)), "norm_axes: input (2,3) has no axis 2");
    record_mistakes();
    cr_expect_null(tarn_norm_axes(NULL, tarn_axes(0)));
    cr_expect_eq(mistakes(), 0);
    tarn_tape_end(tape);
    tarn_free(x);
}
