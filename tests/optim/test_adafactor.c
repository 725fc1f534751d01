#include "optim/rule.h"
#include "tests/optim/replay.h"

Test(adafactor, equals_pytorch)
{
    assert_replay("adafactor", "default", tarn_optim_adafactor, .l1 = 0);
    assert_replay("adafactor", "options", tarn_optim_adafactor, .lr = 0.2, .beta2_decay = -0.5,
                  .eps1 = 0.01, .eps2 = 0.1, .clip = 1.5, .weight_decay = 0.1, .maximize = true);
}

/* A kernel is the matrix of its dimensions but the last, and the last. */
Test(adafactor, a_kernel_is_a_matrix)
{
    tarn_seed(1);
    tarn_tensor *start = tarn_randn(tarn_shape(12, 5)), *g = tarn_randn(tarn_shape(12, 5));
    tarn_tensor *w[2];
    for (int k = 0; k < 2; k++) {
        const tarn_shape shape = k == 0 ? tarn_shape(12, 5) : tarn_shape(2, 3, 2, 5);
        w[k] = tarn_requires_grad(tarn_from_array(shape, tarn_values(start)), true);
        tarn_optim *optimizer = tarn_optim_adafactor(tarn_params_of(w[k]), .l1 = 0.01);
        for (int t = 0; t < 4; t++) {
            set_gradient(w[k], 0);
            memcpy(tarn_gradients(w[k]), tarn_values(g), 60 * sizeof(tarn_real));
            tarn_optim_step(optimizer);
        }
        cr_assert_eq(tarn_optim_state_bytes(optimizer), 0);
        int count = 0;
        optimizer->rule->numbers(optimizer, &count);
        cr_assert_eq(count, 12 + 5);
        tarn_optim_free(optimizer);
    }
    cr_assert_arr_eq(tarn_values(w[0]), tarn_values(w[1]), 60 * sizeof(tarn_real));
    cr_assert(tarn_values(w[0])[0] != tarn_values(start)[0]);
    tarn_free(w[0]);
    tarn_free(w[1]);
    tarn_free(start);
    tarn_free(g);
}

Test(adafactor, zeros_nan_and_empty)
{
    tarn_tensor *w = tarn_requires_grad(tarn_full(tarn_shape(2, 2), 1), true);
    tarn_tensor *empty = tarn_requires_grad(tarn_zeros(tarn_shape(0, 3)), true);
    tarn_optim *optimizer = tarn_optim_adafactor(tarn_params_of(empty, w));
    tarn_op_gradient(empty);
    step_with(optimizer, w, 0);
    cr_assert(tarn_values(w)[0] == 1);
    step_with(optimizer, w, 1);
    cr_assert(tarn_values(w)[0] < 1);
    step_with(optimizer, w, NAN);
    cr_assert(isnan(tarn_values(w)[0]));
    tarn_optim_free(optimizer);
    tarn_free(w);
    tarn_free(empty);
}

Test(adafactor, refuses_bad_options)
{
    tarn_tensor *w = new_param(1, 1);
    const tarn_params list = tarn_params_of(w);
    assert_mistake(tarn_optim_adafactor(list, .beta2_decay = 0.5),
                   "optim_adafactor: beta2_decay is 0.5, expects a number of at most 0");
    assert_mistake(tarn_optim_adafactor(list, .beta2_decay = NAN),
                   "optim_adafactor: beta2_decay is");
    assert_mistake(tarn_optim_adafactor(list, .clip = 0), "optim_adafactor: clip is 0");
    assert_mistake(tarn_optim_adafactor(list, .eps1 = 0), "optim_adafactor: eps1 is 0");
    tarn_free(w);
}
