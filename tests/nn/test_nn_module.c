#include <limits.h>
#include <stdio.h>
#include <unistd.h>

#include "tests/nn/nn_test.h"

/* A module of one's own, written with public headers only: y = gain x + inner(x). */
typedef struct residual {
    tarn_module module;
    tarn_tensor *gain;
    tarn_module *inner;
    int *freed; /* counts the calls of residual_free() */
} residual;

static tarn_tensor *residual_forward(tarn_module *module, tarn_tensor *x)
{
    residual *self = (residual *)module;
    return tarn_add(tarn_mul(self->gain, x), tarn_nn_forward(self->inner, x));
}

static void residual_free(tarn_module *module)
{
    residual *self = (residual *)module;
    if (self->freed)
        ++*self->freed;
}

static const tarn_module_type residual_type = {
    .name = "Residual", .forward = residual_forward, .free = residual_free};

static tarn_module *residual_new(tarn_module *inner, int *freed)
{
    residual *self = tarn_nn_new(&residual_type, sizeof *self);
    cr_assert(self);
    self->gain = tarn_full(tarn_shape(1), 1);
    self->inner = inner;
    self->freed = freed;
    cr_assert(tarn_nn_add_parameter(&self->module, "gain", self->gain));
    cr_assert(tarn_nn_add_child(&self->module, "inner", inner));
    return &self->module;
}

static tarn_module *network(int *freed)
{
    return tarn_nn_sequential(
        tarn_nn_linear(3, 2), tarn_nn_relu(),
        residual_new(tarn_nn_sequential(tarn_nn_linear(2, 2), tarn_nn_dropout(0.5)), freed),
        tarn_nn_linear(2, 4, .bias = false));
}

Test(module, parameters_are_named_as_by_pytorch)
{
    const char *names[] = {"0.weight",         "0.bias",         "2.gain",
                           "2.inner.0.weight", "2.inner.0.bias", "3.weight"};
    tarn_module *model = network(NULL);
    tarn_params list = tarn_nn_parameters(model);
    cr_assert_eq(list.count, 6);
    for (int i = 0; i < 6; i++) {
        cr_assert_str_eq(list.names[i], names[i]);
        cr_assert(tarn_values(list.tensors[i]));
    }
    cr_assert_eq(tarn_nn_parameter_count(model), 6 + 2 + 1 + 4 + 2 + 8);
    tarn_nn_free(model);
}

/* What is written once for all modules serves one's own too. */
Test(module, a_module_of_ones_own_works_everywhere)
{
    char path[] = "/tmp/tarn-test-module-XXXXXX", text[1000] = "";
    int descriptor = mkstemp(path);
    FILE *stream = tmpfile();
    cr_assert(descriptor >= 0 && stream);
    close(descriptor);

    tarn_module *model = network(NULL), *other = network(NULL);
    tarn_values(parameter(model, "2.gain"))[0] = 7;
    cr_assert(tarn_nn_save(model, path), "%s", tarn_error());
    cr_assert(tarn_nn_load(other, path), "%s", tarn_error());
    cr_assert_eq(tarn_values(parameter(other, "2.gain"))[0], 7);
    cr_assert_eq(tarn_values(parameter(other, "2.inner.0.weight"))[3],
                 tarn_values(parameter(model, "2.inner.0.weight"))[3]);
    cr_assert(tarn_nn_summary(model, tarn_shape(5, 3), stream));
    rewind(stream);
    cr_assert(fread(text, 1, sizeof text - 1, stream) > 0);
    const char *expected = "Name       Layer                    Output  Parameters\n"
                           "0          Linear(3, 2)             (5,2)            8\n"
                           "1          ReLU()                   (5,2)            0\n"
                           "2          Residual()               (5,2)            1\n"
                           "2.inner    Sequential()             (5,2)            0\n"
                           "2.inner.0  Linear(2, 2)             (5,2)            6\n"
                           "2.inner.1  Dropout(0.5)             (5,2)            0\n"
                           "3          Linear(2, 4, .bias = 0)  (5,4)            8\n"
                           "Total                                               23\n";
    cr_assert_str_eq(text, expected, "\n%s", text);
    fclose(stream);
    remove(path);
    tarn_nn_free(model);
    tarn_nn_free(other);
}

