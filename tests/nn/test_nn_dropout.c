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
