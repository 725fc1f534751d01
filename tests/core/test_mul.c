#include "tests/support/golden.h"
#include "tests/support/mistakes.h"

BINARY_TESTS(mul, ANY)

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
