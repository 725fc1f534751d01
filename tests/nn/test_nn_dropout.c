#include <math.h>

#include "tests/nn/nn_test.h"

Test(dropout, drops_while_training_only)
{
    tarn_module *layer = tarn_nn_dropout(0.25);
    tarn_tensor *x = tarn_full(tarn_shape(10000), 3);
    tarn_tape *tape = tarn_tape_begin();
    tarn_tensor *y = tarn_nn_forward(layer, x);
    int zeros = 0;
    for (int i = 0; i < 10000; i++) {
        zeros += tarn_values(y)[i] == 0;
        cr_assert(tarn_values(y)[i] == 0 || tarn_values(y)[i] == 4);
    }
    cr_assert(zeros > 2300 && zeros < 2700, "%d of 10000 zero", zeros);
    tarn_nn_train(layer, false);
    cr_assert_eq(tarn_nn_forward(layer, x), x);
    tarn_nn_train(layer, true);
    cr_assert_neq(tarn_nn_forward(layer, x), x);
    tarn_tape_end(tape);
    tarn_free(x);
    tarn_nn_free(layer);
}

Test(dropout, wrong_numbers_are_mistakes)
{
    assert_mistake(tarn_nn_dropout(-0.1), "nn_dropout: p is -0.1, expects 0 to 1");
    assert_mistake(tarn_nn_dropout(1.5), "nn_dropout: p is 1.5, expects 0 to 1");
    assert_mistake(tarn_nn_dropout((double)NAN), "expects 0 to 1");
}

Test(dropout2d, drops_channels_while_training_only)
{
    char text[20];
    tarn_module *layer = tarn_nn_dropout2d(0.25);
    tarn_tensor *x = tarn_full(tarn_shape(10, 3, 2, 100), 3);
    tarn_tape *tape = tarn_tape_begin();
    const tarn_real *y = tarn_values(tarn_nn_forward(layer, x));
    int zeros = 0;
    for (int i = 0; i < 1000; i++) {
        const tarn_real *at = y + i / 100 * 600 + i % 100;
        zeros += at[0] == 0;
        for (int p = 0; p < 6; p++)
            cr_assert(at[p * 100] == at[0] && (at[0] == 0 || at[0] == 4));
    }
    cr_assert(zeros > 180 && zeros < 320, "%d of 1000 zero", zeros);
    tarn_nn_train(layer, false);
    cr_assert_eq(tarn_nn_forward(layer, x), x);
    layer->type->describe(layer, text, sizeof text);
    cr_assert_str_eq(text, "0.25");
    cr_assert_str_eq(layer->type->name, "Dropout2d");
    tarn_tape_end(tape);
    tarn_free(x);
    tarn_nn_free(layer);
}

Test(dropout2d, wrong_numbers_are_mistakes)
{
    assert_mistake(tarn_nn_dropout2d(-0.1), "nn_dropout2d: p is -0.1, expects 0 to 1");
    assert_mistake(tarn_nn_dropout2d((double)NAN), "nn_dropout2d: p is nan, expects 0 to 1");
}
