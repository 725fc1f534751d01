/* Frozen parameters: no gradient, no step, no backward. */
#include "core/tape_internal.h"
#include "tests/nn/nn_test.h"

static tarn_module *network(void)
{
    tarn_seed(1);
    return tarn_nn_sequential(tarn_nn_sequential(tarn_nn_conv2d(1, 4, 3), tarn_nn_batch_norm2d(4),
                                                 tarn_nn_relu(), tarn_nn_max_pool2d(2),
                                                 tarn_nn_flatten()),
                              tarn_nn_linear(16, 8), tarn_nn_tanh(), tarn_nn_linear(8, 3));
}

static const int32_t ids[] = {0, 1, 2};

static void step(tarn_module *model, tarn_optim *optimizer, tarn_tensor *x)
{
    tarn_tape *tape = tarn_tape_begin();
    tarn_tensor *loss = tarn_cross_entropy(tarn_nn_forward(model, x), tarn_labels(3, ids));
    tarn_optim_zero_grad(optimizer);
    cr_assert(tarn_backward(loss), "%s", tarn_error());
    tarn_optim_step(optimizer);
    tarn_tape_end(tape);
}

static bool same(const tarn_tensor *a, const tarn_tensor *b)
{
    return !memcmp(tarn_values(a), tarn_values(b), (size_t)tarn_size(a) * sizeof(tarn_real));
}

/* With the optimizer made before and after; the rest moves. */
Test(freeze, frozen_parameters_stay)
{
    tarn_tensor *x = tarn_randn(tarn_shape(3, 6, 6, 1));
    for (int before = 0; before <= 1; before++) {
        tarn_module *model = network(), *untouched = network();
        const tarn_params list = tarn_nn_parameters(model), old = tarn_nn_parameters(untouched);
        tarn_optim *optimizer = before ? tarn_optim_adamw(list) : NULL;
        if (before)
            step(untouched, optimizer, x); /* another module: no gradient, nothing moves */
        tarn_nn_freeze(tarn_nn_child(model, 0), true);
        if (!before)
            optimizer = tarn_optim_adamw(list);
        cr_assert(optimizer, "%s", tarn_error());
        for (int i = 0; i < 3; i++)
            step(model, optimizer, x);
        for (int i = 0; i < list.count; i++) {
            const bool frozen = list.names[i][0] == '0';
            cr_expect_eq(same(list.tensors[i], old.tensors[i]), frozen, "%s", list.names[i]);
            cr_expect_eq(tarn_gradients(list.tensors[i]) == NULL, frozen, "%s", list.names[i]);
        }
        tarn_nn_freeze(model, false);
        step(model, optimizer, x);
        for (int i = 0; i < list.count; i++)
            cr_expect_not(same(list.tensors[i], old.tensors[i]), "%s", list.names[i]);
        tarn_optim_free(optimizer);
        tarn_nn_free(model);
        tarn_nn_free(untouched);
    }
    tarn_free(x);
}

static void backward(tarn_module *model, tarn_tensor *x)
{
    tarn_tape *tape = tarn_tape_begin();
    cr_assert(tarn_backward(tarn_cross_entropy(tarn_nn_forward(model, x), tarn_labels(3, ids))));
    tarn_tape_end(tape);
}

/* The gradients of what is trained are those of a network of which nothing is frozen. */
Test(freeze, others_get_the_same_gradients)
{
    tarn_tensor *x = tarn_randn(tarn_shape(3, 6, 6, 1));
    const char *const parts[] = {"0.0.", "0.1.", "1.", "3."};
    for (int part = 0; part < 4; part++) {
        tarn_module *whole = network(), *model = network();
        tarn_module *frozen = part < 2 ? tarn_nn_child(tarn_nn_child(model, 0), part)
                                       : tarn_nn_child(model, part == 2 ? 1 : 3);
        tarn_nn_freeze(frozen, true);
        backward(whole, x);
        backward(model, x);
        const tarn_params list = tarn_nn_parameters(model), all = tarn_nn_parameters(whole);
        for (int i = 0; i < list.count; i++) {
            const tarn_real *g = tarn_gradients(list.tensors[i]);
            if (strncmp(list.names[i], parts[part], strlen(parts[part])) == 0)
                cr_expect_null(g, "%s", list.names[i]);
            else
                cr_expect_arr_eq(g, tarn_gradients(all.tensors[i]),
                                 (size_t)tarn_size(list.tensors[i]) * sizeof *g, "%s",
                                 list.names[i]);
        }
        tarn_nn_free(whole);
        tarn_nn_free(model);
    }
    tarn_free(x);
}

