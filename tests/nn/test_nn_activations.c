#include <math.h>

#include "tests/nn/nn_test.h"

static tarn_module *usual_leaky_relu(void)
{
    return tarn_nn_leaky_relu();
}

static tarn_module *usual_elu(void)
{
    return tarn_nn_elu();
}

static tarn_tensor *op_leaky_relu(tarn_tensor *x)
{
    return tarn_leaky_relu(x);
}

static tarn_tensor *op_elu(tarn_tensor *x)
{
    return tarn_elu(x);
}

static tarn_module *steep_leaky_relu(void)
{
    return tarn_nn_leaky_relu(.slope = 0.25);
}

static tarn_module *deep_elu(void)
{
    return tarn_nn_elu(.alpha = 2.5);
}

static tarn_tensor *op_steep_leaky_relu(tarn_tensor *x)
{
    return tarn_leaky_relu(x, .slope = 0.25);
}

static tarn_tensor *op_deep_elu(tarn_tensor *x)
{
    return tarn_elu(x, .alpha = 2.5);
}

static const struct {
    const char *name;
    tarn_module *(*layer)(void);
    tarn_tensor *(*op)(tarn_tensor *);
} layers[] = {
    {"ReLU", tarn_nn_relu, tarn_relu},
    {"Sigmoid", tarn_nn_sigmoid, tarn_sigmoid},
    {"Tanh", tarn_nn_tanh, tarn_tanh},
    {"GELU", tarn_nn_gelu, tarn_gelu},
    {"GELUTanh", tarn_nn_gelu_tanh, tarn_gelu_tanh},
    {"SiLU", tarn_nn_silu, tarn_silu},
    {"Softplus", tarn_nn_softplus, tarn_softplus},
    {"LeakyReLU", usual_leaky_relu, op_leaky_relu},
    {"LeakyReLU", steep_leaky_relu, op_steep_leaky_relu},
    {"ELU", usual_elu, op_elu},
    {"ELU", deep_elu, op_deep_elu},
    {"Softmax", tarn_nn_softmax, tarn_softmax},
    {"LogSoftmax", tarn_nn_log_softmax, tarn_log_softmax},
    {"Flatten", tarn_nn_flatten, tarn_flatten},
    {"GlobalAvgPool2d", tarn_nn_global_avg_pool2d, tarn_global_avg_pool2d},
};

Test(activations, are_their_operations)
{
    tarn_tensor *x = tarn_randn(tarn_shape(3, 4, 2, 5));
    for (size_t i = 0; i < sizeof layers / sizeof *layers; i++) {
        tarn_module *layer = layers[i].layer();
        cr_assert_str_eq(layer->type->name, layers[i].name);
        cr_assert_eq(tarn_nn_parameters(layer).count, 0);
        tarn_tape *tape = tarn_tape_begin();
        tarn_tensor *y = tarn_nn_forward(layer, x), *expected = layers[i].op(x);
        cr_assert(tarn_shape_equal(tarn_shape_get(y), tarn_shape_get(expected)));
        cr_assert_eq(
            memcmp(tarn_values(y), tarn_values(expected), (size_t)tarn_size(y) * sizeof(tarn_real)),
            0, "%s", layers[i].name);
        tarn_tape_end(tape);
        tarn_nn_free(layer);
    }
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
}