Test(module, saving_leaves_the_list_alone)
{
    tarn_module *model = network(NULL);
    tarn_params list = tarn_nn_parameters(model);
    cr_assert(tarn_nn_summary(model, tarn_shape(1, 3), tmpfile()));
    cr_assert_not(tarn_nn_save(model, "/nowhere/at/all"));
    cr_assert_str_eq(list.names[5], "3.weight");
    cr_assert_eq(tarn_size(list.tensors[5]), 8);
    tarn_nn_free(model);
}

Test(module, train_reaches_all)
{
    tarn_module *model = network(NULL), *inner = tarn_nn_dropout(0.5);
    tarn_module *outer = tarn_nn_sequential(model, residual_new(inner, NULL));
    cr_assert(outer->training && inner->training);
    tarn_nn_train(outer, false);
    cr_assert(!outer->training && !model->training && !inner->training);
    tarn_nn_train(outer, true);
    cr_assert(outer->training && model->training && inner->training);
    tarn_nn_free(outer);
}

Test(module, gradients_reach_every_parameter)
{
    tarn_module *model = network(NULL);
    tarn_nn_train(model, false);
    /* Keeps ReLU open. */
    tarn_params list = tarn_nn_parameters(model);
    for (int i = 0; i < list.count; i++)
        for (int64_t k = 0; k < tarn_size(list.tensors[i]); k++)
            tarn_values(list.tensors[i])[k] = (tarn_real)0.5;
    tarn_tensor *x = tarn_full(tarn_shape(5, 3), 1);
    tarn_tape *tape = tarn_tape_begin();
    cr_assert(tarn_backward(tarn_sum(tarn_nn_forward(model, x))));
    tarn_tape_end(tape);
    for (int i = 0; i < list.count; i++) {
        cr_assert(tarn_gradients(list.tensors[i]), "%s has no gradient", list.names[i]);
        cr_assert_neq(tarn_gradients(list.tensors[i])[0], 0, "%s", list.names[i]);
    }
    /* h = 2 after the first layer; y = 0.5 h + 0.5 (2 h) + 0.5 = 3.5, five rows, four outputs of
       weight 0.5 each: d(sum) / d(gain) = 5 * 2 * h * 2. */
    cr_assert_float_eq(tarn_gradients(list.tensors[2])[0], 40, 1e-4);
    tarn_free(x);
    tarn_nn_free(model);
}

/* Each child by itself, and all together, of which some run in one pass. */
Test(module, children_one_by_one_give_the_output_of_all)
{
    tarn_module *model = tarn_nn_sequential(
        tarn_nn_conv2d(1, 3, 3), tarn_nn_relu(), tarn_nn_max_pool2d(2), tarn_nn_dropout(0.5),
        tarn_nn_flatten(), tarn_nn_linear(27, 4), tarn_nn_relu(), tarn_nn_linear(4, 2));
    tarn_nn_train(model, false);
    tarn_tensor *images = tarn_randn(tarn_shape(2, 8, 8, 1));
    tarn_tape *tape = tarn_tape_begin_no_grad();
    tarn_tensor *together = tarn_nn_forward(model, images), *x = images;
    tarn_module *child;
    int children = 0;
    for (; (child = tarn_nn_child(model, children)); children++)
        x = tarn_nn_forward(child, x);
    cr_assert_eq(children, 8);
    cr_assert(tarn_shape_equal(tarn_shape_get(x), tarn_shape(2, 2)));
    for (int i = 0; i < 4; i++)
        cr_expect_float_eq(tarn_values(x)[i], tarn_values(together)[i], 1e-5);
    tarn_tape_end(tape);
    tarn_free(images);
    tarn_nn_free(model);
}

Test(module, children_are_counted_without_parameters)
{
    tarn_module *inner = tarn_nn_relu(), *model = residual_new(inner, NULL);
    cr_expect_eq(tarn_nn_child(model, 0), inner);
    cr_expect_null(tarn_nn_child(model, 1));
    cr_expect_null(tarn_nn_child(model, -1));
    cr_expect_null(tarn_nn_child(model, INT_MIN));
    cr_expect_null(tarn_nn_child(inner, 0));
    cr_expect_null(tarn_nn_child(NULL, 0));
    tarn_nn_free(model);
}

