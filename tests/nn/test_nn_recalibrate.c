/* Statistics of batch normalization, found anew for other weights. */
#include "tests/nn/nn_test.h"

enum { BATCHES = 5, IMAGES = 4 };

static tarn_module *model_with(double momentum)
{
    return tarn_nn_sequential(tarn_nn_conv2d(1, 3, 3),
                              tarn_nn_batch_norm2d(3, .momentum = momentum), tarn_nn_relu(),
                              tarn_nn_residual(tarn_nn_batch_norm2d(3)), tarn_nn_dropout(0.5));
}

/* Expects the buffer i of the list to be the mean, over the batches, of what one batch gives. */
Test(nn_recalibrate, statistics_are_means_over_batches)
{
    tarn_seed(1);
    tarn_module *model = model_with(0.3), *each = model_with(1);
    tarn_tensor *batches[BATCHES];
    double sums[6 * 3] = {0};
    const tarn_params from = tarn_nn_tensors(model), to = tarn_nn_tensors(each);
    cr_assert_eq(from.count, 10);
    for (int i = 0; i < from.count; i++)
        memcpy(tarn_values(to.tensors[i]), tarn_values(from.tensors[i]),
               (size_t)tarn_size(to.tensors[i]) * sizeof(tarn_real));
    const uint64_t random = tarn_random_state();
    for (int k = 0; k < BATCHES; k++) {
        batches[k] = tarn_randn(tarn_shape(IMAGES, 6, 6, 1));
        cr_assert(tarn_nn_recalibrate(each, batches[k], 0));
        for (int i = 0, n = 0; i < to.count; i++)
            if (strstr(to.names[i], "running"))
                for (int c = 0; c < 3; c++)
                    sums[n++] += (double)tarn_values(to.tensors[i])[c] / BATCHES;
    }
    tarn_set_random_state(random);
    for (int k = 0; k < BATCHES; k++)
        cr_assert(tarn_nn_recalibrate(model, batches[k], k));
    cr_assert_eq(tarn_random_state(), random); /* no dropout */
    for (int i = 0, n = 0; i < from.count; i++)
        if (strstr(from.names[i], "running"))
            for (int c = 0; c < 3; c++, n++) {
                const double is = (double)tarn_values(from.tensors[i])[c];
                cr_expect_float_eq(is, sums[n], 1e-6, "%s %d: %g, %g", from.names[i], c, is,
                                   sums[n]);
            }
    for (int k = 0; k < BATCHES; k++)
        tarn_free(batches[k]);
    tarn_nn_free(model);
    tarn_nn_free(each);
}

/* The first batch leaves nothing of what was there, NaN neither; modes and momentum are as before.
 */
Test(nn_recalibrate, begins_anew_and_leaves_no_trace)
{
    tarn_module *model = model_with(0.25);
    tarn_tensor *x = tarn_randn(tarn_shape(IMAGES, 6, 6, 1));
    const tarn_params all = tarn_nn_tensors(model);
    for (int i = 0; i < all.count; i++)
        if (strstr(all.names[i], "running"))
            tarn_values(all.tensors[i])[0] = 1e6;
    tarn_nn_train(model, false);
    cr_assert(tarn_nn_recalibrate(model, x, 0));
    for (int i = 0; i < all.count; i++)
        if (strstr(all.names[i], "running"))
            cr_expect_lt(fabs((double)tarn_values(all.tensors[i])[0]), 10, "%s", all.names[i]);
    cr_assert_not(model->training);
    char text[64];
    const tarn_module *layer = model->parts[1].child;
    cr_assert_not(layer->training);
    tarn_nn_describe_numbers(layer, text, sizeof text);
    cr_expect_str_eq(text, "3, .momentum = 0.25");
    tarn_free(x);
    tarn_nn_free(model);
}

Test(nn_recalibrate, refuses)
{
    tarn_module *model = model_with(0.25);
    tarn_tensor *x = tarn_randn(tarn_shape(IMAGES, 6, 6, 1)),
                *wide = tarn_randn(tarn_shape(2, 6, 6, 2));
    assert_mistake(tarn_nn_recalibrate(model, x, -1),
                   "nn_recalibrate: k is -1, expects the number of the batch, from 0 on");
    assert_mistake(tarn_nn_recalibrate(model, wide, 0), "conv2d: ");
    cr_assert(model->training);
    tarn_free(x);
    tarn_free(wide);
    tarn_nn_free(model);
}
