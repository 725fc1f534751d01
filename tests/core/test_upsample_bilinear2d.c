#include <math.h>
#include <string.h>

#include "tests/support/golden.h"
#include "tests/support/mistakes.h"

static tarn_tensor *run(tarn_tensor *const *x, void *context)
{
    const int height = (int)golden_number(context, "height", 0);
    const int width = (int)golden_number(context, "width", 0);
    return tarn_upsample_bilinear2d(
        x[0], height, width, .align_corners = golden_number(context, "align_corners", 0) != 0,
        .antialias = golden_number(context, "antialias", 0) != 0);
}

OPERATION_TESTS(upsample_bilinear2d, run)

Test(upsample_bilinear2d, antialias)
{
    check_golden("upsample_bilinear2d_antialias", run);
    check_reuse("upsample_bilinear2d_antialias", run);
    if (sizeof(tarn_real) == sizeof(double))
        check_gradients("upsample_bilinear2d_antialias", run);
}

/* No channels, which PyTorch refuses. */
Test(upsample_bilinear2d, empty)
{
    tarn_tensor *x = tarn_requires_grad(tarn_zeros(tarn_shape(2, 3, 2, 0)), true);
    tarn_tape *tape = tarn_tape_begin();
    tarn_tensor *y = tarn_upsample_bilinear2d(x, 4, 5);
    cr_assert(tarn_shape_equal(tarn_shape_get(y), tarn_shape(2, 4, 5, 0)));
    cr_assert(tarn_backward(tarn_sum(y)));
    tarn_tape_end(tape);
    tarn_free(x);
}

Test(upsample_bilinear2d, bad_input)
{
    tarn_tensor *x = tarn_zeros(tarn_shape(1, 4, 3, 2)), *flat = tarn_zeros(tarn_shape(4, 4));
    tarn_tensor *empty = tarn_zeros(tarn_shape(1, 0, 4, 2));
    tarn_tensor *high = tarn_zeros(tarn_shape(0, (int64_t)1 << 31, 4, 2));
    const int most = 2147483647;
    tarn_tape *tape = tarn_tape_begin();
    assert_mistake(tarn_upsample_bilinear2d(flat, 2, 2),
                   "upsample_bilinear2d: input (4,4), expects (N,H,W,C)");
    assert_mistake(tarn_upsample_bilinear2d(empty, 2, 2),
                   "upsample_bilinear2d: input (1,0,4,2) has no pixels");
    assert_mistake(tarn_upsample_bilinear2d(x, 0, 2),
                   "upsample_bilinear2d: height 0, width 2, expects at least 1");
    assert_mistake(tarn_upsample_bilinear2d(x, 2, -1),
                   "upsample_bilinear2d: height 2, width -1, expects at least 1");
    assert_mistake(tarn_upsample_bilinear2d(high, 2, 2),
                   "upsample_bilinear2d: input (0,2147483648,4,2) has more than 2^31 - 1 rows");
    assert_mistake(tarn_upsample_bilinear2d(x, most, most), "upsample_bilinear2d: ");
    assert_mistake(tarn_upsample_bilinear2d(x, 2, 2, .align_corners = true, .antialias = true),
                   "upsample_bilinear2d: align_corners and antialias, expects one of them");
    tarn_tape_end(tape);
    tarn_free(x);
    tarn_free(flat);
    tarn_free(empty);
    tarn_free(high);
}

/* Infinities and NaN go only where they have a weight: to the same size nothing changes. */
Test(upsample_bilinear2d, of_what_is_not_finite)
{
    const tarn_real values[] = {1, (tarn_real)INFINITY, 2, (tarn_real)NAN, 3, 4};
    tarn_tensor *x = tarn_from_array(tarn_shape(1, 2, 3, 1), values);
    tarn_tape *tape = tarn_tape_begin();
    for (int corners = 0; corners < 2; corners++) {
        tarn_tensor *same = tarn_upsample_bilinear2d(x, 2, 3, .align_corners = corners);
        cr_assert(memcmp(tarn_values(same), values, sizeof values) == 0);
    }
    /* Three rows of five: every other pixel is one of x, the others lie between two or four. */
    const double expected[] = {1,        INFINITY, INFINITY, INFINITY, 2, NAN, NAN, INFINITY,
                               INFINITY, 3,        NAN,      NAN,      3, 3.5, 4};
    const tarn_real *y = tarn_values(tarn_upsample_bilinear2d(x, 3, 5, .align_corners = true));
    for (int i = 0; i < 15; i++)
        cr_assert(isnan(expected[i]) ? isnan((double)y[i]) : (double)y[i] == expected[i],
                  "element %d: %g, not %g", i, (double)y[i], expected[i]);
    tarn_tape_end(tape);
    tarn_free(x);
}
