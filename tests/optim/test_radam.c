#include "tests/optim/replay.h"

Test(radam, equals_pytorch)
{
    assert_replay("radam", "default", tarn_optim_radam, .l1 = 0); /* all defaults */
    assert_replay("radam", "betas_eps", tarn_optim_radam, .lr = 0.01, .beta1 = 0.8, .beta2 = 0.95,
                  .eps = 0.01);
    assert_replay("radam", "never_trusted", tarn_optim_radam, .lr = 0.01, .beta2 = 0.5);
    assert_replay("radam", "weight_decay", tarn_optim_radam, .lr = 0.01, .weight_decay = 0.1);
    assert_replay("radam", "late_new_lr", tarn_optim_radam, .lr = 0.01);
}

Test(radam, equals_plain_python)
{
    assert_replay("radam", "decoupled", tarn_optim_radam, .lr = 0.01, .weight_decay = 0.1,
                  .decoupled = true);
}

/* Five steps of momentum, which know the size of the gradient; then one of Adam, much smaller. */
Test(radam, first_steps_are_momentum)
{
    tarn_tensor *w = new_param(1, 1);
    tarn_optim *optimizer = tarn_optim_radam(tarn_params_of(w), .lr = 0.01, .eps = 1e-30);
    for (int t = 1; t <= 5; t++)
        step_with(optimizer, w, -4);
    assert_close(tarn_item(w), 1 + 5 * 0.01 * 4);
    step_with(optimizer, w, -4);
    assert_close(tarn_item(w), 1.2 + 0.01 * 0.02582111280185855);
    tarn_optim_free(optimizer);
    tarn_free(w);
}

/* The square of the gradient is infinite, but the first steps do not look at it. */
Test(radam, first_steps_take_any_size)
{
    const double g = sizeof(tarn_real) == sizeof(float) ? 1e25 : 1e200;
    tarn_tensor *w = new_param(1, 0);
    tarn_optim *optimizer = tarn_optim_radam(tarn_params_of(w), .lr = 1);
    for (int t = 1; t <= 5; t++) {
        step_with(optimizer, w, g);
        assert_close((double)tarn_item(w) / g, -t);
    }
    const tarn_real before = tarn_item(w);
    step_with(optimizer, w, g);
    cr_assert(tarn_item(w) == before);
    tarn_optim_free(optimizer);
    tarn_free(w);
}

Test(radam, refuses_bad_options)
{
    tarn_tensor *w = new_param(2, 1);
    tarn_params list = tarn_params_of(w);
    assert_mistake(tarn_optim_radam(list, .beta1 = 1.5),
                   "optim_radam: beta1 is 1.5, expects a number in [0, 1)");
    assert_mistake(tarn_optim_radam(list, .beta2 = NAN), "optim_radam: beta2 is ");
    assert_mistake(tarn_optim_radam(list, .eps = -1e-8), "optim_radam: eps is -1e-08");
    tarn_free(w);
}
