#include "tests/support/golden.h"
#include "tests/support/mistakes.h"

BINARY_TESTS(minimum, ANY)

Test(minimum, bad_input)
{
    tarn_tensor *a = tarn_zeros(tarn_shape(2, 3));
    tarn_tensor *b = tarn_zeros(tarn_shape(2, 4));
    tarn_tape *tape = tarn_tape_begin();
    assert_mistake(tarn_minimum(a, b), "minimum: shapes (2,3) and (2,4) cannot be broadcast");
    tarn_tape_end(tape);
    tarn_free(a);
    tarn_free(b);
}
