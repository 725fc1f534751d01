#include <math.h>

#include "tests/nn/nn_test.h"

static int number(const golden_case *c, const char *name)
{
    return (int)golden_number(c, name, 0);
}

Test(conv2d, equals_pytorch)
{
    golden *file = golden_open("nn/conv2d");
    int cases = 0;
    for (const golden_case *c = golden_next(file, NULL); c; c = golden_next(file, c), cases++)
        check_module(tarn_nn_conv2d(number(c, "in"), number(c, "out"), number(c, "kernel"),
                                    .stride = (int)golden_number(c, "stride", 1),
                                    .padding = number(c, "padding"),
                                    .dilation = (int)golden_number(c, "dilation", 1),
                                    .groups = (int)golden_number(c, "groups", 1),
                                    .bias = number(c, "no_bias") == 0),
                     c);
    cr_assert_eq(cases, 5);
    golden_close(file);
}

Test(conv2d, has_the_parameters_documented)
{
    tarn_module *layer = tarn_nn_conv2d(4, 6, 3, .groups = 2);
    cr_assert(tarn_shape_equal(tarn_shape_get(parameter(layer, "weight")), tarn_shape(3, 3, 2, 6)));
    cr_assert(tarn_shape_equal(tarn_shape_get(parameter(layer, "bias")), tarn_shape(6)));
    tarn_nn_free(layer);
}

Test(conv2d, starts_as_pytorch_does)
{
    tarn_seed(1);
    tarn_module *layer = tarn_nn_conv2d(32, 64, 5, .groups = 2); /* 5 5 16 = 400 inputs */
    tarn_tensor *weight = parameter(layer, "weight");
    double largest = 0;
    for (int64_t i = 0; i < tarn_size(weight); i++)
        largest = larger(largest, fabs((double)tarn_values(weight)[i]));
    cr_assert(largest <= 0.0500001 && largest > 0.0499, "%g", largest);
    tarn_nn_free(layer);
}

Test(conv2d, wrong_input_is_a_mistake)
{
    tarn_module *layer = tarn_nn_conv2d(1, 32, 3);
    tarn_tensor *x = tarn_zeros(tarn_shape(2, 28, 28, 3));
    tarn_tape *tape = tarn_tape_begin();
    assert_mistake(tarn_nn_forward(layer, x),
                   "conv2d: input (2,28,28,3) has 3 channels, weight (3,3,1,32) expects 1");
    tarn_tape_end(tape);
    tarn_free(x);
    tarn_nn_free(layer);
}

/* The numbers for the width reach the operation, and so does what `same` says. */
Test(conv2d, is_the_operation_with_its_own_weight)
{
    tarn_module *layer =
                    tarn_nn_conv2d(4, 6, 3, .kernel_w = 2, .stride = 2, .stride_w = 1, .padding = 1,
                                   .padding_w = 3, .dilation = 1, .dilation_w = 3, .groups = 2),
                *same = tarn_nn_conv2d(4, 3, 2, .kernel_w = 4, .dilation_w = 2, .same = true);
    tarn_tensor *x = tarn_randn(tarn_shape(2, 5, 6, 4));
    tarn_tensor *weight = parameter(layer, "weight"), *bias = parameter(layer, "bias");
    cr_assert(tarn_shape_equal(tarn_shape_get(weight), tarn_shape(3, 2, 2, 6)));
    tarn_tape *tape = tarn_tape_begin();
    assert_equal(tarn_nn_forward(layer, x),
                 tarn_conv2d(x, weight, bias, .stride = 2, .stride_w = 1, .padding = 1,
                             .padding_w = 3, .dilation_w = 3, .groups = 2));
    tarn_tensor *y = tarn_nn_forward(same, x);
    assert_equal(y, tarn_conv2d(x, parameter(same, "weight"), parameter(same, "bias"),
                                .dilation_w = 2, .same = true));
    cr_assert(tarn_shape_equal(tarn_shape_get(y), tarn_shape(2, 5, 6, 3)));
    tarn_tape_end(tape);
    tarn_free(x);
    tarn_nn_free(layer);
    tarn_nn_free(same);
}

