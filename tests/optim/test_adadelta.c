#include "tests/optim/replay.h"

Test(adadelta, equals_pytorch)
{
    assert_replay("adadelta", "default", tarn_optim_adadelta, .l1 = 0); /* all defaults */
    assert_replay("adadelta", "rho_eps", tarn_optim_adadelta, .lr = 0.5, .rho = 0.95, .eps = 1e-4);
    assert_replay("adadelta", "weight_decay", tarn_optim_adadelta, .weight_decay = 0.1);
}

Test(adadelta, first_step)
{
    tarn_tensor *w = new_param(1, 1);
    tarn_optim *optimizer =
        tarn_optim_adadelta(tarn_params_of(w), .lr = 2, .rho = 0.75, .eps = 0.01);
    step_with(optimizer, w, 3);
    assert_close(tarn_item(w), 1 - 2 * sqrt(0.01) / sqrt(0.25 * 9 + 0.01) * 3);
    tarn_optim_free(optimizer);
    tarn_free(w);
}

/* With rho and eps small against g, v = g^2 and u = d^2 nearly: each step repeats the one before
   and adds a little, sqrt(d^2 + eps). So after t steps d^2 = t eps. */
Test(adadelta, short_memory_grows_like_root_of_t)
{
    tarn_tensor *w = new_param(1, 0);
    tarn_optim *optimizer = tarn_optim_adadelta(tarn_params_of(w), .rho = 1e-9, .eps = 1e-4);
    double expected = 0;
    for (int t = 1; t <= 10; t++) {
        step_with(optimizer, w, 1000);
        expected -= sqrt(1e-4 * t);
    }
    cr_assert_float_eq((double)tarn_item(w), expected, 1e-6);
    tarn_optim_free(optimizer);
    tarn_free(w);
}

Test(adadelta, refuses_bad_options)
{
    tarn_tensor *w = new_param(2, 1);
    tarn_params list = tarn_params_of(w);
    assert_mistake(tarn_optim_adadelta(list, .rho = -0.1),
                   "optim_adadelta: rho is -0.1, expects a number in [0, 1)");
    assert_mistake(tarn_optim_adadelta(list, .eps = NAN), "optim_adadelta: eps is ");
    tarn_free(w);
}
