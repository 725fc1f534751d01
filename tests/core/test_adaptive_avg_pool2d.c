#include "tests/support/golden.h"
#include "tests/support/mistakes.h"

static tarn_tensor *run(tarn_tensor *const *x, void *context)
{
    const int height = (int)golden_number(context, "height", 0);
    const int width = (int)golden_number(context, "width", 0);
    return tarn_adaptive_avg_pool2d(x[0], height, width);
}

OPERATION_TESTS(adaptive_avg_pool2d, run)

/* No channels, which PyTorch refuses. */
Test(adaptive_avg_pool2d, empty)
{
    tarn_tensor *x = tarn_requires_grad(tarn_zeros(tarn_shape(2, 3, 2, 0)), true);
    tarn_tape *tape = tarn_tape_begin();
    tarn_tensor *y = tarn_adaptive_avg_pool2d(x, 4, 5);
    cr_assert(tarn_shape_equal(tarn_shape_get(y), tarn_shape(2, 4, 5, 0)));
    cr_assert(tarn_backward(tarn_sum(y)));
    tarn_tape_end(tape);
    tarn_free(x);
}

Test(adaptive_avg_pool2d, bad_input)
{
    tarn_tensor *x = tarn_zeros(tarn_shape(1, 4, 3, 2)), *flat = tarn_zeros(tarn_shape(4, 4));
    tarn_tensor *empty = tarn_zeros(tarn_shape(1, 0, 4, 2));
    tarn_tensor *high = tarn_zeros(tarn_shape(0, (int64_t)1 << 31, 4, 2));
    const int most = 2147483647;
    tarn_tape *tape = tarn_tape_begin();
    assert_mistake(tarn_adaptive_avg_pool2d(flat, 2, 2),
                   "adaptive_avg_pool2d: input (4,4), expects (N,H,W,C)");
    assert_mistake(tarn_adaptive_avg_pool2d(empty, 2, 2),
                   "adaptive_avg_pool2d: input (1,0,4,2) has no pixels");
    assert_mistake(tarn_adaptive_avg_pool2d(x, 0, 2),
                   "adaptive_avg_pool2d: height 0, width 2, expects at least 1");
    assert_mistake(tarn_adaptive_avg_pool2d(x, 2, -1),
                   "adaptive_avg_pool2d: height 2, width -1, expects at least 1");
    assert_mistake(tarn_adaptive_avg_pool2d(high, 2, 2),
                   "adaptive_avg_pool2d: input (0,2147483648,4,2) has more than 2^31 - 1 rows");
    assert_mistake(tarn_adaptive_avg_pool2d(x, most, most), "adaptive_avg_pool2d: ");
    tarn_tape_end(tape);
    tarn_free(x);
    tarn_free(flat);
    tarn_free(empty);
    tarn_free(high);
}

/* The mean of many pixels, which sums in float would miss. */
Test(adaptive_avg_pool2d, of_a_large_image)
{
    tarn_tensor *x = tarn_full(tarn_shape(1, 1200, 1000, 1), 0.1);
    tarn_tape *tape = tarn_tape_begin();
    cr_assert_float_eq((double)tarn_item(tarn_adaptive_avg_pool2d(x, 1, 1)), 0.1, 1e-8);
    tarn_tape_end(tape);
    tarn_free(x);
}
