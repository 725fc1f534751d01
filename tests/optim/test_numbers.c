/* Numbers of the rule after its making: those of groups, and new ones for all. */
#include "optim/rule.h"
#include "tests/optim/replay.h"

static void assert_as_pytorch(replay *r, tarn_optim *optimizer)
{
    const double difference = replay_run(r, optimizer);
    cr_assert(difference <= REPLAY_TOLERANCE, "differs by %g", difference);
}

Test(numbers, groups_equal_pytorch)
{
    replay r;
    replay_open(&r, "sgd", "group_momenta");
    tarn_optim *sgd = tarn_optim_sgd(r.params, .lr = 0.01, .momentum = 0.9);
    tarn_optim_group_of(sgd, tarn_params_of(r.tensors[1]), .options = "momentum=0.5");
    tarn_optim_group_of(sgd, tarn_params_of(r.tensors[2]), .options = "momentum=0.95");
    assert_as_pytorch(&r, sgd);

    replay_open(&r, "adam", "group_betas");
    tarn_optim *adam = tarn_optim_adam(r.params, .lr = 0.01);
    tarn_optim_group_of(adam, tarn_params_of(r.tensors[1]), .options = "beta1=0.5,beta2=0.9");
    tarn_optim_group_of(adam, tarn_params_of(r.tensors[2]), .options = "eps=0.01");
    assert_as_pytorch(&r, adam);
}

Test(numbers, a_later_group_replaces_an_earlier)
{
    tarn_tensor *a = new_param(1, 1), *b = new_param(1, 1);
    tarn_optim *grouped = tarn_optim_adam(tarn_params_of(a), .lr = 0.1);
    tarn_optim *plain = tarn_optim_adam(tarn_params_of(b), .lr = 0.1);
    for (int i = 0; i < 5; i++) /* those that are replaced are freed */
        cr_assert_eq(
            tarn_optim_group_of(grouped, tarn_params_of(a), .options = "beta1=0.5,eps=0.1"), 1);
    cr_assert_leq(grouped->group_count, 2);
    tarn_optim_group_of(grouped, tarn_params_of(a), .lr_scale = 1);
    for (int t = 0; t < 3; t++) {
        step_with(grouped, a, t - 0.5);
        step_with(plain, b, t - 0.5);
    }
    cr_assert(tarn_item(a) == tarn_item(b));
    tarn_optim_free(grouped);
    tarn_optim_free(plain);
    tarn_free(a);
    tarn_free(b);
}

/* v after two steps with a gradient of 1. */
Test(numbers, set_for_all)
{
    tarn_tensor *a = new_param(1, 0), *b = new_param(1, 0);
    tarn_optim *optimizer = tarn_optim_sgd(tarn_params_of(a, b), .lr = 1, .momentum = 0.5);
    tarn_optim_group_of(optimizer, tarn_params_of(b), .options = "momentum=0.75");
    set_gradient(a, 1);
    step_with(optimizer, b, 1);
    tarn_optim_step(optimizer);
    assert_close(tarn_item(a), -1 - 1.5);
    assert_close(tarn_item(b), -1 - 1.75);
    cr_assert(tarn_optim_set(optimizer, "momentum", 0.25));
    cr_assert(tarn_optim_get(optimizer, "momentum") == 0.25);
    tarn_optim_step(optimizer);
    assert_close(tarn_item(a), -2.5 - (1 + 0.25 * 1.5));
    assert_close(tarn_item(b), -2.75 - (1 + 0.25 * 1.75));
    cr_assert(isnan(tarn_optim_get(optimizer, "lr")));
    tarn_optim_free(optimizer);
    tarn_free(a);
    tarn_free(b);
}

Test(numbers, refuses_what_there_is_not)
{
    tarn_tensor *w = new_param(1, 1);
    const tarn_params list = tarn_params_of(w);
    tarn_optim *plain = tarn_optim_sgd(list), *moving = tarn_optim_sgd(list, .momentum = 0.5);
    assert_mistake(tarn_optim_set(plain, "momentum", 0.5),
                   "optim_set: a number needs 1 arrays of state, expects one for the 0");
    cr_assert(tarn_optim_get(plain, "momentum") == 0);
    assert_mistake(tarn_optim_set(moving, "momentum", 0), "optim_set: a number needs 0 arrays");
    assert_mistake(tarn_optim_set(moving, "momentum", 1),
                   "optim_set: momentum is 1, expects a number in [0, 1)");
    assert_mistake(tarn_optim_set(moving, "beta1", 0.5), "optim_set: sgd has no number beta1");
    assert_mistake(tarn_optim_set(moving, "lr", 0.5), "optim_set: sgd has no number lr");
    assert_mistake(tarn_optim_set(moving, "nesterov", 1), "optim_set: sgd has no number nesterov");
    assert_mistake(tarn_optim_set(moving, NULL, 1), "optim_set: the name is NULL");
    cr_assert(tarn_optim_get(moving, "momentum") == 0.5);

    assert_mistake(tarn_optim_group_of(moving, list, .options = "momentum=2"),
                   "optim_group_of: sgd: momentum is \"2\", expects a number in [0, 1)");
    assert_mistake(tarn_optim_group_of(moving, list, .options = "lr=2"),
                   "optim_group_of: lr cannot be set by text for a group");
    assert_mistake(tarn_optim_group_of(moving, list, .options = "nesterov=true"),
                   "optim_group_of: nesterov cannot be set by text for a group");
    assert_mistake(tarn_optim_group_of(plain, list, .options = "momentum=0.5"),
                   "optim_group_of: a number needs 1 arrays of state");
    tarn_optim_free(plain);
    tarn_optim_free(moving);
    tarn_free(w);
}
