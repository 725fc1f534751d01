#include <float.h>
#include <math.h>

#include "tests/support/golden.h"
#include "tests/support/mistakes.h"

static tarn_tensor *run(tarn_tensor *const *x, void *context)
{
    (void)context;
    return tarn_log_softmax(x[0]);
}

OPERATION_TESTS(log_softmax, run)

Test(log_softmax, bad_input)
{
    tarn_tensor *scalar = tarn_zeros(tarn_shape());
    tarn_tape *tape = tarn_tape_begin();
    assert_mistake(tarn_log_softmax(scalar),
                   "log_softmax: input () is a scalar, expects at least one dimension");
    tarn_tape_end(tape);
    tarn_free(scalar);
}

/* e^y - 1 where y is near 0, and e^y where it is far below, with a loss on each element in turn.
   The sum of exponentials is a double, which limits y near 0. */
Test(log_softmax, gradient_is_precise_where_one_is_nearly_sure)
{
    const double unit = sizeof(tarn_real) == sizeof(float) ? FLT_EPSILON : DBL_EPSILON;
    for (int gap = 0; gap <= 30; gap++)
        for (int label = 0; label < 2; label++) {
            const tarn_real values[] = {(tarn_real)gap, 0}, one_hot[] = {label == 0, label == 1};
            tarn_tensor *x = tarn_requires_grad(tarn_from_array(tarn_shape(2), values), true);
            tarn_tensor *weights = tarn_from_array(tarn_shape(2), one_hot);
            tarn_tape *tape = tarn_tape_begin();
            cr_assert(tarn_backward(tarn_sum(tarn_mul(tarn_log_softmax(x), weights))));
            const double other = 1 / (1 + exp(label == 0 ? gap : -gap));
            for (int i = 0; i < 2; i++)
                cr_expect_float_eq(tarn_gradients(x)[i], i == label ? other : -other,
                                   8 * unit * other + 8 * DBL_EPSILON,
                                   "gap %d, label %d, element %d", gap, label, i);
            tarn_tape_end(tape);
            tarn_free(x);
            tarn_free(weights);
        }
}
