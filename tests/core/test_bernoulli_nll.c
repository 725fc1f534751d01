#include <math.h>

#include "tests/support/golden.h"
#include "tests/support/mistakes.h"

static tarn_tensor *run(tarn_tensor *const *x, void *context)
{
    return tarn_bernoulli_nll(x[0], x[1],
                              .reduction = (tarn_reduction)golden_number(context, "reduction", 0));
}

OPERATION_TESTS(bernoulli_nll, run)

Test(bernoulli_nll, nan_goes_on)
{
    tarn_tensor *p = tarn_full(tarn_shape(1), NAN), *t = tarn_zeros(tarn_shape(1));
    tarn_tape *tape = tarn_tape_begin();
    cr_expect(isnan(tarn_item(tarn_bernoulli_nll(p, t))));
    cr_expect(isnan(tarn_item(tarn_bernoulli_nll(t, p))));
    tarn_tape_end(tape);
    tarn_free(p);
    tarn_free(t);
}

Test(bernoulli_nll, bad_input)
{
    tarn_tensor *p = tarn_full(tarn_shape(2), 0.5), *two = tarn_full(tarn_shape(2), 2);
    tarn_tensor *scalar = tarn_zeros(tarn_shape());
    tarn_tape *tape = tarn_tape_begin();
    assert_mistake(tarn_bernoulli_nll(two, p), "bernoulli_nll: a probability is 2 at element 0");
    assert_mistake(tarn_bernoulli_nll(p, two), "bernoulli_nll: target is 2 at element 0");
    assert_mistake(tarn_bernoulli_nll(p, scalar), "bernoulli_nll: shapes (2) and () differ");
    assert_mistake(tarn_bernoulli_nll(p, p, .reduction = (tarn_reduction)7), "reduction is 7");
    tarn_tape_end(tape);
    tarn_free(p);
    tarn_free(two);
    tarn_free(scalar);
}
