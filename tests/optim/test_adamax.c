#include "tests/optim/replay.h"

Test(adamax, equals_pytorch)
{
    assert_replay("adamax", "default", tarn_optim_adamax, .l1 = 0); /* all defaults */
    assert_replay("adamax", "betas_eps", tarn_optim_adamax, .lr = 0.01, .beta1 = 0.8, .beta2 = 0.9,
                  .eps = 0.01);
    assert_replay("adamax", "weight_decay", tarn_optim_adamax, .lr = 0.01, .weight_decay = 0.1);
    assert_replay("adamax", "late_new_lr", tarn_optim_adamax, .lr = 0.01);
}

Test(adamax, equals_plain_python)
{
    assert_replay("adamax", "decoupled", tarn_optim_adamax, .lr = 0.01, .weight_decay = 0.1,
                  .decoupled = true);
}

Test(adamax, constant_gradient_moves_by_the_rate)
{
    tarn_tensor *w = new_param(1, 1);
    tarn_optim *optimizer = tarn_optim_adamax(tarn_params_of(w), .lr = 0.01, .eps = 0.5);
    for (int t = 1; t <= 30; t++)
        step_with(optimizer, w, -2);
    assert_close(tarn_item(w), 1 + 30 * 0.01 * 2 / (2 + 0.5));
    tarn_optim_free(optimizer);
    tarn_free(w);
}

Test(adamax, nan_shows)
{
    tarn_tensor *w = new_param(1, 1);
    tarn_optim *optimizer = tarn_optim_adamax(tarn_params_of(w));
    step_with(optimizer, w, 1);
    step_with(optimizer, w, NAN);
    cr_assert(isnan((double)tarn_item(w)));
    cr_assert(isnan((double)optimizer->params[0].state[1][0]));
    tarn_optim_free(optimizer);
    tarn_free(w);
}

Test(adamax, refuses_bad_options)
{
    tarn_tensor *w = new_param(2, 1);
    tarn_params list = tarn_params_of(w);
    assert_mistake(tarn_optim_adamax(list, .beta1 = 1.5),
                   "optim_adamax: beta1 is 1.5, expects a number in [0, 1)");
    assert_mistake(tarn_optim_adamax(list, .beta2 = NAN), "optim_adamax: beta2 is ");
    assert_mistake(tarn_optim_adamax(list, .eps = -1e-8), "optim_adamax: eps is -1e-08");
    assert_mistake(tarn_optim_adamax(list, .lr = INFINITY), "optim_adamax: lr is inf");
    tarn_free(w);
}
