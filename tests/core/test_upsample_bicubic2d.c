#include <math.h>
#include <string.h>

#include "tests/support/golden.h"
#include "tests/support/mistakes.h"

static tarn_tensor *run(tarn_tensor *const *x, void *context)
{
    const int height = (int)golden_number(context, "height", 0);
    const int width = (int)golden_number(context, "width", 0);
    return tarn_upsample_bicubic2d(x[0], height, width,
                                   .align_corners = golden_number(context, "align_corners", 0) != 0,
                                   .antialias = golden_number(context, "antialias", 0) != 0);
}

OPERATION_TESTS(upsample_bicubic2d, run)

/* Every pixel of a picture of one colour keeps it, in each way and at many sizes: the weights of
   each are 1 together, also at the border. */
Test(upsample_bicubic2d, one_colour)
{
    for (int from = 1; from < 40; from += 3)
        for (int to = 1; to < 40; to++)
            for (int kind = 0; kind < 3; kind++) {
                tarn_tensor *x = tarn_full(tarn_shape(1, from, 2, 1), 1);
                tarn_tape *tape = tarn_tape_begin();
                tarn_tensor *y = tarn_upsample_bicubic2d(x, to, 3, .align_corners = kind == 1,
                                                         .antialias = kind == 2);
                for (int i = 0; i < 3 * to; i++)
                    cr_assert(fabs((double)tarn_values(y)[i] - 1) < 1e-6, "%d to %d, %d: %g", from,
                              to, kind, (double)tarn_values(y)[i]);
                tarn_tape_end(tape);
                tarn_free(x);
            }
}

/* To the same size nothing changes: neighbours, infinities among them, have the weight 0. */
Test(upsample_bicubic2d, of_what_is_not_finite)
{
    const tarn_real values[] = {1, (tarn_real)INFINITY, 2, (tarn_real)NAN, 3, 4};
    tarn_tensor *x = tarn_from_array(tarn_shape(1, 2, 3, 1), values);
    tarn_tape *tape = tarn_tape_begin();
    for (int kind = 0; kind < 3; kind++) {
        tarn_tensor *same =
            tarn_upsample_bicubic2d(x, 2, 3, .align_corners = kind == 1, .antialias = kind == 2);
        cr_assert(memcmp(tarn_values(same), values, sizeof values) == 0);
    }
    tarn_tape_end(tape);
    tarn_free(x);
}

Test(upsample_bicubic2d, bad_input)
{
    tarn_tensor *x = tarn_zeros(tarn_shape(1, 4, 3, 2)), *flat = tarn_zeros(tarn_shape(4, 4));
    tarn_tape *tape = tarn_tape_begin();
    assert_mistake(tarn_upsample_bicubic2d(flat, 2, 2),
                   "upsample_bicubic2d: input (4,4), expects (N,H,W,C)");
    assert_mistake(tarn_upsample_bicubic2d(x, 0, 2),
                   "upsample_bicubic2d: height 0, width 2, expects at least 1");
    assert_mistake(tarn_upsample_bicubic2d(x, 2, 2, .align_corners = true, .antialias = true),
                   "upsample_bicubic2d: align_corners and antialias, expects one of them");
    tarn_tape_end(tape);
    tarn_free(x);
    tarn_free(flat);
}
