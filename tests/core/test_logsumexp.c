#include <math.h>

#include "tests/support/golden.h"
#include "tests/support/mistakes.h"

static tarn_tensor *run(tarn_tensor *const *x, void *context)
{
    (void)context;
    return tarn_logsumexp(x[0]);
}

OPERATION_TESTS(logsumexp, run)

Test(logsumexp, of_infinities_and_of_nothing)
{
    const tarn_real values[] = {INFINITY, 1, INFINITY, NAN, -INFINITY, -INFINITY};
    tarn_tensor *x = tarn_from_array(tarn_shape(3, 2), values),
                *none = tarn_zeros(tarn_shape(2, 0));
    tarn_tensor *scalar = tarn_zeros(tarn_shape());
    tarn_tape *tape = tarn_tape_begin();
    const tarn_real *y = tarn_values(tarn_logsumexp(x));
    cr_expect(y[0] == (tarn_real)INFINITY && isnan(y[1]) && y[2] == -(tarn_real)INFINITY);
    cr_expect_eq(tarn_values(tarn_logsumexp(none))[1], -(tarn_real)INFINITY);
    assert_mistake(tarn_logsumexp(scalar), "logsumexp: input () is a scalar");
    tarn_tape_end(tape);
    tarn_free(x);
    tarn_free(none);
    tarn_free(scalar);
}
