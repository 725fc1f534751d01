/* C files in int8: on digits as good as the network, and each kind of layer near to it. */
#include <math.h>

#include "tests/nn/compiled.h"
#include "tests/nn/nn_test.h"
#include "tests/support/heap.h"

enum { PIXELS = 28 * 28, CLASSES = 10, CALIBRATION = 200, STEPS = 150 };

static tarn_module *small_lenet(void)
{
    return tarn_nn_sequential(tarn_nn_conv2d(1, 6, 5, .stride = 2), tarn_nn_relu(),
                              tarn_nn_max_pool2d(2), tarn_nn_flatten(), tarn_nn_linear(216, 40),
                              tarn_nn_relu(), tarn_nn_linear(40, CLASSES));
}

static void train(tarn_module *model, tarn_dataset *digits)
{
    tarn_loader *loader = tarn_loader_new(digits, 64, .shuffle = true, .seed = 1);
    tarn_optim *optimizer = tarn_optim_adam(tarn_nn_parameters(model), .lr = 3e-3);
    tarn_batch batch;
    for (int i = 0; i < STEPS && tarn_loader_next(loader, &batch); i++) {
        tarn_tape *tape = tarn_tape_begin();
        tarn_tensor *loss = tarn_cross_entropy(tarn_nn_forward(model, batch.images), batch.labels);
        tarn_optim_zero_grad(optimizer);
        tarn_backward(loss);
        tarn_optim_step(optimizer);
        tarn_tape_end(tape);
    }
    tarn_optim_free(optimizer);
    tarn_loader_free(loader);
}

static int largest(const float *scores)
{
    int best = 0;
    for (int k = 1; k < CLASSES; k++)
        best = scores[k] > scores[best] ? k : best;
    return best;
}

/* How many digits the network gets right, and how many the file does. */
static void count_right(tarn_module *model, predict_function *predict, tarn_dataset *digits,
                        int *networks, int *files)
{
    tarn_loader *loader = tarn_loader_new(digits, 100);
    tarn_batch batch;
    float image[PIXELS], scores[CLASSES];
    while (tarn_loader_next(loader, &batch)) {
        tarn_tape *tape = tarn_tape_begin_no_grad();
        *networks += (int)tarn_count_correct(tarn_nn_forward(model, batch.images), batch.labels);
        tarn_tape_end(tape);
        for (int64_t i = 0; i < batch.count; i++) {
            for (int k = 0; k < PIXELS; k++)
                image[k] = (float)tarn_values(batch.images)[i * PIXELS + k];
            predict(image, scores);
            *files += largest(scores) == batch.labels.ids[i];
        }
    }
    tarn_loader_free(loader);
}

static tarn_tensor *first_images(tarn_dataset *digits, int count)
{
    tarn_loader *loader = tarn_loader_new(digits, count);
    tarn_batch batch;
    cr_assert(tarn_loader_next(loader, &batch));
    tarn_tensor *images = tarn_clone(batch.images);
    tarn_loader_free(loader);
    return images;
}

Test(export_c_int8, is_as_good_as_the_network_on_digits)
{
    tarn_seed(1);
    tarn_module *model = small_lenet();
    tarn_dataset *digits = tarn_data_samples(TARN_SOURCE_DIR "/data/samples", TARN_TRAIN);
    tarn_dataset *test = tarn_data_samples(TARN_SOURCE_DIR "/data/samples", TARN_TEST);
    cr_assert(digits && test, "%s", tarn_error());
    train(model, digits);
    tarn_nn_train(model, false);
    tarn_tensor *calibration = first_images(digits, CALIBRATION);
    compiled c = compiled_begin();
    FILE *stream = compiled_file(&c, "predict");
    tarn_nn_c_sizes sizes;
    cr_assert(tarn_nn_export_c(model, tarn_shape(28, 28, 1), stream, .type = TARN_C_INT8,
                               .calibration = calibration, .sizes = &sizes),
              "%s", tarn_error());
    fclose(stream);
    compiled_load(&c);
    int networks = 0, files = 0;
    count_right(model, compiled_function(&c, "predict"), test, &networks, &files);
    cr_assert_gt(networks, 1600, "the network learned: %d", networks);
    cr_assert_leq(abs(networks - files), 10, "%d digits right, in int8 %d of 2000", networks,
                  files);
    /* Weights of a byte; a bias and a multiplier, or a scale, for each output. */
    cr_assert_eq(sizes.constants, 150 + 8640 + 400 + 8 * (6 + 40 + 10));
    cr_assert_eq(sizes.work, 784 + 864);
    compiled_end(&c);
    tarn_free(calibration);
    tarn_dataset_free(digits);
    tarn_dataset_free(test);
    tarn_nn_free(model);
}

