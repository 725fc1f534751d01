#include <math.h>

#include "tests/nn/nn_test.h"

static void expect_operation(const char *title, tarn_module *layer, tarn_tensor *x,
                             const tarn_tensor *expected)
{
    cr_assert_str_eq(layer->type->name, title);
    cr_assert_eq(tarn_nn_parameters(layer).count, 0);
    const tarn_tensor *y = tarn_nn_forward(layer, x);
    cr_assert(tarn_shape_equal(tarn_shape_get(y), tarn_shape_get(expected)), "%s", title);
    cr_expect_arr_eq(tarn_values(y), tarn_values(expected),
                     (size_t)tarn_size(y) * sizeof(tarn_real), "%s", title);
    tarn_nn_free(layer);
}

/* activations.h is what nn/activations.c says: a line for each. */
Test(activations, are_their_operations)
{
    tarn_tensor *x = tarn_randn(tarn_shape(3, 4, 5, 2));
    tarn_tape *tape = tarn_tape_begin();
#define LAYER(op, title, also) expect_operation(title, tarn_nn_##op(), x, tarn_##op(x))
#define LAYER_WITH(op, title, option, ...)                                                         \
    LAYER(op, title, );                                                                            \
    expect_operation(title, tarn_nn_##op(.option = 0.25), x, tarn_##op(x, .option = 0.25));
#include "tests/nn/activations.h"
    tarn_tape_end(tape);
    tarn_free(x);
}

static void expect_description(tarn_module *layer, const char *expected)
{
    char text[100];
    layer->type->describe(layer, text, sizeof text);
    cr_expect_str_eq(text, expected);
    tarn_nn_free(layer);
}

Test(activations, describe_their_numbers)
{
    expect_description(tarn_nn_leaky_relu(), ".slope = 0.01");
    expect_description(tarn_nn_leaky_relu(.slope = 0.25), ".slope = 0.25");
    expect_description(tarn_nn_elu(), ".alpha = 1");
    expect_description(tarn_nn_celu(.alpha = 0.5), ".alpha = 0.5");
    expect_description(tarn_nn_elu(.alpha = 2.5), ".alpha = 2.5");
    expect_description(tarn_nn_elu(.alpha = 1.03125001), ".alpha = 1.03125001");
}

Test(activations, bad_numbers)
{
    assert_mistake(tarn_nn_leaky_relu(.slope = -1),
                   "nn_leaky_relu: slope is -1, expects a finite number of at least 0");
    assert_mistake(tarn_nn_leaky_relu(.slope = NAN), "nn_leaky_relu: slope is nan");
    assert_mistake(tarn_nn_elu(.alpha = -0.5),
                   "nn_elu: alpha is -0.5, expects a finite number of at least 0");
    assert_mistake(tarn_nn_elu(.alpha = INFINITY), "nn_elu: alpha is inf");
    assert_mistake(tarn_nn_celu(.alpha = 0),
                   "nn_celu: alpha is 0, expects a finite number above 0");
    assert_mistake(tarn_nn_prelu(.channels = 0), "nn_prelu: channels is 0, expects at least 1");
    assert_mistake(tarn_nn_prelu(.slope = NAN), "nn_prelu: slope is nan, expects a finite number");
    assert_mistake(tarn_nn_rms_norm(0), "nn_rms_norm: size is 0, expects at least 1");
    assert_mistake(tarn_nn_rms_norm(3, .eps = -1), "nn_rms_norm: eps is -1, expects a finite");
}

/* One with parameters: its first slope, and what it takes. */
Test(activations, prelu)
{
    tarn_module *one = tarn_nn_prelu(.slope = 0.5), *three = tarn_nn_prelu(.channels = 3);
    tarn_tensor *x = tarn_full(tarn_shape(2, 4), -2);
    tarn_tape *tape = tarn_tape_begin();
    cr_expect_eq(tarn_values(tarn_nn_forward(one, x))[7], -1);
    assert_mistake(tarn_nn_forward(three, x), "nn_prelu: input (2,4), expects (...,3)");
    record_mistakes();
    cr_expect_null(tarn_nn_forward(three, NULL));
    cr_expect_eq(mistakes(), 0);
    tarn_tape_end(tape);
    tarn_free(x);
    tarn_nn_free(one);
    tarn_nn_free(three);
}
