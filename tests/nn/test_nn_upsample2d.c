#include "tests/nn/nn_test.h"

Test(upsample2d, equals_pytorch)
{
    golden *file = golden_open("nn/upsample2d");
    int cases = 0;
    for (const golden_case *c = golden_next(file, NULL); c; c = golden_next(file, c), cases++)
        check_module(tarn_nn_upsample2d((int)golden_number(c, "scale", 0),
                                        .bilinear = golden_number(c, "bilinear", 0) != 0,
                                        .align_corners = golden_number(c, "align_corners", 0) != 0),
                     c);
    cr_assert_eq(cases, 7);
    golden_close(file);
}

Test(upsample2d, shows_its_numbers)
{
    tarn_module *layer = tarn_nn_upsample2d(2);
    assert_description(layer, "2");
    tarn_nn_free(layer);
    layer = tarn_nn_upsample2d(3, .bilinear = true, .align_corners = true);
    assert_description(layer, "3, .bilinear = 1, .align_corners = 1");
    tarn_nn_free(layer);
}

Test(upsample2d, wrong_input_is_a_mistake)
{
    tarn_module *layer = tarn_nn_upsample2d(1 << 20);
    tarn_tensor *flat = tarn_zeros(tarn_shape(2, 3)), *empty = tarn_zeros(tarn_shape(2, 0, 3, 1));
    tarn_tensor *large = tarn_zeros(tarn_shape(0, 2048, 3, 1));
    tarn_tape *tape = tarn_tape_begin();
    assert_mistake(tarn_nn_forward(layer, flat), "nn_upsample2d: input (2,3), expects (N,H,W,C)");
    assert_mistake(tarn_nn_forward(layer, empty),
                   "upsample_nearest2d: input (2,0,3,1) has no pixels");
    assert_mistake(tarn_nn_forward(layer, large),
                   "nn_upsample2d: input (0,2048,3,1), expects (N,H,W,C) and at most 2047 rows");
    tarn_tape_end(tape);
    tarn_free(flat);
    tarn_free(empty);
    tarn_free(large);
    tarn_nn_free(layer);
}

Test(upsample2d, wrong_numbers_are_mistakes)
{
    assert_mistake(tarn_nn_upsample2d(0), "nn_upsample2d: scale is 0, expects at least 1");
    assert_mistake(tarn_nn_upsample2d(-2), "nn_upsample2d: scale is -2, expects at least 1");
    assert_mistake(tarn_nn_upsample2d(2, .align_corners = true),
                   "nn_upsample2d: align_corners is set, expects bilinear with it");
}
