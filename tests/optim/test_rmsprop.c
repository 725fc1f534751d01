#include "tests/optim/replay.h"

Test(rmsprop, equals_pytorch)
{
    assert_replay("rmsprop", "default", tarn_optim_rmsprop, .l1 = 0); /* all defaults */
    assert_replay("rmsprop", "eps", tarn_optim_rmsprop, .lr = 0.003, .rho = 0.9, .eps = 0.01);
    assert_replay("rmsprop", "centered", tarn_optim_rmsprop, .lr = 0.003, .centered = true);
    assert_replay("rmsprop", "momentum", tarn_optim_rmsprop, .lr = 0.003, .momentum = 0.9);
    assert_replay("rmsprop", "centered_momentum_weight_decay", tarn_optim_rmsprop, .lr = 0.003,
                  .momentum = 0.5, .centered = true, .weight_decay = 0.1);
}

Test(rmsprop, constant_gradient)
{
    /* v = g^2 (1 - rho^t), so a step is lr / sqrt(1 - rho^t) whatever the gradient. */
    tarn_tensor *w = new_param(1, 1);
    tarn_optim *optimizer = tarn_optim_rmsprop(tarn_params_of(w), .lr = 0.01, .rho = 0.5);
    double expected = 1;
    for (int t = 1; t <= 20; t++) {
        step_with(optimizer, w, 7);
        expected -= 0.01 / sqrt(1 - pow(0.5, t));
    }
    cr_assert_float_eq((double)tarn_item(w), expected, 1e-6);
    tarn_optim_free(optimizer);
    tarn_free(w);
}

/* The variance of a constant gradient goes to 0, and rounding takes it below: with the first in
   float, with the second in double. The square of the third is infinite. */
Test(rmsprop, centered_never_gives_nan)
{
    const double gradients[] = {0.3, 0.7, sizeof(tarn_real) == sizeof(float) ? 1e30 : 1e200};
    for (int k = 0; k < 3; k++) {
        tarn_tensor *w = new_param(1, 0);
        tarn_optim *optimizer = tarn_optim_rmsprop(tarn_params_of(w), .centered = true, .rho = 0.5);
        for (int t = 1; t <= 100; t++)
            step_with(optimizer, w, gradients[k]);
        cr_assert(isfinite(tarn_item(w)), "gradient %g", gradients[k]);
        tarn_optim_free(optimizer);
        tarn_free(w);
    }
}

/* A gradient that changes by 1e-5 of itself. Exactly, the largest step is 31 to 32. */
Test(rmsprop, centered_keeps_the_variance_of_a_steady_gradient)
{
    for (double g = 0.01; g <= 100; g *= 100) {
        tarn_tensor *w = new_param(1, 0);
        tarn_optim *optimizer = tarn_optim_rmsprop(tarn_params_of(w), .centered = true, .lr = 1e-3);
        double largest = 0;
        for (int t = 1; t <= 3000; t++) {
            const double before = (double)tarn_item(w);
            step_with(optimizer, w, g * (1 + 1e-5 * ((7 * t + 4) % 11 - 5)));
            largest = larger(largest, fabs((double)tarn_item(w) - before));
        }
        cr_expect_float_eq(largest, 31.5, 1, "gradient %g: the largest step is %g", g, largest);
        tarn_optim_free(optimizer);
        tarn_free(w);
    }
}

Test(rmsprop, refuses_bad_options)
{
    tarn_tensor *w = new_param(2, 1);
    tarn_params list = tarn_params_of(w);
    assert_mistake(tarn_optim_rmsprop(list, .rho = 1.5),
                   "optim_rmsprop: rho is 1.5, expects a number in [0, 1)");
    assert_mistake(tarn_optim_rmsprop(list, .eps = -1), "optim_rmsprop: eps is -1");
    assert_mistake(tarn_optim_rmsprop(list, .momentum = 2), "optim_rmsprop: momentum is 2");
    tarn_free(w);
}
