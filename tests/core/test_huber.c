#include <math.h>

#include "tests/support/golden.h"
#include "tests/support/mistakes.h"

static tarn_tensor *run(tarn_tensor *const *x, void *context)
{
    return tarn_huber(x[0], x[1], .delta = golden_number(context, "delta", 1),
                      .reduction = (tarn_reduction)golden_number(context, "reduction", 0));
}

OPERATION_TESTS(huber, run)

Test(huber, bad_input)
{
    tarn_tensor *a = tarn_zeros(tarn_shape(2, 3)), *b = tarn_zeros(tarn_shape(2, 1));
    tarn_tape *tape = tarn_tape_begin();
    assert_mistake(tarn_huber(a, b), "huber: shapes (2,3) and (2,1) differ");
    assert_mistake(tarn_huber(a, a, .reduction = (tarn_reduction)7),
                   "huber: reduction is 7, expects TARN_MEAN, TARN_SUM or TARN_NONE");
    assert_mistake(tarn_huber(a, a, .delta = -1), "huber: delta is -1, expects above 0 and finite");
    assert_mistake(tarn_huber(a, a, .delta = NAN), "huber: delta is nan");
    assert_mistake(tarn_huber(a, a, .delta = INFINITY), "huber: delta is inf");
    tarn_tape_end(tape);
    tarn_free(a);
    tarn_free(b);
}
