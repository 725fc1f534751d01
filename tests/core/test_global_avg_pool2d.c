#include "tests/support/golden.h"
#include "tests/support/mistakes.h"

static tarn_tensor *run(tarn_tensor *const *x, void *context)
{
    (void)context;
    return tarn_global_avg_pool2d(x[0]);
}

OPERATION_TESTS(global_avg_pool2d, run)

Test(global_avg_pool2d, bad_input)
{
    tarn_tensor *flat = tarn_zeros(tarn_shape(4, 4));
    tarn_tape *tape = tarn_tape_begin();
    assert_mistake(tarn_global_avg_pool2d(flat),
                   "global_avg_pool2d: input (4,4), expects (N,H,W,C)");
    tarn_tape_end(tape);
    tarn_free(flat);
}