/* As in the names of parameters. */
Test(module, finds_modules_by_name)
{
    tarn_module *linear = tarn_nn_linear(2, 2), *inner = tarn_nn_sequential(tarn_nn_relu(), linear);
    tarn_module *model = tarn_nn_sequential(tarn_nn_flatten(), inner);
    cr_assert_str_eq(tarn_nn_parameters(model).names[0], "1.1.weight");
    cr_expect_eq(tarn_nn_at(model, "1.1"), linear);
    cr_expect_str_eq(tarn_nn_at(model, "1.1")->type->name, "Linear");
    cr_expect_eq(tarn_nn_at(model, "1"), inner);
    cr_expect_eq(tarn_nn_at(inner, "1"), linear);
    cr_expect_eq(tarn_nn_at(model, ""), model);
    const char *const none[] = {"2", "1.", ".1", "1.2", "1.1.weight", "1..1", "11", "0.1", "."};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        cr_expect_null(tarn_nn_at(model, none[i]), "%s", none[i]);
    tarn_nn_free(model);
}

Test(module, free_frees_all_below_once)
{
    int freed = 0;
    tarn_module *model = tarn_nn_sequential(network(&freed), network(&freed));
    tarn_nn_free(model);
    cr_assert_eq(freed, 2);
}

Test(module, free_of_a_child_is_a_mistake)
{
    tarn_module *child = tarn_nn_relu(), *model = tarn_nn_sequential(child);
    record_mistakes();
    tarn_nn_free(child);
    cr_assert_eq(mistakes(), 1);
    cr_assert(strstr(last_mistake(), "nn_free: this ReLU belongs to a Sequential"));
    tarn_nn_free(model);
    cr_assert_eq(mistakes(), 0);
}

Test(module, null_is_accepted_everywhere)
{
    record_mistakes();
    tarn_tensor *x = tarn_zeros(tarn_shape(1, 3));
    tarn_module *model = network(NULL);
    cr_assert_null(tarn_nn_forward(NULL, x));
    cr_assert_null(tarn_nn_forward(model, NULL));
    tarn_nn_train(NULL, true);
    cr_assert_eq(tarn_nn_parameters(NULL).count, -1);
    cr_assert_eq(tarn_nn_parameter_count(NULL), 0);
    cr_assert_not(tarn_nn_summary(NULL, tarn_shape(1, 3), stdout));
    cr_assert_not(tarn_nn_summary(model, tarn_shape(1, 3), NULL));
    tarn_nn_free(NULL);
    cr_assert_not(tarn_nn_add_child(model, "child", NULL));
    cr_assert_not(tarn_nn_add_child(NULL, "child", tarn_nn_relu()));
    cr_assert_not(tarn_nn_add_parameter(model, "w", NULL));
    cr_assert_not(tarn_nn_add_parameter(NULL, "w", tarn_zeros(tarn_shape(2))));
    cr_assert_eq(mistakes(), 0);
    assert_mistake(tarn_nn_save(NULL, "x"), "nn_save: the module is NULL");
    cr_assert_not(tarn_nn_load(NULL, "x")); /* one report is enough */
    assert_mistake(tarn_nn_save(model, NULL), "nn_save: the path is NULL");
    assert_mistake(tarn_nn_load(model, NULL), "nn_load: the path is NULL");
    assert_mistake(tarn_nn_can_save(NULL), "nn_can_save: the path is NULL");
    tarn_nn_free(model);
    tarn_free(x);
}

Test(module, wrong_parts_are_mistakes)
{
    tarn_module *model = network(NULL), *child = tarn_nn_linear(2, 2);
    cr_assert(tarn_nn_add_parameter(model, "w", tarn_zeros(tarn_shape(2))));
    const char *names[] = {"", "a.b", "a b", "\xff", "__metadata__", NULL};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        assert_mistake(tarn_nn_add_parameter(model, names[i], tarn_zeros(tarn_shape(2))),
                       "is empty or reserved, or has other characters");
    assert_mistake(tarn_nn_add_parameter(model, "w", tarn_zeros(tarn_shape(2))),
                   "a Sequential has a part named \"w\" already");
    assert_mistake(tarn_nn_add_child(model, "w", tarn_nn_relu()), "named \"w\" already");
    assert_mistake(tarn_nn_add_child(model, "self", model), "a Sequential cannot hold itself");
    cr_assert(tarn_nn_add_child(model, "child", child));
    assert_mistake(tarn_nn_add_child(child, "above", model), "cannot hold itself");
    assert_mistake(tarn_nn_add_child(model, "again", child),
                   "this Linear belongs to a Sequential already");
    tarn_nn_free(model);
}

