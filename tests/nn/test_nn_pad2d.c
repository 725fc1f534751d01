#include "tests/nn/nn_test.h"

Test(pad2d, pads_height_and_width)
{
    tarn_module *layer = tarn_nn_pad2d(2);
    tarn_tensor *x = tarn_requires_grad(tarn_full(tarn_shape(2, 3, 1, 4), 5), true);
    tarn_tape *tape = tarn_tape_begin();
    tarn_tensor *y = tarn_nn_forward(layer, x);
    cr_assert(tarn_shape_equal(tarn_shape_get(y), tarn_shape(2, 7, 5, 4)));
    for (int64_t i = 0; i < tarn_size(y); i++) {
        const int64_t h = i / 20 % 7, w = i / 4 % 5;
        cr_assert_eq(tarn_values(y)[i], h >= 2 && h < 5 && w == 2 ? 5 : 0, "at %d", (int)i);
    }
    cr_assert(tarn_backward(tarn_sum(tarn_square(y))));
    for (int64_t i = 0; i < tarn_size(x); i++)
        cr_assert_eq(tarn_gradients(x)[i], 10);
    tarn_tape_end(tape);
    tarn_free(x);
    tarn_nn_free(layer);
}

Test(pad2d, of_nothing)
{
    tarn_module *layer = tarn_nn_pad2d(0);
    cr_assert(
        tarn_shape_equal(output_shape(layer, tarn_shape(2, 3, 4, 5)), tarn_shape(2, 3, 4, 5)));
    cr_assert(
        tarn_shape_equal(output_shape(layer, tarn_shape(0, 3, 4, 5)), tarn_shape(0, 3, 4, 5)));
    tarn_nn_free(layer);
}

Test(pad2d, in_a_summary)
{
    char text[500] = "";
    FILE *stream = tmpfile();
    tarn_module *model = tarn_nn_sequential(tarn_nn_pad2d(3), tarn_nn_conv2d(1, 2, 5));
    cr_assert(tarn_nn_summary(model, tarn_shape(1, 8, 8, 1), stream));
    rewind(stream);
    cr_assert(fread(text, 1, sizeof text - 1, stream));
    cr_assert(strstr(text, "Pad2d(3)") && strstr(text, "(1,14,14,1)"), "%s", text);
    fclose(stream);
    tarn_nn_free(model);
}

Test(pad2d, bad_input)
{
    assert_mistake(tarn_nn_pad2d(-1), "nn_pad2d: padding is -1, expects at least 0");
    tarn_module *layer = tarn_nn_pad2d(1);
    tarn_tensor *x = tarn_zeros(tarn_shape(2, 3));
    tarn_tape *tape = tarn_tape_begin();
    assert_mistake(tarn_nn_forward(layer, x), "nn_pad2d: input (2,3), expects (N,H,W,C)");
    tarn_tape_end(tape);
    tarn_free(x);
    tarn_nn_free(layer);
}
