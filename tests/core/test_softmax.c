#include "tests/support/golden.h"
#include "tests/support/mistakes.h"

static tarn_tensor *run(tarn_tensor *const *x, void *context)
{
    (void)context;
    return tarn_softmax(x[0]);
}

OPERATION_TESTS(softmax, run)

Test(softmax, bad_input)
{
    tarn_tensor *scalar = tarn_zeros(tarn_shape());
    tarn_tape *tape = tarn_tape_begin();
    assert_mistake(tarn_softmax(scalar),
                   "softmax: input () is a scalar, expects at least one dimension");
    tarn_tape_end(tape);
    tarn_free(scalar);
}
