#include <math.h>

#include "tests/support/golden.h"

static tarn_tensor *run(tarn_tensor *const *x, void *context)
{
    (void)context;
    return tarn_power(x[0], x[1]);
}

OPERATION_TESTS(power, run)
PIECES_TEST(power, run, 2, POSITIVE)

/* Where there is no other slope than infinity. */
Test(power, of_0)
{
    const tarn_real zeros[] = {0, 0, 0}, exponents[] = {0, 2, -1};
    tarn_tensor *a = tarn_requires_grad(tarn_from_array(tarn_shape(3), zeros), true);
    tarn_tensor *b = tarn_requires_grad(tarn_from_array(tarn_shape(3), exponents), true);
    tarn_tape *tape = tarn_tape_begin();
    tarn_tensor *y = tarn_power(a, b);
    cr_assert(tarn_backward(tarn_sum(y)));
    cr_expect(tarn_values(y)[0] == 1 && tarn_values(y)[1] == 0 && isinf(tarn_values(y)[2]));
    cr_expect(tarn_gradients(a)[0] == 0 && tarn_gradients(a)[1] == 0);
    cr_expect(tarn_gradients(b)[0] == 0 && tarn_gradients(b)[1] == 0);
    cr_expect(isinf(tarn_gradients(b)[2]));
    tarn_tape_end(tape);
    tarn_free(a);
    tarn_free(b);
}
