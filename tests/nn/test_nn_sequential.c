#include "tests/nn/nn_test.h"

Test(sequential, equals_pytorch)
{
    golden *file = golden_open("nn/network");
    const golden_case *c = golden_next(file, NULL);
    check_module(tarn_nn_sequential(tarn_nn_conv2d(2, 4, 3), tarn_nn_relu(), tarn_nn_max_pool2d(2),
                                    tarn_nn_flatten(), tarn_nn_linear(36, 5)),
                 c);
    golden_close(file);
}

Test(sequential, runs_the_children_in_order)
{
    tarn_module *model = tarn_nn_sequential(tarn_nn_conv2d(3, 4, 3), tarn_nn_avg_pool2d(2),
                                            tarn_nn_flatten(), tarn_nn_linear(36, 7));
    cr_assert(tarn_shape_equal(output_shape(model, tarn_shape(5, 8, 8, 3)), tarn_shape(5, 7)));
    tarn_nn_free(model);
}

Test(sequential, of_none_is_the_identity)
{
    tarn_module *model = tarn_nn_sequential();
    tarn_tensor *x = tarn_zeros(tarn_shape(2));
    cr_assert_eq(tarn_nn_forward(model, x), x);
    cr_assert_eq(tarn_nn_parameters(model).count, 0);
    tarn_free(x);
    tarn_nn_free(model);
}

/* One mistake, one report; ASan and valgrind see that the others are freed. */
Test(sequential, a_null_child_gives_null)
{
    assert_mistake(
        tarn_nn_sequential(tarn_nn_relu(), tarn_nn_conv2d(1, 2, 0), tarn_nn_linear(2, 2)),
        "nn_conv2d: kernel is 0");
    record_mistakes();
    cr_assert_null(tarn_nn_sequential(NULL, tarn_nn_relu()));
    cr_assert_eq(mistakes(), 0);
}

Test(sequential, a_module_has_one_parent)
{
    tarn_module *relu = tarn_nn_relu(), *model = tarn_nn_sequential(relu, tarn_nn_linear(2, 2));
    assert_mistake(tarn_nn_sequential(tarn_nn_tanh(), relu, tarn_nn_sigmoid()),
                   "this ReLU belongs to a Sequential already");
    cr_assert(tarn_shape_equal(output_shape(model, tarn_shape(1, 2)), tarn_shape(1, 2)));
    tarn_nn_free(model);
    relu = tarn_nn_relu();
    assert_mistake(tarn_nn_sequential(relu, relu), "this ReLU belongs to a Sequential already");
}

Test(sequential, a_failed_layer_gives_one_report)
{
    tarn_module *model =
        tarn_nn_sequential(tarn_nn_linear(4, 3), tarn_nn_linear(4, 3), tarn_nn_relu());
    tarn_tensor *x = tarn_zeros(tarn_shape(2, 4));
    tarn_tape *tape = tarn_tape_begin();
    assert_mistake(tarn_nn_forward(model, x), "input (2,3) has 3 features, expects 4");
    tarn_tape_end(tape);
    tarn_free(x);
    tarn_nn_free(model);
    assert_mistake(tarn_nn_sequential_of(-1, NULL), "count is -1");
}
