/* What several layers have: weight norm, and norms without scale and shift. */
#include <math.h>
#include <unistd.h>

#include "tests/nn/nn_test.h"

Test(weight_norm, equals_pytorch)
{
    golden *file = golden_open("nn/weight_norm");
    const golden_case *c = golden_next(file, NULL);
    check_module(tarn_nn_linear(3, 2, .weight_norm = true), c);
    check_module(tarn_nn_conv2d(2, 3, 2, .weight_norm = true), c = golden_next(file, c));
    check_module(tarn_nn_conv_transpose2d(2, 3, 2, .weight_norm = true), c = golden_next(file, c));
    cr_assert_null(golden_next(file, c));
    golden_close(file);
}

static void run(tarn_module *model, const tarn_tensor *x, tarn_real *to)
{
    tarn_nn_train(model, false);
    tarn_tape *tape = tarn_tape_begin_no_grad();
    tarn_tensor *y = tarn_nn_forward(model, (tarn_tensor *)x);
    cr_assert(y, "%s", tarn_error());
    memcpy(to, tarn_values(y), (size_t)tarn_size(y) * sizeof *to);
    tarn_tape_end(tape);
}

/* At first the network is what it would be without. */
Test(weight_norm, begins_as_without)
{
    tarn_tensor *x = tarn_randn(tarn_shape(2, 5, 4, 3));
    tarn_real y[2][2 * 4 * 3 * 6];
    for (int norm = 0; norm < 2; norm++) {
        tarn_seed(1);
        tarn_module *model = tarn_nn_conv2d(3, 6, 2, .weight_norm = norm);
        run(model, x, y[norm]);
        tarn_nn_free(model);
    }
    for (int i = 0; i < 2 * 4 * 3 * 6; i++)
        cr_assert_float_eq((double)y[0][i], (double)y[1][i], 1e-6);
    tarn_free(x);
}

static tarn_module *mixed(void)
{
    return tarn_nn_sequential(
        tarn_nn_conv2d(2, 4, 3, .weight_norm = true),
        tarn_nn_batch_norm2d(4, .affine = false, .cumulative = true), tarn_nn_relu(),
        tarn_nn_group_norm(2, 4, .affine = false), tarn_nn_local_response_norm(3, .alpha = 0.5),
        tarn_nn_conv_transpose2d(4, 3, 2, .weight_norm = true),
        tarn_nn_layer_norm(3, .affine = false), tarn_nn_linear(3, 4, .weight_norm = true),
        tarn_nn_flatten(), tarn_nn_linear(100, 3, .bias = false, .weight_norm = true));
}

/* Weights other than they begin, and running statistics. */
static void unsettle(tarn_module *model, tarn_tensor *x)
{
    tarn_params list = tarn_nn_parameters(model);
    for (int i = 0; i < list.count; i++)
        for (int64_t k = 0; k < tarn_size(list.tensors[i]); k++)
            tarn_values(list.tensors[i])[k] += (tarn_real)(0.1 * sin((double)(i + k)));
    tarn_nn_train(model, true);
    tarn_tape *tape = tarn_tape_begin_no_grad();
    for (int i = 0; i < 2; i++)
        cr_assert(tarn_nn_forward(model, x));
    tarn_tape_end(tape);
}

Test(weight_norm, travels_with_norms_without_scale)
{
    char path[] = "/tmp/tarn-test-layer-XXXXXX";
    const int file = mkstemp(path);
    cr_assert(file >= 0);
    close(file);
    tarn_tensor *x = tarn_randn(tarn_shape(3, 6, 6, 2));
    tarn_module *model = mixed(), *loaded = mixed();
    tarn_real expected[9], found[9];
    unsettle(model, x);
    run(model, x, expected);
    cr_assert(tarn_nn_describe(model, .input = tarn_shape(6, 6, 2)));
    cr_assert(tarn_nn_save(model, path, .layout = TARN_LAYOUT_TORCH), "%s", tarn_error());
    cr_assert(tarn_nn_load(loaded, path), "%s", tarn_error());
    run(loaded, x, found);
    cr_assert_arr_eq(found, expected, sizeof expected);
    for (int i = 0; i < tarn_nn_tensors(loaded).count; i++)
        if (strstr(tarn_nn_tensors(loaded).names[i], "num_batches_tracked"))
            cr_assert_eq(tarn_item(tarn_nn_tensors(loaded).tensors[i]), 2);
    tarn_nn_free(loaded);
    unlink(path);
    tarn_free(x);
    tarn_nn_free(model);
}

