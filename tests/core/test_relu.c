#include "tests/support/golden.h"

UNARY_TESTS(relu, ANY)

Test(relu, uses_every_element_of_a_large_tensor)
{
    const int64_t n = 100003;
    tarn_tensor *x = tarn_requires_grad(tarn_randn(tarn_shape(n)), true);
    tarn_tape *tape = tarn_tape_begin();
    tarn_tensor *y = tarn_relu(x);
    cr_assert(tarn_backward(tarn_sum(y)));
    for (int64_t i = 0; i < n; i++) {
        const tarn_real value = tarn_values(x)[i];
        cr_assert_eq(tarn_values(y)[i], value > 0 ? value : 0, "element %lld", (long long)i);
        cr_assert_eq(tarn_gradients(x)[i], value > 0, "element %lld", (long long)i);
    }
    tarn_tape_end(tape);
    tarn_free(x);
}