/* Backward does not enter the layers below the first that is trained. */
Test(freeze, backward_ends_where_nothing_is_trained)
{
    tarn_tensor *x = tarn_randn(tarn_shape(3, 6, 6, 1));
    tarn_module *model = network();
    tarn_nn_freeze(tarn_nn_child(model, 0), true);
    tarn_tape *tape = tarn_tape_begin();
    tarn_tensor *features = tarn_nn_forward(tarn_nn_child(model, 0), x);
    tarn_tensor *y = tarn_nn_forward(tarn_nn_child(model, 1), features);
    cr_assert_not(features->requires_grad);
    cr_assert(y->requires_grad);
    cr_assert(tarn_backward(tarn_sum(y)));
    cr_assert_null(tarn_gradients(features));
    tarn_tape_end(tape);
    tarn_nn_freeze(model, true);
    tape = tarn_tape_begin();
    tarn_tensor *loss = tarn_sum(tarn_nn_forward(model, x));
    assert_mistake(tarn_backward(loss), "depends on no tensor that requires a gradient");
    tarn_tape_end(tape);
    tarn_nn_free(model);
    tarn_free(x);
}

Test(freeze, running_statistics_move_while_training)
{
    tarn_tensor *x = tarn_randn(tarn_shape(3, 6, 6, 1));
    tarn_module *model = network(), *norm = tarn_nn_child(tarn_nn_child(model, 0), 1);
    const tarn_tensor *mean = NULL;
    for (int i = 0; i < norm->part_count; i++)
        if (!strcmp(norm->parts[i].name, "running_mean"))
            mean = norm->parts[i].buffer;
    cr_assert(mean);
    tarn_nn_freeze(model, true);
    for (int training = 1; training >= 0; training--) {
        tarn_tensor *before = tarn_clone(mean);
        tarn_nn_train(norm, training);
        tarn_tape *tape = tarn_tape_begin();
        tarn_nn_forward(model, x);
        tarn_tape_end(tape);
        cr_assert_eq(same(before, mean), !training);
        tarn_free(before);
    }
    tarn_nn_free(model);
    tarn_free(x);
}

/* A gradient from before does not count in clipping. */
Test(freeze, gradients_of_before_are_gone)
{
    tarn_module *model = tarn_nn_sequential(tarn_nn_linear(2, 2), tarn_nn_linear(2, 1));
    tarn_tensor *x = tarn_full(tarn_shape(1, 2), 1);
    tarn_tape *tape = tarn_tape_begin();
    tarn_backward(tarn_sum(tarn_nn_forward(model, x)));
    tarn_tape_end(tape);
    tarn_nn_freeze(model, true);
    cr_assert_eq(tarn_clip_grad_norm(tarn_nn_parameters(model), 1), 0);
    assert_mistake(tarn_optim_adam(tarn_nn_parameters(model)),
                   "optim_adam: all 4 parameters are frozen, expects one that is trained");
    tarn_nn_free(model);
    tarn_free(x);
}

/* The body is frozen, what is around it is not. */
Test(freeze, within_recompute)
{
    tarn_tensor *x = tarn_randn(tarn_shape(3, 5));
    tarn_module *model = tarn_nn_sequential(
        tarn_nn_linear(5, 4), tarn_nn_recompute(tarn_nn_sequential(tarn_nn_linear(4, 4))),
        tarn_nn_linear(4, 2));
    tarn_nn_freeze(tarn_nn_child(model, 1), true);
    tarn_tape *tape = tarn_tape_begin();
    cr_assert(tarn_backward(tarn_sum(tarn_nn_forward(model, x))));
    tarn_tape_end(tape);
    cr_assert(tarn_gradients(parameter(model, "0.weight")));
    cr_assert_null(tarn_gradients(parameter(model, "1.body.0.weight")));
    tarn_nn_free(model);
    tarn_free(x);
}
