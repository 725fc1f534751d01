#include "tests/optim/replay.h"

Test(sgd, equals_pytorch)
{
    assert_replay("sgd", "plain", tarn_optim_sgd, .lr = 0.01);
    assert_replay("sgd", "plain", tarn_optim_sgd, .momentum = 0); /* the default rate is 0.01 */
    assert_replay("sgd", "plain_weight_decay", tarn_optim_sgd, .lr = 0.05, .weight_decay = 0.1);
    assert_replay("sgd", "momentum", tarn_optim_sgd, .lr = 0.01, .momentum = 0.9);
    assert_replay("sgd", "nesterov", tarn_optim_sgd, .lr = 0.01, .momentum = 0.9, .nesterov = true);
    assert_replay("sgd", "nesterov_weight_decay", tarn_optim_sgd, .lr = 0.01, .momentum = 0.9,
                  .nesterov = true, .weight_decay = 0.05);
}

Test(sgd, dampening_and_maximize_equal_pytorch)
{
    assert_replay("sgd", "dampening_maximize", tarn_optim_sgd, .lr = 0.05, .momentum = 0.9,
                  .dampening = 0.5, .weight_decay = 0.05, .maximize = true);
}

Test(sgd, equals_pytorch_when_the_rate_changes)
{
    assert_replay("sgd", "momentum_new_lr", tarn_optim_sgd, .lr = 0.01, .momentum = 0.8);
}

Test(sgd, equals_plain_python)
{
    assert_replay("sgd", "ema", tarn_optim_sgd, .lr = 0.05, .momentum = 0.9, .ema = true);
    assert_replay("sgd", "ema_nesterov", tarn_optim_sgd, .lr = 0.05, .momentum = 0.9, .ema = true,
                  .nesterov = true);
    assert_replay("sgd", "l1", tarn_optim_sgd, .lr = 0.01, .l1 = 0.05);
    assert_replay("sgd", "l1_l2_momentum", tarn_optim_sgd, .lr = 0.01, .momentum = 0.9, .l1 = 0.05,
                  .weight_decay = 0.1);
    assert_replay("sgd", "decoupled_momentum", tarn_optim_sgd, .lr = 0.01, .momentum = 0.9,
                  .weight_decay = 0.1, .decoupled = true);
}

/* Weight after 10 steps with a constant gradient of 3, from 2. */
static double after_ten_steps_with(tarn_optim_sgd_args args)
{
    tarn_tensor *w = new_param(1, 2);
    args.params = tarn_params_of(w);
    tarn_optim *optimizer = tarn_optim_sgd_with(args);
    for (int t = 1; t <= 10; t++)
        step_with(optimizer, w, 3);
    const double after = (double)tarn_item(w);
    tarn_optim_free(optimizer);
    tarn_free(w);
    return after;
}
#define after_ten_steps(...)                                                                       \
    TARN_CALL(after_ten_steps_with, tarn_optim_sgd_args, TARN_OPTIM_SGD_OPTIONS, __VA_ARGS__)

Test(sgd, plain_moves_by_rate_times_gradient)
{
    assert_close(after_ten_steps(.lr = 0.1), 2 - 10 * 0.1 * 3);
}

Test(sgd, momentum_is_a_geometric_series)
{
    /* v after step t: 3 (1 - 0.5^t) / (1 - 0.5); the sum over t = 1..10 of 1 - 0.5^t: */
    const double sum = 10 - (1 - pow(0.5, 10));
    assert_close(after_ten_steps(.lr = 0.1, .momentum = 0.5), 2 - 0.1 * 3 * sum / 0.5);
    assert_close(after_ten_steps(.lr = 0.1, .momentum = 0.5, .ema = true), 2 - 0.1 * 3 * sum);
}

Test(sgd, nesterov_is_one_step_ahead)
{
    /* g + momentum v is the next v while the gradient is constant. */
    const double sum = 10 - 0.5 * (1 - pow(0.5, 10));
    assert_close(after_ten_steps(.lr = 0.1, .momentum = 0.5, .nesterov = true),
                 2 - 0.1 * 3 * sum / 0.5);
}

Test(sgd, ema_form_is_the_sum_form_at_another_rate)
{
    assert_close(after_ten_steps(.lr = 0.1, .momentum = 0.9, .ema = true),
                 after_ten_steps(.lr = 0.01, .momentum = 0.9));
}

Test(sgd, refuses_bad_options)
{
    tarn_tensor *w = new_param(2, 1);
    tarn_params list = tarn_params_of(w);
    assert_mistake(tarn_optim_sgd(list, .momentum = 1),
                   "optim_sgd: momentum is 1, expects a number in [0, 1)");
    assert_mistake(tarn_optim_sgd(list, .momentum = -0.5), "optim_sgd: momentum is -0.5");
    assert_mistake(tarn_optim_sgd(list, .momentum = NAN), "momentum is ");
    assert_mistake(tarn_optim_sgd(list, .nesterov = true),
                   "optim_sgd: nesterov is set, but momentum is 0");
    assert_mistake(tarn_optim_sgd(list, .ema = true), "optim_sgd: ema is set, but momentum is 0");
    assert_mistake(tarn_optim_sgd(list, .dampening = 0.5),
                   "optim_sgd: dampening is set, but momentum is 0");
    assert_mistake(tarn_optim_sgd(list, .momentum = 0.5, .dampening = 2),
                   "optim_sgd: dampening is 2, expects a number in [0, 1]");
    assert_mistake(tarn_optim_sgd(list, .momentum = 0.5, .dampening = 0.5, .nesterov = true),
                   "optim_sgd: dampening is set, and nesterov too, expects one of the two");
    assert_mistake(tarn_optim_sgd(list, .momentum = 0.5, .dampening = 0.5, .ema = true),
                   "optim_sgd: dampening is set, and ema too");
    tarn_free(w);
}