/* It pads first; also where it runs in one pass with what is behind it. */
Test(conv2d, padding_modes)
{
    tarn_tensor *x = tarn_randn(tarn_shape(2, 5, 6, 2));
    for (int mode = TARN_PAD_CONSTANT; mode <= TARN_PAD_CIRCULAR; mode++) {
        tarn_module *layer = tarn_nn_conv2d(2, 3, 3, .kernel_w = 2, .padding = 2, .padding_w = 1,
                                            .stride = 2, .padding_mode = mode);
        tarn_module *same =
            tarn_nn_conv2d(2, 3, 2, .dilation_w = 3, .same = true, .padding_mode = mode);
        tarn_module *behind = tarn_nn_batch_norm2d(3), *norm = tarn_nn_sequential(same, behind);
        tarn_tape *tape = tarn_tape_begin();
        tarn_tensor *wide = tarn_pad(x, tarn_shape(0, 2, 1, 0), tarn_shape(0, 2, 1, 0),
                                     .mode = (tarn_pad_mode)mode);
        assert_equal(tarn_nn_forward(layer, x), tarn_conv2d(wide, parameter(layer, "weight"),
                                                            parameter(layer, "bias"), .stride = 2));
        wide = tarn_pad(x, tarn_shape(0, 0, 1, 0), tarn_shape(0, 1, 2, 0),
                        .mode = (tarn_pad_mode)mode);
        tarn_tensor *y =
            tarn_conv2d(wide, parameter(same, "weight"), parameter(same, "bias"), .dilation_w = 3);
        assert_equal(tarn_nn_forward(same, x), y);
        assert_equal(tarn_nn_forward(norm, x), tarn_nn_forward(behind, y));
        tarn_tape_end(tape);
        tarn_nn_free(layer);
        tarn_nn_free(norm);
    }
    tarn_free(x);
}

Test(conv2d, wrong_numbers_are_mistakes)
{
    assert_mistake(tarn_nn_conv2d(1, 1, 3, .padding_mode = 4),
                   "nn_conv2d: padding_mode is 4, expects TARN_PAD_CONSTANT, TARN_PAD_REFLECT");
    assert_mistake(tarn_nn_conv2d(1, 1, 3, .kernel_w = 0),
                   "nn_conv2d: kernel_w is 0, expects at least 1, or TARN_AS_HEIGHT");
    assert_mistake(tarn_nn_conv2d(1, 1, 3, .stride_w = -1), "stride_w is -1, expects at least 1");
    assert_mistake(tarn_nn_conv2d(1, 1, 3, .padding_w = -1), "padding_w is -1, expects at least 0");
    assert_mistake(tarn_nn_conv2d(1, 1, 3, .same = true, .padding = 1),
                   "nn_conv2d: same is set, expects stride 1 and no other padding with it");
    assert_mistake(tarn_nn_conv2d(1, 1, 3, .same = true, .stride_w = 2), "same is set");
    assert_mistake(tarn_nn_conv2d(1, 32, 0), "nn_conv2d: kernel is 0, expects at least 1");
    assert_mistake(tarn_nn_conv2d(0, 32, 3), "nn_conv2d: in is 0, expects at least 1");
    assert_mistake(tarn_nn_conv2d(1, -1, 3), "nn_conv2d: out is -1, expects at least 1");
    assert_mistake(tarn_nn_conv2d(1, 1, 3, .stride = -1), "stride is -1, expects at least 1");
    assert_mistake(tarn_nn_conv2d(1, 1, 3, .padding = -1), "padding is -1, expects at least 0");
    assert_mistake(tarn_nn_conv2d(1, 1, 3, .dilation = -2), "dilation is -2, expects at least 1");
    assert_mistake(tarn_nn_conv2d(1, 1, 3, .groups = -1), "groups is -1, expects at least 1");
    assert_mistake(tarn_nn_conv2d(4, 6, 3, .groups = 4),
                   "nn_conv2d: groups is 4, expects a divisor of in, 4, and of out, 6");
    assert_mistake(tarn_nn_conv2d(6, 4, 3, .groups = 4), "groups is 4");
}
