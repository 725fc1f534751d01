#include <math.h>

#include "tests/nn/nn_test.h"

Test(stochastic_depth, drops_samples_while_training_only)
{
    tarn_module *layer = tarn_nn_stochastic_depth(0.25);
    tarn_tensor *x = tarn_full(tarn_shape(1000, 2, 3), 3);
    tarn_tape *tape = tarn_tape_begin();
    const tarn_real *y = tarn_values(tarn_nn_forward(layer, x));
    int zeros = 0;
    for (int n = 0; n < 1000; n++) {
        zeros += y[6 * n] == 0;
        for (int i = 0; i < 6; i++)
            cr_assert(y[6 * n + i] == y[6 * n] && (y[6 * n] == 0 || y[6 * n] == 4));
    }
    cr_assert(zeros > 180 && zeros < 320, "%d of 1000 zero", zeros);
    tarn_nn_train(layer, false);
    cr_assert_eq(tarn_nn_forward(layer, x), x);
    tarn_tape_end(tape);
    tarn_free(x);
    tarn_nn_free(layer);
}

/* Residual connections of all shapes, with the probabilities at both ends, and nothing. */
Test(stochastic_depth, all_none_and_nothing)
{
    tarn_tensor *x = tarn_randn(tarn_shape(3, 4)), *none = tarn_zeros(tarn_shape(0, 4));
    tarn_tape *tape = tarn_tape_begin();
    tarn_module *all = tarn_nn_stochastic_depth(1), *kept = tarn_nn_stochastic_depth(0);
    const tarn_tensor *zero = tarn_nn_forward(all, x), *same = tarn_nn_forward(kept, x);
    for (int i = 0; i < 12; i++) {
        cr_assert_eq(tarn_values((tarn_tensor *)zero)[i], 0);
        cr_assert_eq(tarn_values((tarn_tensor *)same)[i], tarn_values(x)[i]);
    }
    cr_assert_eq(tarn_size(tarn_nn_forward(all, none)), 0);
    tarn_tape_end(tape);
    tarn_nn_free(all);
    tarn_nn_free(kept);
    tarn_free(x);
    tarn_free(none);
}

Test(stochastic_depth, mistakes)
{
    tarn_module *layer = tarn_nn_stochastic_depth(0.5);
    tarn_tensor *x = tarn_zeros(tarn_shape());
    tarn_tape *tape = tarn_tape_begin();
    assert_mistake(tarn_nn_forward(layer, x), "nn_stochastic_depth: input (), expects (N,...)");
    tarn_tape_end(tape);
    assert_mistake(tarn_nn_stochastic_depth(-0.1),
                   "nn_stochastic_depth: p is -0.1, expects 0 to 1");
    assert_mistake(tarn_nn_stochastic_depth((double)NAN), "expects 0 to 1");
    tarn_free(x);
    tarn_nn_free(layer);
}
