/* Gradients of several small batches add up to those of a large one. */
#include "tests/optim/replay.h"

enum { IMAGES = 24, SIZE = 8, CLASSES = 5, MOST_BATCHES = 6 };

static tarn_module *network(void)
{
    tarn_seed(5);
    return tarn_nn_sequential(tarn_nn_conv2d(2, 6, 3), tarn_nn_relu(), tarn_nn_flatten(),
                              tarn_nn_linear(6 * 6 * 6, 16), tarn_nn_relu(),
                              tarn_nn_linear(16, CLASSES));
}

/* One step over all images in so many batches; the network after it, and its gradients. */
static tarn_module *step_in_batches(const tarn_tensor *images, const int32_t *ids, int batches)
{
    const int64_t count = IMAGES / batches;
    tarn_module *model = network();
    tarn_optim *optimizer =
        tarn_optim_sgd(tarn_nn_parameters(model), .lr = 0.5, .momentum = 0.9, .weight_decay = 0.01);
    tarn_optim_zero_grad(optimizer);
    for (int k = 0; k < batches; k++) {
        tarn_tensor *x = tarn_from_array(tarn_shape(count, SIZE, SIZE, 2),
                                         tarn_values(images) + k * count * SIZE * SIZE * 2);
        tarn_tape *tape = tarn_tape_begin();
        tarn_tensor *loss =
            tarn_cross_entropy(tarn_nn_forward(model, x), tarn_labels(count, ids + k * count));
        cr_assert(tarn_backward(tarn_scale(loss, 1.0 / batches)));
        tarn_tape_end(tape);
        tarn_free(x);
    }
    tarn_optim_step(optimizer);
    tarn_optim_free(optimizer);
    return model;
}

/* The largest difference, relative to the largest of the expected; infinite if there is a NaN. */
static double difference(const tarn_real *values, const tarn_real *expected, int64_t count)
{
    double most = 0, largest = 0;
    for (int64_t i = 0; i < count; i++) {
        const double apart = fabs((double)values[i] - (double)expected[i]);
        if (!(apart <= most))
            most = isnan(apart) ? INFINITY : apart;
        largest = fmax(largest, fabs((double)expected[i]));
    }
    cr_assert(largest > 0);
    return most / largest;
}

/* An epoch of steps, each over a batch in so many parts. */
static tarn_module *train_in_parts(tarn_dataset *dataset, int parts)
{
    tarn_module *model = network();
    tarn_optim *optimizer = tarn_optim_sgd(tarn_nn_parameters(model), .lr = 0.1, .momentum = 0.9);
    tarn_loader *loader = tarn_loader_new(dataset, 10, .shuffle = true, .parts = parts);
    tarn_batch batch;
    int steps = 0;
    while (tarn_loader_next(loader, &batch)) {
        tarn_tape *tape = tarn_tape_begin();
        tarn_tensor *loss = tarn_cross_entropy(tarn_nn_forward(model, batch.images), batch.labels);
        cr_assert(tarn_backward(tarn_scale(loss, batch.share)));
        if (batch.last) {
            tarn_optim_step(optimizer);
            tarn_optim_zero_grad(optimizer);
            steps++;
        }
        tarn_tape_end(tape);
    }
    cr_assert_eq(steps, 3);
    tarn_loader_free(loader);
    tarn_optim_free(optimizer);
    return model;
}

/* Also where the parts are not of one size: of 10 images, and of the last 4. */
Test(accumulation, the_parts_of_a_batch_equal_the_batch)
{
    const double tolerance = sizeof(tarn_real) == sizeof(float) ? 5e-6 : 1e-14;
    int32_t ids[IMAGES];
    for (int i = 0; i < IMAGES; i++)
        ids[i] = i * 7 % CLASSES;
    tarn_tensor *images = tarn_randn(tarn_shape(IMAGES, SIZE, SIZE, 2));
    tarn_dataset *dataset =
        tarn_data_from_numbers(tarn_shape_get(images), tarn_values(images), ids, CLASSES);
    tarn_module *whole = train_in_parts(dataset, 1);
    for (int parts = 2; parts <= 4; parts++) {
        tarn_module *cut = train_in_parts(dataset, parts);
        const tarn_params got = tarn_nn_parameters(cut), expected = tarn_nn_parameters(whole);
        for (int i = 0; i < got.count; i++) {
            const double apart =
                difference(tarn_values(got.tensors[i]), tarn_values(expected.tensors[i]),
                           tarn_size(got.tensors[i]));
            cr_assert(apart <= tolerance, "%s, %d parts: %g", got.names[i], parts, apart);
        }
        tarn_nn_free(cut);
    }
    tarn_nn_free(whole);
    tarn_dataset_free(dataset);
    tarn_free(images);
}

Test(accumulation, equals_one_large_batch)
{
    const double tolerance = sizeof(tarn_real) == sizeof(float) ? 2e-6 : 1e-14;
    int32_t ids[IMAGES];
    for (int i = 0; i < IMAGES; i++)
        ids[i] = i * 7 % CLASSES;
    tarn_tensor *images = tarn_randn(tarn_shape(IMAGES, SIZE, SIZE, 2));
    tarn_module *large = step_in_batches(images, ids, 1);
    const tarn_params expected = tarn_nn_parameters(large);
    for (int batches = 2; batches <= MOST_BATCHES; batches += 2) {
        tarn_module *small = step_in_batches(images, ids, batches);
        const tarn_params got = tarn_nn_parameters(small);
        for (int i = 0; i < got.count; i++) {
            tarn_tensor *a = got.tensors[i], *b = expected.tensors[i];
            const int64_t size = tarn_size(a);
            const double gradients = difference(tarn_gradients(a), tarn_gradients(b), size);
            const double weights = difference(tarn_values(a), tarn_values(b), size);
            cr_assert(gradients <= tolerance && weights <= tolerance,
                      "%s, %d batches: gradients differ by %g, weights by %g", got.names[i],
                      batches, gradients, weights);
        }
        tarn_nn_free(small);
    }
    tarn_nn_free(large);
    tarn_free(images);
}
