#include "tests/optim/replay.h"

Test(rprop, equals_pytorch)
{
    assert_replay("rprop", "default", tarn_optim_rprop, .l1 = 0);
    assert_replay("rprop", "options", tarn_optim_rprop, .lr = 0.1, .eta_minus = 0.4,
                  .eta_plus = 1.5, .step_min = 0.01, .step_max = 0.3, .maximize = true);
}

/* PyTorch's steps do not follow the rate. */
Test(rprop, a_schedule_scales_the_steps)
{
    tarn_tensor *w = new_param(1, 0);
    tarn_optim *optimizer = tarn_optim_rprop(tarn_params_of(w), .lr = 0.1, .eta_plus = 2);
    step_with(optimizer, w, 1);
    tarn_optim_set_lr(optimizer, 0.05);
    step_with(optimizer, w, 3);
    assert_close(tarn_item(w), -0.1 - 0.2 / 2);
    tarn_optim_set_lr(optimizer, 0.1);
    step_with(optimizer, w, 0.5);
    assert_close(tarn_item(w), -0.2 - 0.4);
    step_with(optimizer, w, -1); /* waits */
    assert_close(tarn_item(w), -0.6);
    tarn_optim_free(optimizer);
    tarn_free(w);
}

/* As in WebAssembly, where no mode takes them as 0. */
Test(rprop, a_denormal_gradient_has_no_sign)
{
    tarn_tensor *w = new_param(1, 1);
    tarn_optim *optimizer = tarn_optim_rprop(tarn_params_of(w));
    for (int step = 0; step < 3; step++)
        step_with(optimizer, w, sizeof(tarn_real) == sizeof(float) ? 1e-42 : 1e-320);
    cr_assert_eq(tarn_item(w), 1);
    tarn_optim_free(optimizer);
    tarn_free(w);
}

Test(rprop, nan_stays)
{
    tarn_tensor *w = new_param(2, 1);
    tarn_optim *optimizer = tarn_optim_rprop(tarn_params_of(w));
    step_with(optimizer, w, 1);
    set_gradient(w, 1);
    tarn_gradients(w)[0] = (tarn_real)NAN;
    tarn_optim_step(optimizer);
    step_with(optimizer, w, 1);
    cr_assert(isnan(tarn_values(w)[0]) && tarn_values(w)[1] < 1);
    tarn_optim_free(optimizer);
    tarn_free(w);
}

Test(rprop, refuses_bad_options)
{
    tarn_tensor *w = new_param(1, 1);
    const tarn_params list = tarn_params_of(w);
    assert_mistake(tarn_optim_rprop(list, .eta_plus = 1),
                   "optim_rprop: eta_minus is 0.5, eta_plus 1,");
    assert_mistake(tarn_optim_rprop(list, .eta_minus = 0), "optim_rprop: eta_minus is 0,");
    assert_mistake(tarn_optim_rprop(list, .step_min = 60), "steps from 60 to 50, expects ");
    assert_mistake(tarn_optim_rprop(list, .eta_minus = 1), "optim_rprop: eta_minus is 1, expects");
    tarn_free(w);
}
