#include "tests/optim/replay.h"

Test(schedule_free_adamw, equals_the_authors_code)
{
    assert_replay("schedule_free_adamw", "default", tarn_optim_schedule_free_adamw, .l1 = 0);
    assert_replay("schedule_free_adamw", "options", tarn_optim_schedule_free_adamw, .lr = 0.02,
                  .beta1 = 0.8, .beta2 = 0.9, .eps = 1e-3, .weight_decay = 0.1);
}

/* At a constant rate x is the mean of the points z; the weights lie between z and x. */
Test(schedule_free_adamw, swaps_in_the_mean_of_its_points)
{
    tarn_tensor *w = new_param(3, 2), *z = new_param(3, 2);
    tarn_optim *free = tarn_optim_schedule_free_adamw(tarn_params_of(w), .lr = 0.1, .beta1 = 0.5);
    tarn_optim *plain = tarn_optim_schedule_free_adamw(tarn_params_of(z), .lr = 0.1, .beta1 = 0);
    double sum = 0;
    for (int t = 1; t <= 20; t++) {
        step_with(free, w, t % 3 - 0.5);
        step_with(plain, z, t % 3 - 0.5); /* without a part of x, the weights are z */
        sum += (double)tarn_values(z)[0];
    }
    const double mean = sum / 20, between = (mean + (double)tarn_values(z)[0]) / 2;
    assert_close(tarn_values(w)[0], between);
    cr_assert(tarn_optim_swap(free));
    assert_close(tarn_values(w)[0], mean);
    cr_assert(tarn_optim_swap(free));
    assert_close(tarn_values(w)[0], between);
    tarn_optim_free(free);
    tarn_optim_free(plain);
    tarn_free(w);
    tarn_free(z);
}

/* A rate of 0 first, as of a warm-up that starts there. */
Test(schedule_free_adamw, warms_up_from_zero)
{
    tarn_tensor *w = new_param(1, 2);
    tarn_optim *optimizer = tarn_optim_schedule_free_adamw(tarn_params_of(w), .lr = 0);
    step_with(optimizer, w, 1);
    cr_assert(tarn_item(w) == 2);
    tarn_optim_set_lr(optimizer, 0.1);
    step_with(optimizer, w, 1);
    cr_assert(tarn_item(w) < 2 && isfinite(tarn_item(w)));
    tarn_optim_free(optimizer);
    tarn_free(w);
}

Test(schedule_free_adamw, refuses_bad_options)
{
    tarn_tensor *w = new_param(1, 1);
    assert_mistake(tarn_optim_schedule_free_adamw(tarn_params_of(w), .beta1 = 1),
                   "optim_schedule_free_adamw: beta1 is 1, expects a number in [0, 1)");
    tarn_free(w);
}
