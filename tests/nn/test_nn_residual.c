#include "tests/nn/nn_test.h"

Test(residual, equals_pytorch)
{
    golden *file = golden_open("nn/residual");
    int cases = 0;
    for (const golden_case *c = golden_next(file, NULL); c; c = golden_next(file, c), cases++) {
        bool projects = strncmp(golden_name(c), "projection", 10) == 0;
        tarn_module *body = projects ? tarn_nn_conv2d(3, 4, 3, .stride = 2, .padding = 1)
                                     : tarn_nn_conv2d(3, 3, 3, .padding = 1);
        tarn_module *projection =
            projects ? tarn_nn_conv2d(3, 4, 1, .stride = 2) : TARN_NN_IDENTITY;
        check_module(tarn_nn_residual(body, .projection = projection,
                                      .relu = strstr(golden_name(c), "relu")),
                     c);
    }
    cr_assert_eq(cases, 4);
    golden_close(file);
}

Test(residual, names_its_children)
{
    tarn_module *block = tarn_nn_residual(tarn_nn_sequential(tarn_nn_linear(3, 2), tarn_nn_relu()),
                                          .projection = tarn_nn_linear(3, 2), .relu = true);
    const char *const names[] = {"body.0.weight", "body.0.bias", "projection.weight",
                                 "projection.bias"};
    tarn_params list = tarn_nn_parameters(block);
    cr_assert_eq(list.count, 4);
    for (int i = 0; i < 4; i++)
        cr_expect_str_eq(list.names[i], names[i]);
    char text[64] = "";
    block->type->describe(block, text, sizeof text);
    cr_expect_str_eq(text, ".relu = 1");
    tarn_nn_free(block);
}

Test(residual, mistakes)
{
    tarn_module *block = tarn_nn_residual(tarn_nn_linear(3, 2));
    tarn_module *projecting =
        tarn_nn_residual(tarn_nn_linear(3, 2), .projection = tarn_nn_linear(3, 1));
    tarn_tensor *x = tarn_zeros(tarn_shape(4, 3)), *wide = tarn_zeros(tarn_shape(4, 5));
    tarn_tape *tape = tarn_tape_begin();
    assert_mistake(tarn_nn_forward(block, wide), "nn_linear: input (4,5) has 5 features");
    assert_mistake(tarn_nn_forward(projecting, wide), "nn_linear: input (4,5) has 5 features");
    assert_mistake(tarn_nn_forward(block, x),
                   "nn_residual: the body gives (4,2), the input is (4,3), expects the same shape; "
                   "a projection can change the input's");
    assert_mistake(
        tarn_nn_forward(projecting, x),
        "nn_residual: the body gives (4,2), the projection (4,1), expects the same shape");
    tarn_tape_end(tape);

    /* What is given with a NULL is freed, as a leak checker sees. */
    record_mistakes();
    cr_expect_null(tarn_nn_residual(NULL, .projection = tarn_nn_linear(3, 2)));
    cr_expect_null(tarn_nn_residual(tarn_nn_linear(3, 2), .projection = NULL));
    cr_expect_eq(mistakes(), 0);
    tarn_module *body = tarn_nn_linear(3, 3);
    assert_mistake(tarn_nn_residual(body, .projection = body),
                   "nn_add_child: this Linear belongs to a Residual");
    tarn_free(x);
    tarn_free(wide);
    tarn_nn_free(block);
    tarn_nn_free(projecting);
}
