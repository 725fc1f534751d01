#include "tests/support/golden.h"
#include "tests/support/mistakes.h"

static tarn_tensor *run(tarn_tensor *const *x, void *context)
{
    (void)context;
    return tarn_glu(x[0]);
}

Test(glu, golden)
{
    check_golden("glu", run);
}

GRADIENT_TEST(glu, run)

Test(glu, reuse)
{
    check_reuse("glu", run);
}

Test(glu, bad_input)
{
    tarn_tensor *odd = tarn_zeros(tarn_shape(2, 3)), *scalar = tarn_zeros(tarn_shape());
    tarn_tape *tape = tarn_tape_begin();
    assert_mistake(tarn_glu(odd), "glu: input (2,3), expects an even last dimension");
    assert_mistake(tarn_glu(scalar), "glu: input (), expects an even last dimension");
    record_mistakes();
    cr_expect_null(tarn_glu(NULL));
    cr_expect_eq(mistakes(), 0);
    tarn_tape_end(tape);
    tarn_free(odd);
    tarn_free(scalar);
}
