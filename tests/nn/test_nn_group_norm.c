#include <math.h>

#include "tests/nn/nn_test.h"

Test(group_norm, golden)
{
    golden *file = golden_open("nn/group_norm");
    int cases = 0;
    for (const golden_case *c = golden_next(file, NULL); c; c = golden_next(file, c), cases++) {
        tarn_tensor *weight = golden_tensor(c, "weight");
        check_module(tarn_nn_group_norm((int)golden_number(c, "groups", 0), (int)tarn_size(weight),
                                        .eps = golden_number(c, "eps", 1e-5)),
                     c);
        tarn_free(weight);
    }
    cr_assert_eq(cases, 2);
    golden_close(file);
}

Test(group_norm, starts_with_ones_and_zeros)
{
    tarn_module *layer = tarn_nn_group_norm(2, 4);
    cr_assert_eq(tarn_nn_parameters(layer).count, 2);
    for (int i = 0; i < 4; i++) {
        cr_assert_eq(tarn_values(parameter(layer, "weight"))[i], 1);
        cr_assert_eq(tarn_values(parameter(layer, "bias"))[i], 0);
    }
    tarn_nn_free(layer);
}

Test(group_norm, describes_what_is_unusual)
{
    char text[200];
    tarn_module *layers[] = {tarn_nn_group_norm(8, 64), tarn_nn_group_norm(1, 8, .eps = 0.001)};
    const char *const expected[] = {"8, 64", "1, 8, .eps = 0.001"};
    for (int i = 0; i < 2; i++) {
        layers[i]->type->describe(layers[i], text, sizeof text);
        cr_assert_str_eq(text, expected[i]);
        tarn_nn_free(layers[i]);
    }
}

Test(group_norm, mistakes)
{
    tarn_module *layer = tarn_nn_group_norm(2, 4);
    tarn_tensor *x = tarn_zeros(tarn_shape(2, 4, 4, 6));
    tarn_tape *tape = tarn_tape_begin();
    assert_mistake(tarn_nn_forward(layer, x), "group_norm: gamma (4), input (2,4,4,6) expects (6)");
    tarn_tape_end(tape);
    assert_mistake(tarn_nn_group_norm(2, 0), "nn_group_norm: channels is 0, expects at least 1");
    assert_mistake(tarn_nn_group_norm(3, 4),
                   "nn_group_norm: groups is 3, expects a divisor of channels, 4");
    assert_mistake(tarn_nn_group_norm(0, 4), "nn_group_norm: groups is 0");
    assert_mistake(tarn_nn_group_norm(2, 4, .eps = -1),
                   "nn_group_norm: eps is -1, expects a finite number above 0");
    assert_mistake(tarn_nn_group_norm(2, 4, .eps = (double)INFINITY), "nn_group_norm: eps is inf");
    tarn_free(x);
    tarn_nn_free(layer);
}
