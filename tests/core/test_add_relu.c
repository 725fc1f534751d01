#include "tests/support/golden.h"
#include "tests/support/mistakes.h"

static tarn_tensor *run(tarn_tensor *const *x, void *context)
{
    (void)context;
    return tarn_add_relu(x[0], x[1]);
}

OPERATION_TESTS(add_relu, run)

Test(add_relu, same_twice)
{
    check_same_twice(run, tarn_shape(3, 5));
}

Test(add_relu, bad_input)
{
    tarn_tensor *a = tarn_zeros(tarn_shape(2, 3)), *row = tarn_zeros(tarn_shape(3));
    tarn_tape *tape = tarn_tape_begin();
    assert_mistake(tarn_add_relu(a, row),
                   "add_relu: shapes (2,3) and (3), expects the same shape twice");
    tarn_tape_end(tape);
    tarn_free(a);
    tarn_free(row);
}
