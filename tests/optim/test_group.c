#include "tests/optim/replay.h"

static const char *names[] = {"0.conv.weight", "0.conv.bias", "1.weight"};

/* Opens a golden run whose three parameters have these names. */
static void open_named(replay *r, const char *optimizer, const char *variant)
{
    replay_open(r, optimizer, variant);
    r->params.names = names;
}

static void assert_as_pytorch(replay *r, tarn_optim *optimizer)
{
    const double difference = replay_run(r, optimizer);
    cr_assert(difference <= REPLAY_TOLERANCE, "differs by %g", difference);
}

Test(group, sgd_equals_pytorch)
{
    replay r;
    open_named(&r, "sgd", "groups");
    tarn_optim *optimizer =
        tarn_optim_sgd(r.params, .lr = 0.01, .momentum = 0.9, .weight_decay = 0.1);
    cr_assert_eq(tarn_optim_group(optimizer, "0.*.weight", .lr_scale = 0.2), 1);
    cr_assert_eq(tarn_optim_group(optimizer, "*.bias", .lr_scale = 3, .weight_decay = 0), 1);
    cr_assert_eq(tarn_optim_group(optimizer, "[1-9].*", .weight_decay = 0.05), 1);
    assert_as_pytorch(&r, optimizer);
}

Test(group, adamw_equals_pytorch)
{
    replay r;
    open_named(&r, "adam", "adamw_groups");
    tarn_optim *optimizer = tarn_optim_adamw(r.params, .lr = 0.01);
    tarn_tensor **w = r.tensors;
    tarn_optim_group_of(optimizer, tarn_params_of(w[0]), .lr_scale = 0.5, .weight_decay = 0.2);
    tarn_optim_group_of(optimizer, tarn_params_of(w[1]), .weight_decay = 0);
    tarn_optim_group_of(optimizer, tarn_params_of(w[2]), .lr_scale = 2);
    assert_as_pytorch(&r, optimizer);
}

Test(group, adamax_and_radam_equal_pytorch)
{
    replay r;
    open_named(&r, "adamax", "groups");
    tarn_optim *optimizer = tarn_optim_adamax(r.params, .lr = 0.01, .weight_decay = 0.1);
    for (int i = 0; i < 2; i++) {
        tarn_optim_group(optimizer, "0.*.weight", .lr_scale = 0.2);
        tarn_optim_group(optimizer, "*.bias", .lr_scale = 3, .weight_decay = 0);
        tarn_optim_group(optimizer, "[1-9].*", .weight_decay = 0.05);
        assert_as_pytorch(&r, optimizer);
        if (i == 0) {
            open_named(&r, "radam", "groups");
            optimizer = tarn_optim_radam(r.params, .lr = 0.01, .weight_decay = 0.1);
        }
    }
}

/* Every rule takes its rate from the piece: a group of all with a scale is another rate. */
static void assert_scale_is_a_rate(tarn_optim *scaled, tarn_tensor *a, tarn_optim *plain,
                                   tarn_tensor *b)
{
    cr_assert_eq(tarn_optim_group_of(scaled, tarn_params_of(a), .lr_scale = 0.25), 1);
    for (int t = 1; t <= 5; t++) {
        step_with(scaled, a, t - 2);
        step_with(plain, b, t - 2);
    }
    cr_assert(tarn_item(a) != 1);
    cr_assert(tarn_item(a) == tarn_item(b));
    tarn_optim_free(scaled);
    tarn_optim_free(plain);
    tarn_free(a);
    tarn_free(b);
}

#define ASSERT_SCALE_IS_A_RATE(constructor, ...)                                                   \
    do {                                                                                           \
        tarn_tensor *a = new_param(1, 1), *b = new_param(1, 1);                                    \
        assert_scale_is_a_rate(constructor(tarn_params_of(a), .lr = 0.5, __VA_ARGS__), a,          \
                               constructor(tarn_params_of(b), .lr = 0.125, __VA_ARGS__), b);       \
    } while (0)

