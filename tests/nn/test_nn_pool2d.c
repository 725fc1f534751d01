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

Test(pool2d, wrong_numbers_are_mistakes)
{
    assert_mistake(tarn_nn_max_pool2d(0), "nn_max_pool2d: kernel is 0, expects at least 1");
    assert_mistake(tarn_nn_avg_pool2d(-1), "nn_avg_pool2d: kernel is -1, expects at least 1");
    assert_mistake(tarn_nn_max_pool2d(2, .stride = -1), "nn_max_pool2d: stride is -1");
    assert_mistake(tarn_nn_max_pool2d(3, .padding = 2), "padding is 2, expects 0 to 1");
    assert_mistake(tarn_nn_avg_pool2d(3, .padding = -1), "padding is -1, expects 0 to 1");
}