/* Each kind of layer that has an int8 form, and a float one at the end. */
static tarn_module *all_kinds(void)
{
    tarn_module *body = tarn_nn_sequential(tarn_nn_conv2d(6, 6, 3, .padding = 1, .groups = 6),
                                           tarn_nn_leaky_relu(), tarn_nn_conv2d(6, 6, 1));
    return tarn_nn_sequential(
        tarn_nn_batch_norm2d(3), tarn_nn_conv2d(3, 6, 3), tarn_nn_batch_norm2d(6), tarn_nn_tanh(),
        tarn_nn_residual(body, .relu = true), tarn_nn_relu(), tarn_nn_max_pool2d(2, .stride = 1),
        tarn_nn_avg_pool2d(2), tarn_nn_residual(tarn_nn_gelu()), tarn_nn_adaptive_avg_pool2d(2, 1),
        tarn_nn_linear(6, 6), tarn_nn_flatten(), tarn_nn_linear(12, 6), tarn_nn_silu(),
        tarn_nn_linear(6, 3), tarn_nn_softmax());
}

Test(export_c_int8, is_near_to_the_network_for_each_kind_of_layer)
{
    tarn_seed(2);
    tarn_module *model = all_kinds();
    const tarn_shape input = tarn_shape(11, 7, 3);
    tarn_tensor *x = tarn_randn(tarn_shape(150, 11, 7, 3));
    compiled c = compiled_begin();
    FILE *stream = compiled_file(&c, "predict");
    cr_assert(tarn_nn_export_c(model, input, stream, .type = TARN_C_INT8, .calibration = x), "%s",
              tarn_error());
    fclose(stream);
    compiled_load(&c);
    predict_function *predict = compiled_function(&c, "predict");
    tarn_nn_train(model, false);
    tarn_tape *tape = tarn_tape_begin_no_grad();
    const tarn_tensor *y = tarn_nn_forward(model, x);
    float image[11 * 7 * 3], scores[3];
    for (int64_t i = 0; i < 150; i++) {
        for (int k = 0; k < 11 * 7 * 3; k++)
            image[k] = (float)tarn_values(x)[i * 11 * 7 * 3 + k];
        predict(image, scores);
        for (int k = 0; k < 3; k++)
            cr_assert_float_eq(scores[k], tarn_values((tarn_tensor *)y)[i * 3 + k], 0.02,
                               "sample %d: %g, expects %g", (int)i, (double)scores[k],
                               (double)tarn_values((tarn_tensor *)y)[i * 3 + k]);
    }
    tarn_tape_end(tape);
    compiled_end(&c);
    tarn_free(x);
    tarn_nn_free(model);
}

/* Channels whose numbers, and whose weights behind them, are a hundred times as large as others':
   with one scale for all, the small ones would be rounded to nothing. */
Test(export_c_int8, channels_of_very_different_size)
{
    enum { CHANNELS = 8, SAMPLES_TRIED = 100 };
    tarn_seed(3);
    tarn_module *model = tarn_nn_sequential(tarn_nn_linear(6, CHANNELS), tarn_nn_relu(),
                                            tarn_nn_linear(CHANNELS, CHANNELS),
                                            tarn_nn_leaky_relu(), tarn_nn_linear(CHANNELS, 1));
    tarn_params list = tarn_nn_parameters(model);
    for (int i = 0; i < 6 * CHANNELS; i++)
        tarn_values(list.tensors[0])[i] *= (tarn_real)(i % CHANNELS < 4 ? 0.01 : 1);
    for (int i = 0; i < CHANNELS; i++)
        tarn_values(list.tensors[1])[i] *= (tarn_real)(i < 4 ? 0.01 : 1);
    for (int i = 0; i < CHANNELS * CHANNELS; i++)
        tarn_values(list.tensors[2])[i] *= (tarn_real)(i / CHANNELS < 4 ? 100 : 1);
    tarn_tensor *x = tarn_randn(tarn_shape(SAMPLES_TRIED, 6));
    compiled c = compiled_begin();
    FILE *stream = compiled_file(&c, "predict");
    cr_assert(
        tarn_nn_export_c(model, tarn_shape(6), stream, .type = TARN_C_INT8, .calibration = x));
    fclose(stream);
    compiled_load(&c);
    tarn_nn_train(model, false);
    tarn_tape *tape = tarn_tape_begin_no_grad();
    const tarn_real *y = tarn_values(tarn_nn_forward(model, x));
    double error = 0, size = 0;
    for (int i = 0; i < SAMPLES_TRIED; i++) {
        float image[6], score;
        for (int k = 0; k < 6; k++)
            image[k] = (float)tarn_values(x)[i * 6 + k];
        compiled_function(&c, "predict")(image, &score);
        error += pow((double)score - (double)y[i], 2);
        size += pow((double)y[i], 2);
    }
    cr_assert_lt(sqrt(error / size), 0.02, "%g of the outputs", sqrt(error / size));
    tarn_tape_end(tape);
    compiled_end(&c);
    tarn_free(x);
    tarn_nn_free(model);
}

