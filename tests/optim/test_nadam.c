#include "tests/optim/replay.h"

/* PyTorch 1.13 has a mistake here; tests/golden/optim.py holds the plain Python to it but for that.
 */
Test(nadam, equals_plain_python)
{
    assert_replay("nadam", "default", tarn_optim_nadam, .l1 = 0); /* all defaults */
    assert_replay("nadam", "betas_eps_decay", tarn_optim_nadam, .lr = 0.01, .beta1 = 0.8,
                  .beta2 = 0.95, .eps = 0.01, .momentum_decay = 0.1);
    assert_replay("nadam", "weight_decay", tarn_optim_nadam, .lr = 0.01, .weight_decay = 0.1);
    assert_replay("nadam", "decoupled", tarn_optim_nadam, .lr = 0.01, .weight_decay = 0.1,
                  .decoupled = true);
    assert_replay("nadam", "late_new_lr", tarn_optim_nadam, .lr = 0.01);
}

/* m = (1 - beta1) g; v corrected is g^2; the two terms of mhat by hand. */
Test(nadam, first_step)
{
    tarn_tensor *w = new_param(1, 1);
    tarn_optim *optimizer = tarn_optim_nadam(tarn_params_of(w), .lr = 0.1, .beta1 = 0.5,
                                             .eps = 1e-30, .momentum_decay = 1);
    step_with(optimizer, w, 2);
    const double mu1 = 0.5 * (1 - 0.5 * 0.96), mu2 = 0.5 * (1 - 0.5 * 0.96 * 0.96);
    const double mhat = mu2 * 0.5 * 2 / (1 - mu1 * mu2) + (1 - mu1) * 2 / (1 - mu1);
    assert_close(tarn_item(w), 1 - 0.1 * mhat / 2);
    tarn_optim_free(optimizer);
    tarn_free(w);
}

/* A parameter's product is its own, however many pieces it has and whenever it begins. */
Test(nadam, product_is_of_the_parameter)
{
    tarn_tensor *large = new_param(50000, 1), *late = new_param(1, 1), *one = new_param(1, 1);
    tarn_optim *both = tarn_optim_nadam(tarn_params_of(large, late), .lr = 0.01);
    tarn_optim *alone = tarn_optim_nadam(tarn_params_of(one), .lr = 0.01);
    for (int t = 1; t <= 10; t++) {
        step_with(alone, one, t);
        set_gradient(large, t);
        if (t > 5)
            set_gradient(late, t - 5);
        tarn_optim_step(both);
        if (t == 5)
            cr_assert(tarn_item(late) == 1);
    }
    for (int64_t i = 0; i < tarn_size(large); i++)
        assert_close(tarn_values(large)[i], (double)tarn_item(one));
    tarn_optim_free(alone);
    alone = tarn_optim_nadam(tarn_params_of(one), .lr = 0.01);
    tarn_values(one)[0] = 1;
    for (int t = 1; t <= 5; t++)
        step_with(alone, one, t);
    cr_assert(tarn_item(late) == tarn_item(one));
    tarn_optim_free(alone);
    tarn_optim_free(both);
    tarn_free(large);
    tarn_free(late);
    tarn_free(one);
}

Test(nadam, refuses_bad_options)
{
    tarn_tensor *w = new_param(2, 1);
    tarn_params list = tarn_params_of(w);
    assert_mistake(tarn_optim_nadam(list, .beta1 = 1.5),
                   "optim_nadam: beta1 is 1.5, expects a number in [0, 1)");
    assert_mistake(tarn_optim_nadam(list, .beta2 = NAN), "optim_nadam: beta2 is ");
    assert_mistake(tarn_optim_nadam(list, .eps = -1e-8), "optim_nadam: eps is -1e-08");
    assert_mistake(tarn_optim_nadam(list, .momentum_decay = -1),
                   "optim_nadam: momentum_decay is -1, expects a number of at least 0");
    tarn_free(w);
}
