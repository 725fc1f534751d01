#include "tests/optim/replay.h"

/* The rule as the paper's authors published it, in plain Python. */
Test(lion, equals_plain_python)
{
    assert_replay("lion", "default", tarn_optim_lion, .l1 = 0); /* all defaults */
    assert_replay("lion", "betas", tarn_optim_lion, .lr = 0.01, .beta1 = 0.5, .beta2 = 0.75);
    assert_replay("lion", "weight_decay", tarn_optim_lion, .lr = 0.01, .weight_decay = 0.5);
    assert_replay("lion", "l1", tarn_optim_lion, .lr = 0.01, .l1 = 0.05);
    assert_replay("lion", "late_new_lr", tarn_optim_lion, .lr = 0.01);
}

Test(lion, only_signs_count)
{
    const double gradients[] = {-1e-3, 1000, 0};
    for (int i = 0; i < 3; i++) {
        tarn_tensor *w = new_param(1, 1);
        tarn_optim *optimizer = tarn_optim_lion(tarn_params_of(w), .lr = 0.25);
        step_with(optimizer, w, gradients[i]);
        cr_assert((double)tarn_item(w) == 1 - 0.25 * ((gradients[i] > 0) - (gradients[i] < 0)));
        tarn_optim_free(optimizer);
        tarn_free(w);
    }
}

Test(lion, decay_of_a_group_is_decoupled)
{
    tarn_tensor *w = new_param(1, 4);
    tarn_optim *optimizer = tarn_optim_lion(tarn_params_of(w), .lr = 0.1);
    tarn_optim_group_of(optimizer, tarn_params_of(w), .weight_decay = 0.5);
    step_with(optimizer, w, 0);
    assert_close(tarn_item(w), 4 * 0.95);
    tarn_optim_free(optimizer);
    tarn_free(w);
}

Test(lion, nan_shows)
{
    tarn_tensor *w = new_param(1, 1);
    tarn_optim *optimizer = tarn_optim_lion(tarn_params_of(w));
    step_with(optimizer, w, NAN);
    cr_assert(isnan((double)tarn_item(w)));
    tarn_optim_free(optimizer);
    tarn_free(w);
}

Test(lion, refuses_bad_options)
{
    tarn_tensor *w = new_param(2, 1);
    tarn_params list = tarn_params_of(w);
    assert_mistake(tarn_optim_lion(list, .beta1 = 1.5),
                   "optim_lion: beta1 is 1.5, expects a number in [0, 1)");
    assert_mistake(tarn_optim_lion(list, .beta2 = NAN), "optim_lion: beta2 is ");
    assert_mistake(tarn_optim_lion(list, .lr = -1), "optim_lion: lr is -1");
    tarn_free(w);
}
