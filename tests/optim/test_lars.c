#include "tests/optim/replay.h"

Test(lars, equals_the_paper)
{
    assert_replay("lars", "default", tarn_optim_lars, .l1 = 0);
    assert_replay("lars", "vectors", tarn_optim_lars, .lr = 0.5, .momentum = 0.5, .trust = 0.02,
                  .eps = 0.01, .vectors = true, .weight_decay = 0.1);
}

/* Whatever the size of the gradient, a matrix moves by the same part of itself. */
Test(lars, moves_by_a_part_of_the_weights)
{
    const double sizes[] = {1e-6, 1, 1e6};
    for (int i = 0; i < 3; i++) {
        tarn_tensor *w = tarn_requires_grad(tarn_full(tarn_shape(3, 5), 2), true);
        tarn_optim *optimizer = tarn_optim_lars(tarn_params_of(w), .lr = 10, .eps = 1e-20);
        step_with(optimizer, w, sizes[i]);
        assert_close(tarn_values(w)[7], 2 * (1 - 0.01));
        tarn_optim_free(optimizer);
        tarn_free(w);
    }
}

Test(lars, zeros_and_nan)
{
    tarn_tensor *w = tarn_requires_grad(tarn_zeros(tarn_shape(2, 2)), true);
    tarn_optim *optimizer = tarn_optim_lars(tarn_params_of(w), .lr = 0.5, .momentum = 0);
    step_with(optimizer, w, 1); /* weights of 0: as plain descent */
    assert_close(tarn_values(w)[0], -0.5);
    step_with(optimizer, w, 0);
    assert_close(tarn_values(w)[0], -0.5);
    step_with(optimizer, w, NAN);
    cr_assert(isnan(tarn_values(w)[3]));
    tarn_optim_free(optimizer);
    tarn_free(w);
}

Test(lars, refuses_bad_options)
{
    tarn_tensor *w = new_param(1, 1);
    assert_mistake(tarn_optim_lars(tarn_params_of(w), .trust = 0), "optim_lars: trust is 0");
    assert_mistake(tarn_optim_lars(tarn_params_of(w), .momentum = 1), "optim_lars: momentum is 1");
    assert_mistake(tarn_optim_lars(tarn_params_of(w), .eps = -1), "optim_lars: eps is -1");
    tarn_free(w);
}
