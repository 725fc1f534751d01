#include "tests/optim/replay.h"

Test(adagrad, equals_pytorch)
{
    assert_replay("adagrad", "default", tarn_optim_adagrad, .l1 = 0); /* all defaults */
    assert_replay("adagrad", "eps", tarn_optim_adagrad, .lr = 0.1, .eps = 0.01);
    assert_replay("adagrad", "decay_initial_late", tarn_optim_adagrad, .lr = 0.1, .lr_decay = 0.05,
                  .initial_accumulator = 0.25);
    assert_replay("adagrad", "weight_decay", tarn_optim_adagrad, .lr = 0.1, .weight_decay = 0.1);
}

Test(adagrad, constant_gradient_moves_by_one_over_root_of_t)
{
    tarn_tensor *w = new_param(3, 1);
    tarn_optim *optimizer = tarn_optim_adagrad(tarn_params_of(w), .lr = 0.1);
    double expected = 1;
    for (int t = 1; t <= 20; t++) {
        step_with(optimizer, w, -4);
        expected += 0.1 / sqrt(t); /* the gradient's size cancels, eps does not show */
    }
    for (int i = 0; i < 3; i++)
        cr_assert_float_eq((double)tarn_values(w)[i], expected, 1e-5 * expected);
    tarn_optim_free(optimizer);
    tarn_free(w);
}

Test(adagrad, no_gradient_no_move)
{
    tarn_tensor *w = new_param(1, 1);
    tarn_optim *optimizer = tarn_optim_adagrad(tarn_params_of(w));
    step_with(optimizer, w, 0); /* 0 / (sqrt(0) + eps) */
    cr_assert(tarn_item(w) == 1);
    tarn_optim_free(optimizer);
    tarn_free(w);
}

Test(adagrad, refuses_bad_options)
{
    tarn_tensor *w = new_param(2, 1);
    tarn_params list = tarn_params_of(w);
    assert_mistake(tarn_optim_adagrad(list, .eps = -1e-3),
                   "optim_adagrad: eps is -0.001, expects a number above 0 in the range of a ");
    assert_mistake(tarn_optim_adagrad(list, .eps = INFINITY), "optim_adagrad: eps is inf");
    assert_mistake(tarn_optim_adagrad(list, .lr_decay = -1), "optim_adagrad: lr_decay is -1");
    assert_mistake(tarn_optim_adagrad(list, .initial_accumulator = NAN),
                   "optim_adagrad: initial_accumulator is ");
    assert_mistake(tarn_optim_adagrad(list, .lr = -1), "optim_adagrad: lr is -1");
    if (sizeof(tarn_real) == sizeof(float)) /* it would become 0, and 0 / 0 NaN */
        assert_mistake(tarn_optim_adagrad(list, .eps = 1e-60), "in the range of a float");
    tarn_free(w);
}
