/* Modules beside each other: nn/branches.c, and how they travel. */
#include <unistd.h>

#include "tests/nn/compiled.h"
#include "tests/nn/nn_test.h"

static tarn_module *second(void)
{
    return tarn_nn_sequential(tarn_nn_relu(), tarn_nn_conv2d(2, 2, 1));
}

Test(branches, equal_pytorch)
{
    golden *file = golden_open("nn/branches");
    const golden_case *c = golden_next(file, NULL);
    check_module(tarn_nn_concat(TARN_NN_IDENTITY, tarn_nn_conv2d(2, 2, 1), second()), c);
    c = golden_next(file, c);
    check_module(tarn_nn_sum(TARN_NN_IDENTITY, tarn_nn_conv2d(2, 2, 1), second()), c);
    c = golden_next(file, c);
    check_module(tarn_nn_linear(3, 2), c);
    cr_assert_null(golden_next(file, c));
    golden_close(file);
}

/* A network with one in the other, as a U-Net. */
static tarn_module *nested(void)
{
    tarn_module *bottom = tarn_nn_sequential(tarn_nn_conv2d(4, 4, 3, .padding = 1), tarn_nn_tanh());
    for (int level = 0; level < 2; level++)
        bottom = tarn_nn_sequential(
            tarn_nn_concat(TARN_NN_IDENTITY,
                           tarn_nn_sequential(tarn_nn_max_pool2d(2), bottom, tarn_nn_upsample2d(2)),
                           tarn_nn_sum(tarn_nn_tanh(), TARN_NN_IDENTITY, tarn_nn_conv2d(4, 4, 1))),
            tarn_nn_linear(12, 4));
    return tarn_nn_sequential(tarn_nn_conv2d(1, 4, 1), bottom, tarn_nn_batch_norm2d(4),
                              tarn_nn_concat(TARN_NN_IDENTITY, tarn_nn_tanh()), tarn_nn_flatten(),
                              tarn_nn_concat(tarn_nn_linear(512, 3), tarn_nn_linear(512, 2)));
}

static void assert_same(tarn_module *a, tarn_module *b, double tolerance)
{
    tarn_tensor *x = tarn_randn(tarn_shape(3, 8, 8, 1));
    tarn_nn_train(a, false);
    tarn_nn_train(b, false);
    tarn_tape *tape = tarn_tape_begin_no_grad();
    tarn_tensor *y = tarn_nn_forward(a, x), *z = tarn_nn_forward(b, x);
    cr_assert(y && z && tarn_shape_equal(tarn_shape_get(y), tarn_shape_get(z)));
    for (int64_t i = 0; i < tarn_size(y); i++)
        cr_assert_float_eq((double)tarn_values(y)[i], (double)tarn_values(z)[i], tolerance);
    tarn_tape_end(tape);
    tarn_free(x);
    tarn_nn_free(a);
    tarn_nn_free(b);
}

/* Through ONNX and back, and in PyTorch's layout, where what was flattened has another order. */
Test(branches, travel)
{
    char path[] = "/tmp/tarn-test-branches-XXXXXX";
    const int file = mkstemp(path);
    cr_assert(file >= 0);
    close(file);
    tarn_module *model = nested();
    cr_assert(tarn_nn_export_onnx(model, tarn_shape(8, 8, 1), path), "%s", tarn_error());
    tarn_module *read = tarn_nn_from_onnx(path);
    cr_assert(read, "%s", tarn_error());
    assert_same(model, read, 1e-5);

    model = nested();
    cr_assert(tarn_nn_describe(model, .input = tarn_shape(8, 8, 1)));
    cr_assert(tarn_nn_save(model, path, .layout = TARN_LAYOUT_TORCH), "%s", tarn_error());
    read = tarn_nn_from_file(path);
    cr_assert(read, "%s", tarn_error());
    assert_same(model, read, 0);
    unlink(path);
}