Test(module, a_parameter_is_no_result)
{
    tarn_module *model = network(NULL);
    tarn_tensor *x = tarn_zeros(tarn_shape(2));
    tarn_tape *tape = tarn_tape_begin();
    assert_mistake(tarn_nn_add_parameter(model, "w", tarn_square(x)), "result of an operation");
    tarn_tape_end(tape);
    tarn_free(x);
    tarn_nn_free(model);
}

Test(module, wrong_types_are_mistakes)
{
    const tarn_module_type empty = {.name = "Empty"};
    assert_mistake(tarn_nn_new(NULL, sizeof(tarn_module)), "no name or no forward");
    assert_mistake(tarn_nn_new(&empty, sizeof(tarn_module)), "no name or no forward");
    assert_mistake(tarn_nn_new(&residual_type, 8), "the size of Residual is 8");
}

/* Tied weights would be freed twice. */
Test(module, a_parameter_has_one_owner)
{
    static const tarn_module_type type = {.name = "Own", .forward = residual_forward};
    tarn_module *a = tarn_nn_new(&type, sizeof *a), *b = tarn_nn_new(&type, sizeof *b);
    tarn_tensor *w = tarn_zeros(tarn_shape(2));
    cr_assert(tarn_nn_add_parameter(a, "w", w));
    assert_mistake(tarn_nn_add_parameter(b, "w", w), "belongs to a module");
    assert_mistake(tarn_nn_add_parameter(a, "again", w), "belongs to a module");
    assert_mistake(tarn_nn_add_buffer(b, "w", w), "belongs to a module");
    tarn_tape *tape = tarn_tape_begin();
    cr_assert(tarn_backward(tarn_sum(w)), "a refused call froze the parameter");
    tarn_tape_end(tape);
    record_mistakes();
    tarn_free(w);
    cr_assert_eq(mistakes(), 1);
    cr_assert(strstr(last_mistake(), "free: a tensor of shape (2) belongs to a module"));
    tarn_nn_free(a);
    tarn_nn_free(b);
}

Test(module, buffers_are_saved_but_not_trained)
{
    char path[] = "/tmp/tarn-test-module-XXXXXX";
    int descriptor = mkstemp(path);
    cr_assert(descriptor >= 0);
    close(descriptor);
    tarn_module *model = network(NULL), *other = network(NULL);
    tarn_tensor *count = tarn_requires_grad(tarn_full(tarn_shape(2), 5), true);
    tarn_tensor *other_count = tarn_zeros(tarn_shape(2));
    cr_assert(tarn_nn_add_buffer(model, "count", count));
    cr_assert_not(tarn_nn_load(model, path), "an empty file");
    cr_assert_eq(tarn_nn_parameters(model).count, 6);
    cr_assert_eq(tarn_nn_parameter_count(model), 6 + 2 + 1 + 4 + 2 + 8);
    cr_assert(tarn_nn_save(other, path));
    cr_assert_not(tarn_nn_load(model, path));
    cr_assert(strstr(tarn_error(), "has no tensor count, which the module expects"), "%s",
              tarn_error());

    cr_assert(tarn_nn_save(model, path));
    cr_assert_not(tarn_nn_load(other, path));
    cr_assert(strstr(tarn_error(), "has a tensor \"count\""), "%s", tarn_error());
    cr_assert(tarn_nn_add_buffer(other, "count", other_count));
    cr_assert(tarn_nn_load(other, path), "%s", tarn_error());
    cr_assert_eq(tarn_values(other_count)[1], 5);

    /* It needs no gradient any more, so that there is nothing to go back to. */
    tarn_tape *tape = tarn_tape_begin();
    assert_mistake(tarn_backward(tarn_sum(count)), "depends on no tensor that requires a gradient");
    assert_mistake(
        tarn_nn_add_buffer(model, "again", count),
        "nn_add_buffer: the tensor for \"again\" belongs to a module or a loader already");
    assert_mistake(tarn_nn_add_buffer(model, "count", tarn_zeros(tarn_shape(2))),
                   "has a part named \"count\" already");
    assert_mistake(tarn_nn_add_buffer(model, "result", tarn_scale(count, 2)),
                   "is the result of an operation");
    cr_expect_not(tarn_nn_add_buffer(model, "null", NULL));
    tarn_tape_end(tape);
    remove(path);
    tarn_nn_free(model);
    tarn_nn_free(other);
}
