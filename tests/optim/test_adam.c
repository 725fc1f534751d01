#include "tests/optim/replay.h"

Test(adam, equals_pytorch)
{
    assert_replay("adam", "default", tarn_optim_adam, .l1 = 0); /* all defaults */
    assert_replay("adam", "betas_eps", tarn_optim_adam, .lr = 0.01, .beta1 = 0.8, .beta2 = 0.95,
                  .eps = 0.01);
    assert_replay("adam", "weight_decay", tarn_optim_adam, .lr = 0.01, .weight_decay = 0.1);
}

Test(adam, equals_pytorch_when_the_rate_changes)
{
    assert_replay("adam", "new_lr", tarn_optim_adam, .lr = 0.01);
}

Test(adam, equals_pytorch_when_a_gradient_comes_late)
{
    assert_replay("adam", "late", tarn_optim_adam, .lr = 0.01);
}

Test(adam, equals_plain_python)
{
    assert_replay("adam", "no_bias_correction", tarn_optim_adam, .lr = 0.01,
                  .bias_correction = false);
    assert_replay("adam", "l1", tarn_optim_adam, .lr = 0.01, .l1 = 0.05);
}

Test(amsgrad, equals_pytorch)
{
    assert_replay("adam", "amsgrad", tarn_optim_adam, .lr = 0.01, .amsgrad = true);
    assert_replay("adam", "amsgrad_betas_weight_decay", tarn_optim_adam, .lr = 0.01, .beta1 = 0.8,
                  .beta2 = 0.9, .eps = 0.01, .weight_decay = 0.1, .amsgrad = true);
    assert_replay("adam", "adamw_amsgrad", tarn_optim_adamw, .lr = 0.01, .beta2 = 0.9,
                  .amsgrad = true);
}

Test(amsgrad, equals_plain_python)
{
    assert_replay("adam", "amsgrad_no_bias_correction", tarn_optim_adam, .lr = 0.01, .beta2 = 0.9,
                  .bias_correction = false, .amsgrad = true);
}

/* After a large gradient, Adam forgets it and amsgrad does not. */
Test(amsgrad, rate_does_not_grow_again)
{
    tarn_tensor *a = new_param(1, 0), *b = new_param(1, 0);
    tarn_optim *adam = tarn_optim_adam(tarn_params_of(a), .lr = 0.01, .beta2 = 0.5, .eps = 1e-30);
    tarn_optim *amsgrad =
        tarn_optim_adam(tarn_params_of(b), .lr = 0.01, .beta2 = 0.5, .eps = 1e-30, .amsgrad = true);
    for (int t = 0; t < 500; t++) {
        step_with(adam, a, t == 0 ? -1000 : -1);
        step_with(amsgrad, b, t == 0 ? -1000 : -1);
    }
    const double before_a = (double)tarn_item(a), before_b = (double)tarn_item(b);
    step_with(adam, a, -1);
    step_with(amsgrad, b, -1);
    assert_close((double)tarn_item(a) - before_a, 0.01);
    assert_close((double)tarn_item(b) - before_b, 0.01 / (1000 * sqrt(0.5)));
    tarn_optim_free(adam);
    tarn_optim_free(amsgrad);
    tarn_free(a);
    tarn_free(b);
}

Test(adamw, equals_pytorch)
{
    assert_replay("adam", "adamw", tarn_optim_adamw, .l1 = 0); /* all defaults */
    assert_replay("adam", "adamw_weight_decay", tarn_optim_adamw, .lr = 0.01, .weight_decay = 0.2);
    assert_replay("adam", "adamw_weight_decay", tarn_optim_adam, .lr = 0.01, .weight_decay = 0.2,
                  .decoupled = true);
}

Test(adam, constant_gradient_moves_by_the_rate)
{
    /* mhat = g and vhat = g^2 in every step. */
    tarn_tensor *w = new_param(1, 1);
    tarn_optim *optimizer = tarn_optim_adam(tarn_params_of(w), .lr = 0.01, .eps = 0.5);
    for (int t = 1; t <= 30; t++)
        step_with(optimizer, w, -2);
    assert_close(tarn_item(w), 1 + 30 * 0.01 * 2 / (2 + 0.5));
    tarn_optim_free(optimizer);
    tarn_free(w);
}

Test(adam, first_step_without_bias_correction)
{
    tarn_tensor *w = new_param(1, 1);
    tarn_optim *optimizer = tarn_optim_adam(tarn_params_of(w), .lr = 0.01, .beta1 = 0.5,
                                            .beta2 = 0.75, .bias_correction = false);
    step_with(optimizer, w, 2);
    assert_close(tarn_item(w), 1 - 0.01 * (0.5 * 2) / (sqrt(0.25 * 4) + 1e-8));
    tarn_optim_free(optimizer);
    tarn_free(w);
}

