#include <math.h>

#include "tests/support/golden.h"
#include "tests/support/mistakes.h"

static tarn_tensor *run(tarn_tensor *const *x, void *context)
{
    return tarn_rms_norm(x[0], x[1], .eps = golden_number(context, "eps", 0));
}

OPERATION_TESTS(rms_norm, run)

Test(rms_norm, bad_input)
{
    tarn_tensor *x = tarn_zeros(tarn_shape(2, 3)), *two = tarn_zeros(tarn_shape(2));
    tarn_tensor *three = tarn_zeros(tarn_shape(3)), *scalar = tarn_zeros(tarn_shape());
    tarn_tape *tape = tarn_tape_begin();
    assert_mistake(tarn_rms_norm(x, two), "rms_norm: gamma (2), input (2,3) expects the shape");
    assert_mistake(tarn_rms_norm(x, scalar), "rms_norm: gamma (), input (2,3) expects the shape");
    assert_mistake(tarn_rms_norm(three, x), "rms_norm: gamma (2,3), input (3) expects the shape");
    assert_mistake(tarn_rms_norm(x, three, .eps = -1), "rms_norm: eps is -1, expects a finite");
    assert_mistake(tarn_rms_norm(x, three, .eps = NAN), "rms_norm: eps is nan");
    tarn_tape_end(tape);
    tarn_free(x);
    tarn_free(two);
    tarn_free(three);
    tarn_free(scalar);
}