static void assert_refused(tarn_module *model, tarn_shape input, tarn_tensor *calibration,
                           const char *words)
{
    FILE *stream = tmpfile();
    cr_assert(
        !tarn_nn_export_c(model, input, stream, .type = TARN_C_INT8, .calibration = calibration));
    cr_assert_eq(ftell(stream), 0, "nothing is written");
    cr_assert(strstr(tarn_error(), words), "\"%s\" does not hold \"%s\"", tarn_error(), words);
    fclose(stream);
    tarn_nn_free(model);
    tarn_free(calibration);
}

Test(export_c_int8, refuses_what_it_cannot_do)
{
    tarn_tensor *infinite = tarn_full(tarn_shape(4, 2), (tarn_real)INFINITY);
    assert_refused(tarn_nn_sequential(tarn_nn_relu()), tarn_shape(2), tarn_zeros(tarn_shape(4, 2)),
                   "no convolution or linear layer");
    assert_refused(tarn_nn_sequential(tarn_nn_linear(2, 2)), tarn_shape(2), infinite,
                   "NaN or infinities");
    assert_refused(tarn_nn_sequential(tarn_nn_layer_norm(2), tarn_nn_linear(2, 2)), tarn_shape(2),
                   tarn_zeros(tarn_shape(4, 2)), "cannot be expressed: \"0\" (LayerNorm)");
}

Test(export_c_int8, reports_mistakes)
{
    tarn_module *model = tarn_nn_linear(2, 2);
    tarn_tensor *x = tarn_zeros(tarn_shape(3, 3)), *none = tarn_zeros(tarn_shape(0, 2));
    FILE *stream = tmpfile();
    const tarn_shape shape = tarn_shape(2);
    assert_mistake(tarn_nn_export_c(model, shape, stream, .type = TARN_C_INT8), "expects both");
    assert_mistake(tarn_nn_export_c(model, shape, stream, .calibration = x), "expects both");
    assert_mistake(tarn_nn_export_c(model, shape, stream, .type = TARN_C_INT8, .calibration = x),
                   ".calibration is (3,3), expects (count, ...) samples of (2)");
    assert_mistake(tarn_nn_export_c(model, shape, stream, .type = TARN_C_INT8, .calibration = none),
                   ".calibration is (0,2)");
    fclose(stream);
    tarn_free(x);
    tarn_free(none);
    tarn_nn_free(model);
}

/* Zeros alone calibrate nothing, but nothing overflows or divides by 0. */
Test(export_c_int8, takes_samples_and_weights_of_zeros)
{
    tarn_module *model =
        tarn_nn_sequential(tarn_nn_linear(2, 2), tarn_nn_relu(), tarn_nn_linear(2, 2));
    tarn_params list = tarn_nn_parameters(model);
    for (int i = 0; i < list.count; i++)
        memset(tarn_values(list.tensors[i]), 0,
               (size_t)tarn_size(list.tensors[i]) * sizeof(tarn_real));
    tarn_values(list.tensors[3])[1] = 5;
    tarn_tensor *x = tarn_zeros(tarn_shape(1, 2));
    compiled c = compiled_begin();
    FILE *stream = compiled_file(&c, "predict");
    cr_assert(
        tarn_nn_export_c(model, tarn_shape(2), stream, .type = TARN_C_INT8, .calibration = x));
    fclose(stream);
    compiled_load(&c);
    float scores[2];
    compiled_function(&c, "predict")((const float[]){NAN, 1e30f}, scores);
    cr_assert_eq(scores[0], 0);
    cr_assert_float_eq(scores[1], 5, 1e-6);
    compiled_end(&c);
    tarn_free(x);
    tarn_nn_free(model);
}

#ifdef TARN_TESTS_HEAP_IS_WATCHED
Test(export_c_int8, survives_the_failure_of_each_allocation)
{
    tarn_module *model = all_kinds();
    tarn_tensor *x = tarn_randn(tarn_shape(2, 11, 7, 3));
    FILE *stream = tmpfile();
    bool done = false;
    for (long calls = 0; !done; calls++) {
        rewind(stream);
        fputs("to have its buffer", stream);
        heap_calls_left = calls;
        done = tarn_nn_export_c(model, tarn_shape(11, 7, 3), stream, .type = TARN_C_INT8,
                                .calibration = x);
        heap_calls_left = -1;
        cr_assert(done || strstr(tarn_error(), "emory"), "%s", tarn_error());
    }
    fclose(stream);
    tarn_free(x);
    tarn_nn_free(model);
}
#endif