/* The lengths have PyTorch's shapes there, and each matrix is told by its name. */
Test(weight_norm, has_the_shapes_of_pytorch)
{
    char path[] = "/tmp/tarn-test-layer-XXXXXX", text[4000];
    const int file = mkstemp(path);
    cr_assert(file >= 0);
    close(file);
    tarn_module *model = mixed();
    cr_assert(tarn_nn_describe(model, .input = tarn_shape(6, 6, 2)));
    const tarn_nn_name names[] = {{"7.weight", "7.parametrizations.weight.original1"},
                                  {"7.weight_g", "7.parametrizations.weight.original0"},
                                  {NULL, NULL}};
    cr_assert(tarn_nn_save(model, path, .layout = TARN_LAYOUT_TORCH, .names = names), "%s",
              tarn_error());
    FILE *stream = fmemopen(text, sizeof text, "w");
    cr_assert(tarn_nn_inspect(path, stream), "%s", tarn_error());
    fclose(stream);
    const char *const words[] = {"0.weight_g", "[4,1,1,1]", "5.weight_g",
                                 "7.parametrizations.weight.original0", "[4,1]"};
    for (int i = 0; i < 5; i++)
        cr_expect(strstr(text, words[i]), "no %s in\n%s", words[i], text);
    unlink(path);
    tarn_nn_free(model);
}

Test(plain_norms, equal_pytorch)
{
    golden *file = golden_open("nn/plain_norms");
    tarn_module *norm = tarn_nn_batch_norm2d(3, .affine = false, .cumulative = true);
    cr_assert_eq(tarn_nn_parameters(norm).count, 0);
    cr_assert_eq(tarn_nn_tensors(norm).count, 3);
    const golden_case *c = golden_next(file, NULL);
    for (int step = 0; step < 3; step++, c = golden_next(file, c)) {
        tarn_tensor *x = tarn_requires_grad(golden_tensor(c, "x0"), true);
        tarn_tensor *dy = golden_tensor(c, "dy");
        tarn_nn_train(norm, step < 2);
        tarn_tape *tape = tarn_tape_begin();
        tarn_tensor *y = tarn_nn_forward(norm, x);
        assert_close(c, "y", tarn_shape_get(y), tarn_values(y));
        cr_assert(tarn_backward(y, .gradient = dy));
        assert_close(c, "dx0", tarn_shape_get(x), tarn_gradients(x));
        tarn_tape_end(tape);
        const tarn_params all = tarn_nn_tensors(norm);
        for (int i = 0; i < 2; i++)
            assert_close(c, all.names[i], tarn_shape(3), tarn_values(all.tensors[i]));
        cr_assert_eq(tarn_item(all.tensors[2]), step < 2 ? (tarn_real)(step + 1) : 2);
        tarn_free(x);
        tarn_free(dy);
    }
    check_module(tarn_nn_layer_norm(3, .affine = false), c);
    check_module(tarn_nn_group_norm(2, 4, .affine = false), c = golden_next(file, c));
    check_module(tarn_nn_rms_norm(3, .eps = 0.25, .affine = false), c = golden_next(file, c));
    cr_assert_null(golden_next(file, c));
    golden_close(file);
    tarn_nn_free(norm);
}

/* A count that no training gives, as a file may have it, is taken for none. */
Test(plain_norms, counts_from_elsewhere)
{
    tarn_module *norm = tarn_nn_batch_norm2d(2, .cumulative = true);
    tarn_tensor *x = tarn_randn(tarn_shape(8, 2)), *count = tarn_nn_tensors(norm).tensors[4];
    const tarn_real wrong[] = {-1, (tarn_real)NAN, -(tarn_real)INFINITY};
    tarn_tape *tape = tarn_tape_begin();
    for (int i = 0; i < 3; i++) {
        tarn_values(count)[0] = wrong[i];
        cr_assert(tarn_nn_forward(norm, x));
        cr_assert_eq(tarn_values(count)[0], 1);
    }
    tarn_tape_end(tape);
    tarn_free(x);
    tarn_nn_free(norm);
}
