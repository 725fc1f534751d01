#include <math.h>

#include "nn/module_internal.h"
#include "tests/nn/nn_test.h"

/* A parameter or buffer. */
static tarn_tensor *tensor(tarn_module *module, const char *name)
{
    tarn_params list = tarn__nn_list(module, true);
    tarn_tensor *found = NULL;
    for (int i = 0; i < list.count; i++)
        if (!strcmp(list.names[i], name))
            found = list.tensors[i];
    free(list.tensors);
    cr_assert(found, "no tensor %s", name);
    return found;
}

static void set_all(tarn_module *module, const golden_case *c)
{
    const char *const names[] = {"weight", "bias"};
    for (int i = 0; i < 2; i++) {
        tarn_tensor *values = golden_tensor(c, names[i]);
        memcpy(tarn_values(tensor(module, names[i])), tarn_values(values),
               (size_t)tarn_size(values) * sizeof(tarn_real));
        tarn_free(values);
    }
}

/* Several steps, which move the running statistics, then evaluation with these. */
Test(batch_norm2d, equals_pytorch_over_several_steps)
{
    const char *const gradients[] = {"weight", "bias"};
    const char *const buffers[] = {"running_mean", "running_var"};
    tarn_module *layer = tarn_nn_batch_norm2d(5, .momentum = 0.25, .eps = 1e-3);
    golden *file = golden_open("nn/batch_norm2d");
    int cases = 0;
    for (const golden_case *c = golden_next(file, NULL); c; c = golden_next(file, c), cases++) {
        set_all(layer, c);
        tarn_nn_train(layer, golden_number(c, "training", 0) != 0);
        tarn_tensor *x = tarn_requires_grad(golden_tensor(c, "x0"), true);
        tarn_tensor *dy = golden_tensor(c, "dy");
        tarn_tape *tape = tarn_tape_begin();
        tarn_tensor *y = tarn_nn_forward(layer, x);
        assert_close(c, "y", tarn_shape_get(y), tarn_values(y));
        cr_assert(tarn_backward(tarn_sum(tarn_mul(y, dy))));
        assert_close(c, "dx0", tarn_shape_get(x), tarn_gradients(x));
        for (int i = 0; i < 2; i++) {
            char name[64];
            tarn_tensor *p = tensor(layer, gradients[i]), *b = tensor(layer, buffers[i]);
            snprintf(name, sizeof name, "d%s", gradients[i]);
            assert_close(c, name, tarn_shape_get(p), tarn_gradients(p));
            assert_close(c, buffers[i], tarn_shape_get(b), tarn_values(b));
            tarn_zero_grad(p);
        }
        tarn_tape_end(tape);
        tarn_free(x);
        tarn_free(dy);
    }
    cr_assert_eq(cases, 4);
    golden_close(file);
    tarn_nn_free(layer);
}

Test(batch_norm2d, starts_as_pytorch_does)
{
    tarn_module *layer = tarn_nn_batch_norm2d(3);
    const char *const names[] = {"weight", "bias", "running_mean", "running_var"};
    const double values[] = {1, 0, 0, 1};
    for (int i = 0; i < 4; i++) {
        cr_assert(tarn_shape_equal(tarn_shape_get(tensor(layer, names[i])), tarn_shape(3)));
        for (int c = 0; c < 3; c++)
            cr_assert_eq((double)tarn_values(tensor(layer, names[i]))[c], values[i]);
    }
    cr_assert_eq(tarn_nn_parameters(layer).count, 2);
    cr_assert_eq(tarn_nn_parameter_count(layer), 6);
    tarn_nn_free(layer);
}

Test(batch_norm2d, summary_leaves_the_running_statistics_alone)
{
    char text[1000] = "";
    FILE *stream = tmpfile();
    tarn_module *layer = tarn_nn_batch_norm2d(3);
    cr_assert(tarn_nn_summary(layer, tarn_shape(1, 1, 1, 3), stream));
    rewind(stream);
    cr_assert(fread(text, 1, sizeof text - 1, stream) > 0);
    cr_expect_str_eq(text, "Name   Layer           Output     Parameters\n"
                           "       BatchNorm2d(3)  (1,1,1,3)           6\n"
                           "Total                                      6\n");
    cr_expect(layer->training);
    for (int c = 0; c < 3; c++) {
        cr_expect_eq((double)tarn_values(tensor(layer, "running_mean"))[c], 0);
        cr_expect_eq((double)tarn_values(tensor(layer, "running_var"))[c], 1);
    }
    fclose(stream);
    tarn_nn_free(layer);
}

Test(batch_norm2d, describes_what_is_unusual)
{
    char text[200];
    tarn_module *layer = tarn_nn_batch_norm2d(64, .momentum = 0.01, .eps = 0.001);
    layer->type->describe(layer, text, sizeof text);
    cr_assert_str_eq(text, "64, .momentum = 0.01, .eps = 0.001");
    tarn_nn_free(layer);
}

Test(batch_norm2d, mistakes)
{
    tarn_module *layer = tarn_nn_batch_norm2d(3);
    tarn_tensor *x = tarn_zeros(tarn_shape(2, 4, 4, 5)), *one = tarn_zeros(tarn_shape(1, 3));
    tarn_tape *tape = tarn_tape_begin();
    assert_mistake(tarn_nn_forward(layer, x),
                   "batch_norm2d: gamma (3), input (2,4,4,5) with 5 channels expects (5)");
    assert_mistake(tarn_nn_forward(layer, one), "has 1 values per channel");
    tarn_nn_train(layer, false);
    cr_assert(tarn_nn_forward(layer, one));
    tarn_tape_end(tape);
    assert_mistake(tarn_nn_batch_norm2d(0), "nn_batch_norm2d: channels is 0, expects at least 1");
    assert_mistake(tarn_nn_batch_norm2d(3, .momentum = 2),
                   "nn_batch_norm2d: momentum is 2, expects a number in [0, 1]");
    assert_mistake(tarn_nn_batch_norm2d(3, .eps = -1),
                   "nn_batch_norm2d: eps is -1, expects a finite number above 0");
    assert_mistake(tarn_nn_batch_norm2d(3, .eps = INFINITY), "nn_batch_norm2d: eps is inf");
    tarn_free(x);
    tarn_free(one);
    tarn_nn_free(layer);
}
