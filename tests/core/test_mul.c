#include "tests/support/golden.h"
#include "tests/support/mistakes.h"

static tarn_tensor *run(tarn_tensor *const *x, void *context)
{
    (void)context;
    return tarn_mul(x[0], x[1]);
}

OPERATION_TESTS(mul, run)

Test(mul, same_twice)
{
    check_same_twice(run, tarn_shape(3, 5));
}

Test(mul, bad_input)
{
    tarn_tensor *a = tarn_zeros(tarn_shape(2, 3));
    tarn_tensor *b = tarn_zeros(tarn_shape(2, 4));
    tarn_tape *tape = tarn_tape_begin();
    assert_mistake(tarn_mul(a, b),
                   "mul: shapes (2,3) and (2,4) cannot be broadcast: each pair of dimensions, from "
                   "the last on, must be equal or hold a 1");
    tarn_tape_end(tape);
    tarn_free(a);
    tarn_free(b);
}