Test(adamw, decays_where_the_gradient_is_zero)
{
    tarn_tensor *w = new_param(1, 4);
    tarn_optim *optimizer = tarn_optim_adamw(tarn_params_of(w), .lr = 0.1, .weight_decay = 0.5);
    step_with(optimizer, w, 0);
    step_with(optimizer, w, 0);
    assert_close(tarn_item(w), 4 * 0.95 * 0.95);
    tarn_optim_free(optimizer);
    tarn_free(w);
}

Test(adam, refuses_bad_options)
{
    tarn_tensor *w = new_param(2, 1);
    tarn_params list = tarn_params_of(w);
    assert_mistake(tarn_optim_adam(list, .beta1 = 1.5),
                   "optim_adam: beta1 is 1.5, expects a number in [0, 1)");
    assert_mistake(tarn_optim_adam(list, .beta2 = 1), "optim_adam: beta2 is 1,");
    assert_mistake(tarn_optim_adam(list, .beta2 = NAN), "optim_adam: beta2 is ");
    assert_mistake(tarn_optim_adam(list, .eps = -1e-8), "optim_adam: eps is -1e-08");
    assert_mistake(tarn_optim_adamw(list, .beta1 = -1), "optim_adamw: beta1 is -1");
    assert_mistake(tarn_optim_adamw(list, .weight_decay = -1), "optim_adamw: weight_decay is -1");
    tarn_free(w);
}

/* In the paper the decay follows the schedule, whatever the rate. */
Test(adam, independent_decay_and_maximize)
{
    assert_replay("adam", "adamw_independent", tarn_optim_adamw, .lr = 0.01, .weight_decay = 0.002,
                  .independent = true);
    assert_replay("adam", "adamw_independent", tarn_optim_adam, .lr = 0.01, .weight_decay = 0.002,
                  .decoupled = true, .independent = true);
    assert_replay("adam", "adamw_maximize", tarn_optim_adamw, .lr = 0.01, .weight_decay = 0.2,
                  .maximize = true);
}

/* The control: Adam once more, right, and with mistakes that were seen in other libraries. What the
   replays assert has to tell them apart. */
typedef enum flaw { NONE, COUNTS_EACH_PARAMETER, EPS_IN_THE_ROOT, EPS_BEFORE_CORRECTION } flaw;

typedef struct own_adam {
    tarn_optim base;
    flaw has;
} own_adam;

static int64_t updates;

static void own_update(const tarn_optim *base, const tarn_optim_piece *piece)
{
    const flaw has = ((const own_adam *)base)->has;
    updates++;
    const double t = (double)(has == COUNTS_EACH_PARAMETER ? updates : piece->step);
    const double correction1 = 1 - pow(0.9, t), correction2 = 1 - pow(0.999, t), eps = 1e-8;
    for (int64_t i = 0; i < piece->count; i++) {
        const double g = (double)piece->gradients[i];
        tarn_real *m = &piece->state[0][i], *v = &piece->state[1][i];
        *m = (tarn_real)(0.9 * (double)*m + 0.1 * g);
        *v = (tarn_real)(0.999 * (double)*v + (1 - 0.999) * g * g);
        const double vhat = (double)*v / correction2;
        double root = sqrt(vhat) + eps;
        if (has == EPS_IN_THE_ROOT)
            root = sqrt(vhat + eps);
        if (has == EPS_BEFORE_CORRECTION)
            root = (sqrt((double)*v) + eps) / sqrt(correction2);
        piece->weights[i] -= (tarn_real)(base->lr * (double)*m / correction1 / root);
    }
}

static const tarn_optim_rule own_rule = {.name = "own_adam", .update = own_update};

static double difference_with(flaw has)
{
    replay run;
    replay_open(&run, "adam", "default");
    own_adam *optimizer = tarn_optim_new(&own_rule, sizeof *optimizer, 2,
                                         (tarn_optim_common){.params = run.params, .lr = 1e-3});
    cr_assert(optimizer);
    optimizer->has = has;
    updates = 0;
    return replay_run(&run, &optimizer->base);
}

Test(adam, replay_catches_a_wrong_optimizer)
{
    cr_assert_leq(difference_with(NONE), REPLAY_TOLERANCE);
    cr_assert_gt(difference_with(COUNTS_EACH_PARAMETER), 100 * REPLAY_TOLERANCE);
    /* eps is 1e-8: where it stands shows in double only. */
    if (sizeof(tarn_real) == sizeof(double)) {
        cr_assert_gt(difference_with(EPS_IN_THE_ROOT), 100 * REPLAY_TOLERANCE);
        cr_assert_gt(difference_with(EPS_BEFORE_CORRECTION), 100 * REPLAY_TOLERANCE);
    }
}
