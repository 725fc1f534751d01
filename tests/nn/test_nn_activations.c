#include "tests/nn/nn_test.h"

static const struct {
    const char *name;
    tarn_module *(*layer)(void);
    tarn_tensor *(*op)(tarn_tensor *);
} layers[] = {
    {"ReLU", tarn_nn_relu, tarn_relu},
    {"Sigmoid", tarn_nn_sigmoid, tarn_sigmoid},
    {"Tanh", tarn_nn_tanh, tarn_tanh},
    {"GELU", tarn_nn_gelu, tarn_gelu},
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
