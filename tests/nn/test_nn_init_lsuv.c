/* Initialization from data: the output of every layer has a variance of 1. */
#include "nn/look.h"
#include "tests/nn/nn_test.h"

static int outputs;

static void check(void *context, const tarn_module *module, const tarn_tensor *input,
                  const tarn_tensor *output)
{
    (void)input;
    if (strcmp(module->type->name, "Linear") != 0 && strcmp(module->type->name, "Conv2d") != 0)
        return;
    double mean = 0, square = 0;
    const double n = (double)tarn_size(output);
    for (int64_t i = 0; i < tarn_size(output); i++) {
        mean += (double)tarn_values(output)[i] / n;
        square += (double)tarn_values(output)[i] * (double)tarn_values(output)[i] / n;
    }
    cr_expect_float_eq(square - mean * mean, 1, *(const double *)context, "%s: %g",
                       module->type->name, square - mean * mean);
    outputs++;
}

static tarn_module *network(void)
{
    return tarn_nn_sequential(tarn_nn_conv2d(1, 6, 3), tarn_nn_batch_norm2d(6), tarn_nn_relu(),
                              tarn_nn_residual(tarn_nn_conv2d(6, 6, 3, .padding = 1), .relu = true),
                              tarn_nn_dropout(0.5), tarn_nn_flatten(), tarn_nn_linear(6 * 36, 30),
                              tarn_nn_relu(), tarn_nn_linear(30, 4));
}

Test(lsuv, every_output_has_unit_variance)
{
    for (int k = 0; k < 2; k++) {
        tarn_seed(k == 0 ? 1 : 2);
        double tolerance = k == 0 ? 0.1 : 1e-3;
        tarn_module *model = network();
        tarn_tensor *images = tarn_randn(tarn_shape(16, 8, 8, 1));
        cr_assert_eq(tarn_nn_lsuv(model, images, .tolerance = tolerance, .orthogonal = k == 0,
                                  .iterations = 20),
                     4);
        cr_assert(model->training);
        outputs = 0;
        cr_assert(tarn__nn_look(model, images, check, &tolerance));
        cr_assert_eq(outputs, 4);
        tarn_free(images);
        tarn_nn_free(model);
    }
}

Test(lsuv, mistakes)
{
    tarn_module *model = network();
    tarn_tensor *none = tarn_zeros(tarn_shape(2, 8, 8, 1)),
                *wide = tarn_randn(tarn_shape(2, 8, 8, 3));
    cr_assert_eq(tarn_nn_init(model, "0.bias", tarn_init_constant, 0), 1);
    assert_mistake(tarn_nn_lsuv(model, none),
                   "nn_lsuv: the output of a Conv2d has a variance of 0, expects one above 0");
    assert_mistake(tarn_nn_lsuv(model, wide), "conv2d: ");
    assert_mistake(tarn_nn_lsuv(model, none, .iterations = 0),
                   "nn_lsuv: iterations is 0, expects at least 1");
    assert_mistake(tarn_nn_lsuv(model, none, .tolerance = NAN), "nn_lsuv: tolerance is ");
    tarn_free(none);
    tarn_free(wide);
    tarn_nn_free(model);
}
