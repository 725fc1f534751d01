#include "tests/support/golden.h"
#include "tests/support/mistakes.h"

static tarn_tensor *run(tarn_tensor *const *x, void *context)
{
    return tarn_stack_of((int)golden_number(context, "axis", 99),
                         (int)golden_number(context, "count", 0), x);
}

OPERATION_TESTS(stack, run)

static tarn_tensor *pair(tarn_tensor *const *x, void *context)
{
    (void)context;
    return tarn_stack(-1, x[0], x[1]);
}

Test(stack, same_twice)
{
    check_same_twice(pair, tarn_shape(3, 4));
}

Test(stack, bad_input)
{
    tarn_tensor *x = tarn_zeros(tarn_shape(2, 3)), *other = tarn_zeros(tarn_shape(3, 2));
    tarn_tensor *full = tarn_zeros(tarn_shape(1, 1, 1, 1, 1, 1, 1, 1));
    tarn_tape *tape = tarn_tape_begin();
    assert_mistake(tarn_stack_of(0, 0, &x), "stack: no tensors are given, expects at least 1");
    assert_mistake(tarn_stack_of(0, 1, NULL), "stack: no tensors are given, expects at least 1");
    assert_mistake(tarn_stack(0, x, other),
                   "stack: tensor 1 (3,2), tensor 0 (2,3), expects equal shapes");
    assert_mistake(tarn_stack(3, x),
                   "stack: tensors (2,3) and new axis 3, expects at most 7 dimensions and an axis "
                   "from -3 to 2");
    assert_mistake(tarn_stack(-4, x, x), "stack: tensors (2,3) and new axis -4");
    assert_mistake(tarn_stack(0, full), "stack: tensors (1,1,1,1,1,1,1,1) and new axis 0");
    record_mistakes();
    cr_assert_null(tarn_stack(0, x, NULL));
    cr_assert_eq(mistakes(), 0);
    tarn_tape_end(tape);
    tarn_free(x);
    tarn_free(other);
    tarn_free(full);
}
