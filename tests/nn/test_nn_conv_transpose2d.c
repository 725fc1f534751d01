#include <math.h>

#include "tests/nn/nn_test.h"

static int number(const golden_case *c, const char *name)
{
    return (int)golden_number(c, name, 0);
}

Test(conv_transpose2d, equals_pytorch)
{
    golden *file = golden_open("nn/conv_transpose2d");
    int cases = 0;
    for (const golden_case *c = golden_next(file, NULL); c; c = golden_next(file, c), cases++)
        check_module(
            tarn_nn_conv_transpose2d(
                number(c, "in"), number(c, "out"), number(c, "kernel"),
                .stride = (int)golden_number(c, "stride", 1), .padding = number(c, "padding"),
                .output_padding = number(c, "output_padding"),
                .dilation = (int)golden_number(c, "dilation", 1),
                .groups = (int)golden_number(c, "groups", 1), .bias = number(c, "no_bias") == 0),
            c);
    cr_assert_eq(cases, 6);
    golden_close(file);
}

Test(conv_transpose2d, has_the_parameters_documented)
{
    tarn_module *layer = tarn_nn_conv_transpose2d(4, 6, 3, .groups = 2);
    tarn_module *bare = tarn_nn_conv_transpose2d(4, 6, 3, .bias = false);
    cr_assert(tarn_shape_equal(tarn_shape_get(parameter(layer, "weight")), tarn_shape(3, 3, 3, 4)));
    cr_assert(tarn_shape_equal(tarn_shape_get(parameter(layer, "bias")), tarn_shape(6)));
    cr_assert_eq(tarn_nn_parameters(bare).count, 1);
    tarn_nn_free(layer);
    tarn_nn_free(bare);
}

/* Within 1/sqrt(out/groups kernel kernel) = 1/20. */
Test(conv_transpose2d, starts_as_pytorch_does)
{
    tarn_seed(1);
    tarn_module *layer = tarn_nn_conv_transpose2d(64, 32, 5, .groups = 2);
    tarn_params list = tarn_nn_parameters(layer);
    const double least[] = {0.0499, 0.04};
    for (int i = 0; i < 2; i++) {
        double largest = 0;
        for (int64_t k = 0; k < tarn_size(list.tensors[i]); k++)
            largest = larger(largest, fabs((double)tarn_values(list.tensors[i])[k]));
        cr_assert(largest <= 0.0500001 && largest > least[i], "%s: %g", list.names[i], largest);
    }
    tarn_nn_free(layer);
}

Test(conv_transpose2d, shows_its_numbers)
{
    tarn_module *layer = tarn_nn_conv_transpose2d(4, 6, 3);
    assert_description(layer, "4, 6, 3");
    tarn_nn_free(layer);
    layer = tarn_nn_conv_transpose2d(4, 6, 3, .stride = 3, .padding = 1, .output_padding = 2,
                                     .dilation = 2, .groups = 2, .bias = false);
    assert_description(layer, "4, 6, 3, .stride = 3, .padding = 1, .dilation = 2, "
                              ".groups = 2, .output_padding = 2, .bias = 0");
    tarn_nn_free(layer);
}

Test(conv_transpose2d, wrong_input_is_a_mistake)
{
    tarn_module *layer = tarn_nn_conv_transpose2d(4, 6, 3);
    tarn_tensor *x = tarn_zeros(tarn_shape(2, 5, 5, 6));
    tarn_tape *tape = tarn_tape_begin();
    assert_mistake(tarn_nn_forward(layer, x),
                   "conv_transpose2d: input (2,5,5,6) has 6 channels, weight (3,3,6,4) expects 4");
    tarn_tape_end(tape);
    tarn_free(x);
    tarn_nn_free(layer);
}

Test(conv_transpose2d, wrong_numbers_are_mistakes)
{
    assert_mistake(tarn_nn_conv_transpose2d(0, 2, 3),
                   "nn_conv_transpose2d: in is 0, expects at least 1");
    assert_mistake(tarn_nn_conv_transpose2d(1, -1, 3), "out is -1, expects at least 1");
    assert_mistake(tarn_nn_conv_transpose2d(1, 1, 0), "kernel is 0, expects at least 1");
    assert_mistake(tarn_nn_conv_transpose2d(1, 1, 3, .stride = -1), "stride is -1");
    assert_mistake(tarn_nn_conv_transpose2d(1, 1, 3, .padding = -1), "padding is -1, expects at");
    assert_mistake(tarn_nn_conv_transpose2d(1, 1, 3, .output_padding = -1),
                   "output_padding is -1, expects at least 0");
    assert_mistake(tarn_nn_conv_transpose2d(1, 1, 3, .stride = 2, .output_padding = 2),
                   "nn_conv_transpose2d: output_padding is 2, expects less than stride, 2, or "
                   "dilation, 1");
    assert_mistake(tarn_nn_conv_transpose2d(1, 1, 3, .dilation = -2), "dilation is -2");
    assert_mistake(tarn_nn_conv_transpose2d(1, 1, 3, .groups = -1), "groups is -1, expects at");
    assert_mistake(tarn_nn_conv_transpose2d(4, 6, 3, .groups = 4),
                   "nn_conv_transpose2d: groups is 4, expects a divisor of in, 4, and of out, 6");
    assert_mistake(tarn_nn_conv_transpose2d(6, 4, 3, .groups = 4), "groups is 4");
    assert_mistake(tarn_nn_conv_transpose2d(2147483647, 2147483647, 2147483647), "too large");
}
