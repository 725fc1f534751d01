#include "tests/nn/nn_test.h"

static const tarn_real image[16] = {1, 2, 3, 4, 5, 6, 7, 8, 16, 15, 14, 13, 12, 11, 10, 9};

static void check(tarn_module *layer, tarn_shape shape, const double *expected)
{
    tarn_tensor *x = tarn_from_array(tarn_shape(1, 4, 4, 1), image);
    tarn_tape *tape = tarn_tape_begin();
    tarn_tensor *y = tarn_nn_forward(layer, x);
    cr_assert(tarn_shape_equal(tarn_shape_get(y), shape), "shape %s",
              tarn_shape_to_text(tarn_shape_get(y)).text);
    for (int64_t i = 0; i < tarn_size(y); i++)
        cr_assert_eq((double)tarn_values(y)[i], expected[i], "at %d", (int)i);
    tarn_tape_end(tape);
    tarn_free(x);
    tarn_nn_free(layer);
}

Test(pool2d, max)
{
    check(tarn_nn_max_pool2d(2), tarn_shape(1, 2, 2, 1), (double[]){6, 8, 16, 14});
}

Test(pool2d, max_with_stride_and_padding)
{
    check(tarn_nn_max_pool2d(3, .stride = 1, .padding = 1), tarn_shape(1, 4, 4, 1),
          (double[]){6, 7, 8, 8, 16, 16, 15, 14, 16, 16, 15, 14, 16, 16, 15, 14});
}

Test(pool2d, avg)
{
    check(tarn_nn_avg_pool2d(2), tarn_shape(1, 2, 2, 1), (double[]){3.5, 5.5, 13.5, 11.5});
}

Test(pool2d, avg_with_stride_and_padding)
{
    check(tarn_nn_avg_pool2d(2, .stride = 3, .padding = 1), tarn_shape(1, 2, 2, 1),
          (double[]){0.25, 1.75, 7, 11.5});
}

Test(pool2d, max_with_sides)
{
    check(tarn_nn_max_pool2d(3, .kernel_w = 2, .stride_w = 1, .dilation_w = 2, .ceil_mode = true),
          tarn_shape(1, 2, 2, 1), (double[]){16, 15, 12, 11});
    check(tarn_nn_max_pool2d(1, .kernel_w = 4), tarn_shape(1, 4, 1, 1), (double[]){4, 8, 16, 12});
}

Test(pool2d, avg_with_sides)
{
    check(tarn_nn_avg_pool2d(2, .kernel_w = 1, .stride = 3, .stride_w = 1, .ceil_mode = true),
          tarn_shape(1, 2, 4, 1), (double[]){3, 4, 5, 6, 12, 11, 10, 9});
    check(tarn_nn_avg_pool2d(2, .stride = 3, .padding = 1, .count_include_pad = false),
          tarn_shape(1, 2, 2, 1), (double[]){1, 3.5, 14, 11.5});
}

/* One pass with a convolution only where the windows are the ones that it knows. */
Test(pool2d, only_plain_windows_go_into_a_convolution)
{
    tarn_module *const pools[] = {
        tarn_nn_max_pool2d(2, .kernel_w = 3),  tarn_nn_max_pool2d(2, .stride_w = 1),
        tarn_nn_max_pool2d(2, .padding_w = 1), tarn_nn_max_pool2d(2, .dilation_w = 2),
        tarn_nn_max_pool2d(2, .dilation = 2),  tarn_nn_max_pool2d(2, .ceil_mode = true)};
    tarn_tensor *x = tarn_randn(tarn_shape(1, 7, 7, 2));
    for (size_t i = 0; i < sizeof pools / sizeof *pools; i++) {
        tarn_module *conv = tarn_nn_conv2d(2, 3, 3, .padding = 1);
        tarn_module *both = tarn_nn_sequential(conv, pools[i]);
        tarn_tape *tape = tarn_tape_begin();
        tarn_tensor *y = tarn_nn_forward(pools[i], tarn_nn_forward(conv, x));
        assert_equal(tarn_nn_forward(both, x), y);
        tarn_tape_end(tape);
        tarn_nn_free(both);
    }
    tarn_free(x);
}

Test(pool2d, wrong_numbers_are_mistakes)
{
    assert_mistake(tarn_nn_max_pool2d(2, .kernel_w = 0), "nn_max_pool2d: kernel_w is 0, expects");
    assert_mistake(tarn_nn_avg_pool2d(2, .stride_w = 0), "nn_avg_pool2d: stride_w is 0, expects");
    assert_mistake(tarn_nn_max_pool2d(2, .dilation = 0), "nn_max_pool2d: dilation is 0, expects");
    assert_mistake(tarn_nn_max_pool2d(4, .kernel_w = 2, .padding_w = 2),
                   "nn_max_pool2d: padding_w is 2, expects 0 to 1, half of the kernel");
    assert_mistake(tarn_nn_max_pool2d(0), "nn_max_pool2d: kernel is 0, expects at least 1");
    assert_mistake(tarn_nn_avg_pool2d(-1), "nn_avg_pool2d: kernel is -1, expects at least 1");
    assert_mistake(tarn_nn_max_pool2d(2, .stride = -1), "nn_max_pool2d: stride is -1");
    assert_mistake(tarn_nn_max_pool2d(3, .padding = 2), "padding is 2, expects 0 to 1");
    assert_mistake(tarn_nn_avg_pool2d(3, .padding = -1), "padding is -1, expects 0 to 1");
}
