#include "tests/support/golden.h"
#include "tests/support/mistakes.h"

static tarn_tensor *run(tarn_tensor *const *x, void *context)
{
    const int axis = (int)golden_number(context, "axis", 99);
    return axis == 99 ? tarn_prod(x[0]) : tarn_prod_axis(x[0], axis);
}

OPERATION_TESTS(prod, run)

Test(prod, bad_input)
{
    tarn_tensor *x = tarn_zeros(tarn_shape(2, 3));
    tarn_tape *tape = tarn_tape_begin();
    assert_mistake(tarn_prod_axis(x, 2), "prod_axis: input (2,3) has no axis 2");
    tarn_tape_end(tape);
    tarn_free(x);
}
