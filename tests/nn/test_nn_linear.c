#include <math.h>

#include "tests/nn/nn_test.h"

Test(linear, equals_pytorch)
{
    golden *file = golden_open("nn/linear");
    int cases = 0;
    for (const golden_case *c = golden_next(file, NULL); c; c = golden_next(file, c), cases++) {
        tarn_tensor *x = golden_tensor(c, "x0"), *y = golden_tensor(c, "y");
        check_module(tarn_nn_linear((int)tarn_dim(x, 1), (int)tarn_dim(y, 1),
                                    .bias = golden_number(c, "no_bias", 0) == 0),
                     c);
        tarn_free(x);
        tarn_free(y);
    }
    cr_assert_eq(cases, 2);
    golden_close(file);
}

Test(linear, has_the_parameters_documented)
{
    tarn_module *layer = tarn_nn_linear(3, 2), *bare = tarn_nn_linear(3, 2, .bias = false);
    cr_assert(tarn_shape_equal(tarn_shape_get(parameter(layer, "weight")), tarn_shape(3, 2)));
    cr_assert(tarn_shape_equal(tarn_shape_get(parameter(layer, "bias")), tarn_shape(2)));
    cr_assert_eq(tarn_nn_parameters(layer).count, 2);
    cr_assert_eq(tarn_nn_parameters(bare).count, 1);
    tarn_nn_free(layer);
    tarn_nn_free(bare);
}

Test(linear, starts_as_pytorch_does)
{
    tarn_seed(1);
    tarn_module *layer = tarn_nn_linear(400, 50);
    tarn_tensor *weight = parameter(layer, "weight"), *bias = parameter(layer, "bias");
    double largest = 0, largest_bias = 0;
    for (int64_t i = 0; i < tarn_size(weight); i++)
        largest = larger(largest, fabs((double)tarn_values(weight)[i]));
    for (int64_t i = 0; i < tarn_size(bias); i++)
        largest_bias = larger(largest_bias, fabs((double)tarn_values(bias)[i]));
    cr_assert(largest <= 0.0500001 && largest > 0.0499, "%g", largest);
    cr_assert(largest_bias <= 0.0500001 && largest_bias > 0.04, "%g", largest_bias);
    tarn_nn_free(layer);
}

Test(linear, wrong_input_names_the_layer)
{
    tarn_module *layer = tarn_nn_linear(784, 10);
    tarn_tensor *narrow = tarn_zeros(tarn_shape(64, 100));
    tarn_tensor *image = tarn_zeros(tarn_shape(64, 28, 28, 1));
    tarn_tensor *vector = tarn_zeros(tarn_shape(784));
    tarn_tape *tape = tarn_tape_begin();
    assert_mistake(tarn_nn_forward(layer, narrow),
                   "nn_linear: input (64,100) has 100 features, expects 784");
    assert_mistake(tarn_nn_forward(layer, image),
                   "nn_linear: input (64,28,28,1) has 1 features, expects 784; flatten it first");
    assert_mistake(tarn_nn_forward(layer, vector), "nn_linear: input (784) has 1 dimensions, "
                                                   "expects (N,784), or more");
    tarn_tape_end(tape);
    tarn_free(narrow);
    tarn_free(image);
    tarn_free(vector);
    tarn_nn_free(layer);
}

Test(linear, wrong_numbers_are_mistakes)
{
    assert_mistake(tarn_nn_linear(0, 10), "nn_linear: in is 0, expects at least 1");
    assert_mistake(tarn_nn_linear(10, -2), "nn_linear: out is -2, expects at least 1");
    assert_mistake(tarn_nn_linear(10, 0), "nn_linear: out is 0, expects at least 1");
    assert_mistake(tarn_nn_linear(2147483647, 2147483647), "too large");
}
