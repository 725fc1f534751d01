#include "tests/support/golden.h"
#include "tests/support/mistakes.h"

static tarn_tensor *run(tarn_tensor *const *x, void *context)
{
    return tarn_adaptive_max_pool2d(x[0], (int)golden_number(context, "height", 0),
                                    (int)golden_number(context, "width", 0));
}

OPERATION_TESTS(adaptive_max_pool2d, run)

Test(adaptive_max_pool2d, of_a_whole_image)
{
    tarn_tensor *x = tarn_requires_grad(tarn_rand(tarn_shape(2, 3, 4, 2)), true);
    tarn_values(x)[5] = 2;
    tarn_tape *tape = tarn_tape_begin();
    tarn_tensor *y = tarn_global_max_pool2d(x);
    cr_assert(tarn_shape_equal(tarn_shape_get(y), tarn_shape(2, 2)));
    cr_assert_eq(tarn_values(y)[1], 2);
    cr_assert(tarn_backward(tarn_sum(y)));
    cr_assert_eq(tarn_gradients(x)[5], 1);
    cr_assert_eq(tarn_gradients(x)[7], 0);
    tarn_tape_end(tape);
    tarn_free(x);
}

Test(adaptive_max_pool2d, bad_input)
{
    tarn_tensor *x = tarn_zeros(tarn_shape(1, 4, 3, 2)), *flat = tarn_zeros(tarn_shape(4, 4));
    tarn_tensor *empty = tarn_zeros(tarn_shape(1, 0, 4, 2));
    tarn_tape *tape = tarn_tape_begin();
    assert_mistake(tarn_adaptive_max_pool2d(flat, 2, 2),
                   "adaptive_max_pool2d: input (4,4), expects (N,H,W,C)");
    assert_mistake(tarn_adaptive_max_pool2d(empty, 2, 2),
                   "adaptive_max_pool2d: input (1,0,4,2) has no pixels");
    assert_mistake(tarn_adaptive_max_pool2d(x, 0, 2),
                   "adaptive_max_pool2d: height 0, width 2, expects at least 1");
    tarn_tape_end(tape);
    tarn_free(x);
    tarn_free(flat);
    tarn_free(empty);
}
