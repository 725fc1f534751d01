#include "tests/support/golden.h"
#include "tests/support/mistakes.h"

static tarn_tensor *run(tarn_tensor *const *x, void *context)
{
    const int factor = (int)golden_number(context, "factor", 0);
    return golden_number(context, "unshuffle", 0) != 0 ? tarn_pixel_unshuffle(x[0], factor)
                                                       : tarn_pixel_shuffle(x[0], factor);
}

Test(pixel_shuffle, golden)
{
    check_golden("pixel_shuffle", run);
}

Test(pixel_shuffle, reuse)
{
    check_reuse("pixel_shuffle", run);
}

GRADIENT_TEST(pixel_shuffle, run)

Test(pixel_shuffle, bad_input)
{
    tarn_tensor *x = tarn_zeros(tarn_shape(1, 3, 4, 8)), *flat = tarn_zeros(tarn_shape(4, 8));
    tarn_tape *tape = tarn_tape_begin();
    assert_mistake(tarn_pixel_shuffle(flat, 2), "pixel_shuffle: input (4,8), expects (N,H,W,C)");
    assert_mistake(tarn_pixel_unshuffle(flat, 2), "pixel_unshuffle: input (4,8), expects");
    assert_mistake(tarn_pixel_shuffle(x, 0), "pixel_shuffle: factor is 0, expects at least 1");
    assert_mistake(tarn_pixel_unshuffle(x, -1), "pixel_unshuffle: factor is -1");
    assert_mistake(tarn_pixel_shuffle(x, 3),
                   "pixel_shuffle: input (1,3,4,8), expects a multiple of 9 channels");
    assert_mistake(tarn_pixel_unshuffle(x, 2),
                   "pixel_unshuffle: input (1,3,4,8), expects sides that are multiples of 2");
    assert_mistake(tarn_pixel_shuffle(x, INT32_MAX), "expects a multiple of");
    tarn_tape_end(tape);
    tarn_free(x);
    tarn_free(flat);
}
