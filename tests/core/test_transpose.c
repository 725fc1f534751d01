#include "tests/support/golden.h"
#include "tests/support/mistakes.h"

static tarn_tensor *run(tarn_tensor *const *x, void *context)
{
    return tarn_transpose(x[0], (int)golden_number(context, "a", 99),
                          (int)golden_number(context, "b", 99));
}

OPERATION_TESTS(transpose, run)

Test(transpose, bad_input)
{
    tarn_tensor *x = tarn_zeros(tarn_shape(2, 3)), *scalar = tarn_zeros(tarn_shape());
    tarn_tape *tape = tarn_tape_begin();
    assert_mistake(tarn_transpose(x, 2, 0), "transpose: input (2,3) has no axis 2");
    assert_mistake(tarn_transpose(x, 0, -3), "transpose: input (2,3) has no axis -3");
    assert_mistake(tarn_transpose(scalar, 0, 0), "transpose: input () has no axis 0");
    tarn_tape_end(tape);
    tarn_free(x);
    tarn_free(scalar);
}
