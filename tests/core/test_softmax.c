#include <float.h>
#include <math.h>

#include "tests/support/golden.h"
#include "tests/support/mistakes.h"

static tarn_tensor *run(tarn_tensor *const *x, void *context)
{
    (void)context;
    return tarn_softmax(x[0]);
}

OPERATION_TESTS(softmax, run)

Test(softmax, bad_input)
{
    tarn_tensor *scalar = tarn_zeros(tarn_shape());
    tarn_tape *tape = tarn_tape_begin();
    assert_mistake(tarn_softmax(scalar),
                   "softmax: input () is a scalar, expects at least one dimension");
    tarn_tape_end(tape);
    tarn_free(scalar);
}

/* The smaller a gap, the nearer y0 is to 1, and its gradient is what is missing there. */
Test(softmax, gradient_is_precise_where_one_is_nearly_sure)
{
    const double unit = sizeof(tarn_real) == sizeof(float) ? FLT_EPSILON : DBL_EPSILON;
    const tarn_real dy[] = {3, 1};
    for (int gap = 0; gap <= 60; gap++) {
        const tarn_real values[] = {(tarn_real)gap, 0};
        tarn_tensor *x = tarn_requires_grad(tarn_from_array(tarn_shape(2), values), true);
        tarn_tensor *weights = tarn_from_array(tarn_shape(2), dy);
        tarn_tape *tape = tarn_tape_begin();
        cr_assert(tarn_backward(tarn_sum(tarn_mul(tarn_softmax(x), weights))));
        const double expected = (3 - 1) / (1 + exp(gap)) / (1 + exp(-gap));
        for (int i = 0; i < 2; i++)
            cr_expect_float_eq(tarn_gradients(x)[i], i == 0 ? expected : -expected,
                               8 * unit * expected, "gap %d, element %d", gap, i);
        tarn_tape_end(tape);
        tarn_free(x);
        tarn_free(weights);
    }
}
