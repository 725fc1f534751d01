#include "tests/optim/replay.h"

Test(asgd, equals_pytorch)
{
    assert_replay("asgd", "default", tarn_optim_asgd, .l1 = 0);
    assert_replay("asgd", "averaged", tarn_optim_asgd, .lr = 0.1, .lambd = 0.05, .alpha = 0.6,
                  .t0 = 20, .weight_decay = 0.1);
}

/* The averages too, which are swapped in. */
Test(asgd, averages_equal_pytorch)
{
    replay r;
    replay_open(&r, "asgd", "averaged");
    tarn_optim *optimizer = tarn_optim_asgd(r.params, .lr = 0.1, .lambd = 0.05, .alpha = 0.6,
                                            .t0 = 20, .weight_decay = 0.1);
    for (int step = 1; step <= REPLAY_STEPS; step++) {
        tarn_optim_zero_grad(optimizer);
        for (int p = 0; p < REPLAY_PARAMS; p++)
            replay_gradient(&r, p, step);
        tarn_optim_step(optimizer);
    }
    cr_assert(tarn_optim_swap(optimizer));
    for (int p = 0; p < REPLAY_PARAMS; p++) {
        char name[8];
        snprintf(name, sizeof name, "a%d", p);
        const double difference = golden_difference(r.variant, name, tarn_shape_get(r.tensors[p]),
                                                    tarn_values(r.tensors[p]));
        cr_expect(difference <= REPLAY_TOLERANCE, "%s differs by %g", name, difference);
    }
    cr_assert(tarn_optim_swap(optimizer));
    cr_assert(replay_difference(&r, REPLAY_STEPS) <= REPLAY_TOLERANCE);
    tarn_optim_free(optimizer);
    for (int p = 0; p < REPLAY_PARAMS; p++) {
        tarn_free(r.tensors[p]);
        tarn_free(r.gradients[p]);
    }
    golden_close(r.file);
    golden_close(r.inputs);
}

Test(asgd, refuses_bad_options)
{
    tarn_tensor *w = new_param(1, 1);
    assert_mistake(tarn_optim_asgd(tarn_params_of(w), .lambd = -1), "optim_asgd: lambd is -1");
    assert_mistake(tarn_optim_asgd(tarn_params_of(w), .alpha = NAN), "optim_asgd: alpha is ");
    assert_mistake(tarn_optim_asgd(tarn_params_of(w), .t0 = -1), "optim_asgd: t0 is -1");
    tarn_free(w);
}