Test(branches, are_written_in_c)
{
    compiled c = compiled_begin();
    tarn_module *model = nested();
    FILE *stream = compiled_file(&c, "nested");
    cr_assert(tarn_nn_export_c(model, tarn_shape(8, 8, 1), stream, .name = "nested"), "%s",
              tarn_error());
    fclose(stream);
    compiled_load(&c);
    predict_function *predict = compiled_function(&c, "nested");
    tarn_tensor *x = tarn_randn(tarn_shape(1, 8, 8, 1));
    float image[64], scores[5];
    for (int i = 0; i < 64; i++)
        image[i] = (float)tarn_values(x)[i];
    predict(image, scores);
    tarn_nn_train(model, false);
    tarn_tape *tape = tarn_tape_begin_no_grad();
    tarn_tensor *y = tarn_nn_forward(model, x);
    for (int i = 0; i < 5; i++)
        cr_expect_float_eq(scores[i], (double)tarn_values(y)[i], 1e-5);
    tarn_tape_end(tape);
    tarn_free(x);
    compiled_end(&c);

    stream = tmpfile();
    tarn_tensor *samples = tarn_randn(tarn_shape(4, 8, 8, 1));
    cr_assert_not(tarn_nn_export_c(model, tarn_shape(8, 8, 1), stream, .type = TARN_C_INT8,
                                   .calibration = samples));
    cr_assert(strstr(tarn_error(), "(Concat)") && strstr(tarn_error(), "(Sum)"), "%s",
              tarn_error());
    fclose(stream);
    tarn_free(samples);
    tarn_nn_free(model);
}

/* One module is what it is, and all of one that is none is. */
Test(branches, of_one)
{
    tarn_module *modules[] = {tarn_nn_concat(TARN_NN_IDENTITY), tarn_nn_sum(TARN_NN_IDENTITY)};
    tarn_tensor *x = tarn_randn(tarn_shape(2, 3));
    tarn_tape *tape = tarn_tape_begin();
    for (int i = 0; i < 2; i++) {
        cr_assert_eq(tarn_nn_forward(modules[i], x), x);
        cr_assert_eq(tarn_nn_parameter_count(modules[i]), 0);
        tarn_nn_free(modules[i]);
    }
    tarn_tape_end(tape);
    tarn_free(x);
}

Test(branches, mistakes)
{
    tarn_tensor *x = tarn_zeros(tarn_shape(2, 4, 4, 1)), *v = tarn_zeros(tarn_shape(3));
    tarn_tape *tape = tarn_tape_begin();
    tarn_module *concat = tarn_nn_concat(TARN_NN_IDENTITY, tarn_nn_max_pool2d(2)),
                *sum = tarn_nn_sum(TARN_NN_IDENTITY, tarn_nn_conv2d(1, 2, 1)),
                *same = tarn_nn_concat(TARN_NN_IDENTITY, tarn_nn_relu());
    assert_mistake(tarn_nn_forward(concat, x), "nn_concat: module 1 gives (2,2,2,1), module 0 "
                                               "(2,4,4,1), expects the same shape but for the "
                                               "channels");
    assert_mistake(tarn_nn_forward(sum, x), "nn_sum: module 1 gives (2,4,4,2), module 0 (2,4,4,1), "
                                            "expects the same shape");
    assert_mistake(tarn_nn_forward(same, v), "nn_concat: module 0 gives (3), expects (N,...,C)");
    tarn_tape_end(tape);
    assert_mistake(tarn_nn_concat_of(0, NULL), "nn_concat: count is 0, expects 1 or more");
    assert_mistake(tarn_nn_sum_of(2, NULL), "nn_sum: the list of 2 modules is NULL");
    cr_assert_null(tarn_nn_sum(tarn_nn_relu(), NULL));
    cr_assert_null(tarn_nn_concat(NULL, tarn_nn_relu()));
    tarn_nn_free(concat);
    tarn_nn_free(sum);
    tarn_nn_free(same);
    tarn_free(x);
    tarn_free(v);
}

/* What is flattened here and put together has another order than there. */
Test(branches, flattened_images_do_not_travel)
{
    tarn_module *model = tarn_nn_sequential(
        tarn_nn_concat(tarn_nn_flatten(), tarn_nn_sequential(tarn_nn_relu(), tarn_nn_flatten())),
        tarn_nn_linear(64, 2));
    cr_assert(tarn_nn_describe(model, .input = tarn_shape(4, 4, 2)));
    cr_assert_not(tarn_nn_save(model, "/tmp/never", .layout = TARN_LAYOUT_TORCH));
    cr_assert(strstr(tarn_error(), "it joins flattened images"), "%s", tarn_error());
    tarn_nn_free(model);
}
