#include "tests/support/golden.h"
#include "tests/support/mistakes.h"

static tarn_tensor *run(tarn_tensor *const *x, void *context)
{
    const int height = (int)golden_number(context, "height", 0);
    const int width = (int)golden_number(context, "width", 0);
    return tarn_upsample_nearest2d(x[0], height, width);
}

OPERATION_TESTS(upsample_nearest2d, run)

/* No channels, which PyTorch refuses. */
Test(upsample_nearest2d, empty)
{
    tarn_tensor *x = tarn_requires_grad(tarn_zeros(tarn_shape(2, 3, 2, 0)), true);
    tarn_tape *tape = tarn_tape_begin();
    tarn_tensor *y = tarn_upsample_nearest2d(x, 4, 5);
    cr_assert(tarn_shape_equal(tarn_shape_get(y), tarn_shape(2, 4, 5, 0)));
    cr_assert(tarn_backward(tarn_sum(y)));
    tarn_tape_end(tape);
    tarn_free(x);
}

Test(upsample_nearest2d, bad_input)
{
    tarn_tensor *x = tarn_zeros(tarn_shape(1, 4, 3, 2)), *flat = tarn_zeros(tarn_shape(4, 4));
    tarn_tensor *empty = tarn_zeros(tarn_shape(1, 0, 4, 2));
    tarn_tensor *high = tarn_zeros(tarn_shape(0, (int64_t)1 << 31, 4, 2));
    const int most = 2147483647;
    tarn_tape *tape = tarn_tape_begin();
    assert_mistake(tarn_upsample_nearest2d(flat, 2, 2),
                   "upsample_nearest2d: input (4,4), expects (N,H,W,C)");
    assert_mistake(tarn_upsample_nearest2d(empty, 2, 2),
                   "upsample_nearest2d: input (1,0,4,2) has no pixels");
    assert_mistake(tarn_upsample_nearest2d(x, 0, 2),
                   "upsample_nearest2d: height 0, width 2, expects at least 1");
    assert_mistake(tarn_upsample_nearest2d(x, 2, -1),
                   "upsample_nearest2d: height 2, width -1, expects at least 1");
    assert_mistake(tarn_upsample_nearest2d(high, 2, 2),
                   "upsample_nearest2d: input (0,2147483648,4,2) has more than 2^31 - 1 rows");
    assert_mistake(tarn_upsample_nearest2d(x, most, most), "upsample_nearest2d: ");
    tarn_tape_end(tape);
    tarn_free(x);
    tarn_free(flat);
    tarn_free(empty);
    tarn_free(high);
}

/* floor(i in / out) for all sizes, also where a product in float lies below the whole number. */
Test(upsample_nearest2d, takes_the_pixel_that_lies_there)
{
    for (int in = 1; in <= 9; in++)
        for (int out = 1; out <= 130; out++) {
            tarn_tensor *x = tarn_zeros(tarn_shape(1, in, 1, 1));
            for (int i = 0; i < in; i++)
                tarn_values(x)[i] = (tarn_real)i;
            tarn_tape *tape = tarn_tape_begin();
            tarn_tensor *y = tarn_upsample_nearest2d(x, out, 1);
            for (int i = 0; i < out; i++)
                cr_assert_eq((int)tarn_values(y)[i], i * in / out, "%d to %d", in, out);
            tarn_tape_end(tape);
            tarn_free(x);
        }
}
