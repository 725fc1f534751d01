#include <math.h>

#include "tests/nn/nn_test.h"

Test(layer_norm, golden)
{
    golden *file = golden_open("nn/layer_norm");
    int cases = 0;
    for (const golden_case *c = golden_next(file, NULL); c; c = golden_next(file, c), cases++) {
        tarn_tensor *weight = golden_tensor(c, "weight");
        check_module(
            tarn_nn_layer_norm((int)tarn_size(weight), .eps = golden_number(c, "eps", 1e-5)), c);
        tarn_free(weight);
    }
    cr_assert_eq(cases, 2);
    golden_close(file);
}

Test(layer_norm, is_the_same_in_training_and_in_evaluation)
{
    tarn_module *layer = tarn_nn_layer_norm(3);
    tarn_tensor *x = tarn_randn(tarn_shape(4, 3));
    tarn_tape *tape = tarn_tape_begin();
    const tarn_tensor *training = tarn_nn_forward(layer, x);
    tarn_nn_train(layer, false);
    const tarn_tensor *evaluation = tarn_nn_forward(layer, x);
    cr_assert_eq(memcmp(tarn_values(training), tarn_values(evaluation), 12 * sizeof(tarn_real)), 0);
    tarn_tape_end(tape);
    tarn_free(x);
    tarn_nn_free(layer);
}

Test(layer_norm, starts_with_ones_and_zeros)
{
    tarn_module *layer = tarn_nn_layer_norm(3);
    cr_assert_eq(tarn_nn_parameters(layer).count, 2);
    for (int i = 0; i < 3; i++) {
        cr_assert_eq(tarn_values(parameter(layer, "weight"))[i], 1);
        cr_assert_eq(tarn_values(parameter(layer, "bias"))[i], 0);
    }
    tarn_nn_free(layer);
}

Test(layer_norm, describes_what_is_unusual)
{
    char text[200];
    tarn_module *layers[] = {tarn_nn_layer_norm(64), tarn_nn_layer_norm(1000000, .eps = 0.001)};
    const char *const expected[] = {"64", "1000000, .eps = 0.001"};
    for (int i = 0; i < 2; i++) {
        layers[i]->type->describe(layers[i], text, sizeof text);
        cr_assert_str_eq(text, expected[i]);
        tarn_nn_free(layers[i]);
    }
}

Test(layer_norm, mistakes)
{
    tarn_module *layer = tarn_nn_layer_norm(3);
    tarn_tensor *x = tarn_zeros(tarn_shape(2, 4, 5));
    tarn_tape *tape = tarn_tape_begin();
    assert_mistake(tarn_nn_forward(layer, x), "layer_norm: gamma (3), input (2,4,5) expects (5)");
    tarn_tape_end(tape);
    assert_mistake(tarn_nn_layer_norm(0), "nn_layer_norm: size is 0, expects at least 1");
    assert_mistake(tarn_nn_layer_norm(3, .eps = -1),
                   "nn_layer_norm: eps is -1, expects a finite number above 0");
    assert_mistake(tarn_nn_layer_norm(3, .eps = (double)NAN), "nn_layer_norm: eps is nan");
    tarn_free(x);
    tarn_nn_free(layer);
}