Test(group, every_rule_has_the_rate_of_its_group)
{
    ASSERT_SCALE_IS_A_RATE(tarn_optim_sgd, .momentum = 0);
    ASSERT_SCALE_IS_A_RATE(tarn_optim_sgd, .momentum = 0.9, .nesterov = true);
    ASSERT_SCALE_IS_A_RATE(tarn_optim_adagrad, .l1 = 0);
    ASSERT_SCALE_IS_A_RATE(tarn_optim_rmsprop, .l1 = 0);
    ASSERT_SCALE_IS_A_RATE(tarn_optim_rmsprop, .centered = true, .momentum = 0.9);
    ASSERT_SCALE_IS_A_RATE(tarn_optim_adadelta, .weight_decay = 0.5, .decoupled = true);
    ASSERT_SCALE_IS_A_RATE(tarn_optim_adam, .l1 = 0.5);
    ASSERT_SCALE_IS_A_RATE(tarn_optim_adam, .amsgrad = true);
    ASSERT_SCALE_IS_A_RATE(tarn_optim_adamw, .weight_decay = 0.5);
    ASSERT_SCALE_IS_A_RATE(tarn_optim_adamax, .l1 = 0);
    ASSERT_SCALE_IS_A_RATE(tarn_optim_nadam, .l1 = 0);
    ASSERT_SCALE_IS_A_RATE(tarn_optim_radam, .l1 = 0);
    ASSERT_SCALE_IS_A_RATE(tarn_optim_lion, .weight_decay = 0.5);
}

/* Two weights that start at 1, "0.weight" and "0.bias", and a step of plain descent at rate 1 with
   gradient 0: what is subtracted are the penalties, which were 0.25 (L2) and 0.125 (L1). */
typedef struct pair {
    tarn_tensor *weight, *bias;
    tarn_optim *optimizer;
} pair;

static pair new_pair(void)
{
    pair p = {new_param(1, 1), new_param(1, 1), NULL};
    char weight[] = "0.weight", bias[] = "0.bias";
    const char *list[] = {weight, bias};
    p.optimizer = tarn_optim_sgd(((tarn_params){2, (tarn_tensor *[]){p.weight, p.bias}, list}),
                                 .lr = 1, .weight_decay = 0.25, .l1 = 0.125);
    memset(weight, 'x', sizeof weight - 1); /* the names are copied */
    memset(bias, 'x', sizeof bias - 1);
    return p;
}

static void assert_penalties(pair p, double of_weight, double of_bias)
{
    set_gradient(p.weight, 0);
    step_with(p.optimizer, p.bias, 0);
    assert_close(tarn_item(p.weight), 1 - of_weight);
    assert_close(tarn_item(p.bias), 1 - of_bias);
    tarn_optim_free(p.optimizer);
    tarn_free(p.weight);
    tarn_free(p.bias);
}

Test(group, penalties)
{
    pair p = new_pair();
    assert_penalties(p, 0.375, 0.375);
    p = new_pair();
    tarn_optim_group(p.optimizer, "*.bias", .weight_decay = 0);
    assert_penalties(p, 0.375, 0.125);
    p = new_pair();
    tarn_optim_group(p.optimizer, "*", .l1 = 0, .weight_decay = 0.5);
    assert_penalties(p, 0.5, 0.5);
    p = new_pair();
    tarn_optim_group(p.optimizer, "?.weight", .l1 = 0.5, .lr_scale = 0.5);
    assert_penalties(p, 0.375, 0.375); /* (0.5 + 0.25) / 2, and as without a group */
    p = new_pair();
    tarn_optim_group(p.optimizer, "*", .l1 = 0, .weight_decay = 0);
    assert_penalties(p, 0, 0);
}

Test(group, later_one_replaces_all_of_an_earlier)
{
    pair p = new_pair();
    cr_assert_eq(tarn_optim_group(p.optimizer, "0.*", .weight_decay = 0, .lr_scale = 0.5), 2);
    cr_assert_eq(tarn_optim_group(p.optimizer, "*.bias", .l1 = 0), 1);
    assert_penalties(p, 0.0625, 0.25);
}

