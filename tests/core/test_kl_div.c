#include <math.h>

#include "tests/support/golden.h"
#include "tests/support/mistakes.h"

static tarn_tensor *run(tarn_tensor *const *x, void *context)
{
    return tarn_kl_div(x[0], x[1],
                       .reduction = (tarn_reduction)golden_number(context, "reduction", 0));
}

OPERATION_TESTS(kl_div, run)

/* Where p is 0 nothing counts, an infinite log_q neither. */
Test(kl_div, of_impossible_classes)
{
    const tarn_real log_q[] = {-(tarn_real)INFINITY, 0, -1}, p[] = {0, 1, 0};
    tarn_tensor *q = tarn_requires_grad(tarn_from_array(tarn_shape(1, 3), log_q), true);
    tarn_tensor *of = tarn_requires_grad(tarn_from_array(tarn_shape(1, 3), p), true);
    tarn_tape *tape = tarn_tape_begin();
    tarn_tensor *loss = tarn_kl_div(q, of);
    cr_assert_eq(tarn_item(loss), 0);
    cr_assert(tarn_backward(loss));
    const double of_q[] = {0, -1, 0}, of_p[] = {0, 1, 0};
    for (int i = 0; i < 3; i++) {
        cr_assert_eq(tarn_gradients(q)[i], of_q[i]);
        cr_assert_eq(tarn_gradients(of)[i], of_p[i]);
    }
    tarn_tape_end(tape);
    tarn_free(q);
    tarn_free(of);
}

Test(kl_div, bad_input)
{
    tarn_tensor *q = tarn_zeros(tarn_shape(2, 3)), *p = tarn_zeros(tarn_shape(2, 2));
    tarn_tensor *flat = tarn_zeros(tarn_shape(3));
    tarn_tape *tape = tarn_tape_begin();
    assert_mistake(tarn_kl_div(flat, flat), "kl_div: log_q (3), expects (N,classes)");
    assert_mistake(tarn_kl_div(q, p), "kl_div: shapes (2,3) and (2,2) differ");
    assert_mistake(tarn_kl_div(q, q, .reduction = (tarn_reduction)7), "kl_div: reduction is 7");
    tarn_values(q)[5] = -0.5;
    assert_mistake(tarn_kl_div(q, q), "kl_div: p is -0.5 at element 5, expects 0 to inf");
    tarn_tape_end(tape);
    tarn_free(q);
    tarn_free(p);
    tarn_free(flat);
}
