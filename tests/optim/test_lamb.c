#include "tests/optim/replay.h"

Test(lamb, equals_the_paper)
{
    assert_replay("lamb", "default", tarn_optim_lamb, .l1 = 0);
    assert_replay("lamb", "options", tarn_optim_lamb, .lr = 0.01, .beta1 = 0.8, .beta2 = 0.95,
                  .eps = 1e-3, .weight_decay = 0.1);
}

/* The first step is the rate times the norm of the weights long. */
Test(lamb, moves_by_a_part_of_the_weights)
{
    tarn_tensor *w = tarn_requires_grad(tarn_full(tarn_shape(3, 5), 2), true);
    tarn_optim *optimizer = tarn_optim_lamb(tarn_params_of(w), .lr = 0.25, .eps = 1e-12);
    step_with(optimizer, w, -7);
    for (int i = 0; i < 15; i++)
        assert_close(tarn_values(w)[i], 2.5);
    tarn_optim_free(optimizer);
    tarn_free(w);
}

Test(lamb, refuses_bad_options)
{
    tarn_tensor *w = new_param(1, 1);
    assert_mistake(tarn_optim_lamb(tarn_params_of(w), .beta1 = 1), "optim_lamb: beta1 is 1");
    assert_mistake(tarn_optim_lamb(tarn_params_of(w), .eps = 0), "optim_lamb: eps is 0");
    tarn_free(w);
}