Test(group, by_the_names_of_a_module)
{
    tarn_module *model =
        tarn_nn_sequential(tarn_nn_conv2d(1, 2, 3), tarn_nn_batch_norm2d(2), tarn_nn_relu(),
                           tarn_nn_flatten(), tarn_nn_linear(8, 2));
    tarn_optim *optimizer = tarn_optim_adamw(tarn_nn_parameters(model));
    cr_assert_eq(tarn_optim_group(optimizer, "*.bias", .weight_decay = 0), 3);
    cr_assert_eq(tarn_optim_group(optimizer, "1.*", .weight_decay = 0), 2);
    cr_assert_eq(tarn_optim_group(optimizer, "4.weight", .lr_scale = 0.1), 1);
    cr_assert_eq(tarn_optim_group_of(optimizer, tarn_nn_parameters(model), .lr_scale = 1), 6);
    tarn_optim_free(optimizer);
    tarn_nn_free(model);
}

Test(group, mistakes_change_nothing)
{
    pair p = new_pair();
    tarn_optim *o = p.optimizer;
    assert_mistake(tarn_optim_group(o, "*.bais", .l1 = 0),
                   "optim_group: \"*.bais\" matches none of the 2 parameters, expects a pattern of "
                   "names such as \"0.weight\"");
    assert_mistake(tarn_optim_group(o, NULL, .l1 = 0), "optim_group: the pattern is NULL");
    assert_mistake(tarn_optim_group(o, "*", .lr_scale = -1), "optim_group: lr_scale is -1");
    assert_mistake(tarn_optim_group(o, "*", .lr_scale = NAN), "optim_group: lr_scale is ");
    assert_mistake(tarn_optim_group(o, "*", .weight_decay = -1), "optim_group: weight_decay is -1");
    assert_mistake(tarn_optim_group(o, "*", .l1 = INFINITY), "optim_group: l1 is inf");
    tarn_tensor *other = new_param(1, 1);
    assert_mistake(tarn_optim_group_of(o, tarn_params_of(p.weight, other), .l1 = 0),
                   "optim_group_of: parameter 1 of the list is not one of the optimizer's");
    assert_mistake(tarn_optim_group_of(o, tarn_params_of(NULL), .l1 = 0),
                   "optim_group_of: parameter 0 of the list is not");
    assert_mistake(tarn_optim_group_of(o, (tarn_params){0}, .l1 = 0),
                   "optim_group_of: the list of parameters is empty");
    assert_mistake(tarn_optim_group_of(o, tarn_params_of(p.bias), .lr_scale = INFINITY),
                   "optim_group_of: lr_scale is inf");
    tarn_free(other);
    assert_penalties(p, 0.375, 0.375);
}

Test(group, bare_tensors_have_no_names)
{
    tarn_tensor *w = new_param(1, 1);
    tarn_optim *optimizer = tarn_optim_sgd(tarn_params_of(w));
    assert_mistake(tarn_optim_group(optimizer, "*", .l1 = 0),
                   "optim_group: the optimizer's parameters have no names, expects those of "
                   "tarn_nn_parameters(); tarn_optim_group_of() takes tensors instead");
    tarn_optim_free(optimizer);
    tarn_free(w);
}

Test(group, null_is_accepted)
{
    record_mistakes();
    cr_assert_eq(tarn_optim_group(NULL, "*", .lr_scale = 2), 0);
    cr_assert_eq(tarn_optim_group_of(NULL, (tarn_params){0}, .lr_scale = 2), 0);
    cr_assert_eq(mistakes(), 0);
}

/* A rate beyond float's range would make NaN of a weight whose gradient is 0. */
Test(group, a_rate_that_no_element_can_be_is_a_mistake)
{
    tarn_tensor *w = tarn_requires_grad(tarn_full(tarn_shape(1), 2), true);
    tarn_optim *optimizer = tarn_optim_sgd(tarn_params_of(w), .lr = 1e30);
    cr_assert(tarn_optim_group_of(optimizer, tarn_params_of(w), .lr_scale = 1e30));
    tarn_tape *tape = tarn_tape_begin();
    cr_assert(tarn_backward(tarn_sum(tarn_scale(w, 0))));
    tarn_tape_end(tape);
    record_mistakes();
    tarn_optim_step(optimizer);
    cr_expect_eq(mistakes(), sizeof(tarn_real) == sizeof(float));
    cr_expect_eq(tarn_item(w), 2);
    tarn_optim_free(optimizer);
    tarn_free(w);
}
