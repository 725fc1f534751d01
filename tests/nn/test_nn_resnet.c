/* A small residual network: convolutions, batch normalization, residual blocks and global average
   pooling together. */
#include <math.h>
#include <stdio.h>
#include <unistd.h>

#include "nn/module_internal.h"
#include "tests/nn/nn_test.h"

static tarn_module *conv(int in, int out, int kernel, int stride)
{
    return tarn_nn_conv2d(in, out, kernel, .stride = stride, .padding = kernel / 2, .bias = false);
}

static tarn_module *block(int in, int out, int stride)
{
    tarn_module *projection = TARN_NN_IDENTITY;
    if (stride > 1)
        projection = tarn_nn_sequential(conv(in, out, 1, stride), tarn_nn_batch_norm2d(out));
    return tarn_nn_residual(tarn_nn_sequential(conv(in, out, 3, stride), tarn_nn_batch_norm2d(out),
                                               tarn_nn_relu(), conv(out, out, 3, 1),
                                               tarn_nn_batch_norm2d(out)),
                            .projection = projection, .relu = true);
}

static tarn_module *network(void)
{
    return tarn_nn_sequential(conv(3, 4, 3, 1), tarn_nn_batch_norm2d(4), tarn_nn_relu(),
                              block(4, 4, 1), block(4, 6, 2), tarn_nn_global_avg_pool2d(),
                              tarn_nn_linear(6, 5));
}

/* The rows of images that belong to a step. */
static tarn_tensor *images_of(tarn_tensor *all, int step, int batch)
{
    tarn_shape shape = tarn_shape_get(all);
    int64_t size = tarn_size(all) / shape.dim[0] * batch;
    shape.dim[0] = batch;
    return tarn_from_array(shape, tarn_values(all) + step * size);
}

enum { STEPS = 10, BATCH = 4 };

static void train(tarn_module *model, tarn_tensor *images, const int32_t *labels, double *losses)
{
    tarn_optim *optimizer =
        tarn_optim_sgd(tarn_nn_parameters(model), .lr = 0.1, .momentum = 0.9, .weight_decay = 1e-3);
    for (int step = 0; step < STEPS; step++) {
        tarn_tensor *x = images_of(images, step, BATCH);
        tarn_tape *tape = tarn_tape_begin();
        tarn_tensor *loss = tarn_cross_entropy(tarn_nn_forward(model, x),
                                               tarn_labels(BATCH, labels + step * BATCH));
        tarn_optim_zero_grad(optimizer);
        cr_assert(tarn_backward(loss));
        tarn_optim_step(optimizer);
        losses[step] = (double)tarn_item(loss);
        tarn_tape_end(tape);
        tarn_free(x);
    }
    tarn_optim_free(optimizer);
}

/* Ten steps let rounding grow. */
static const double tolerance = sizeof(tarn_real) == 8 ? 1e-10 : 1e-4;

static void expect_close(const golden_case *c, const char *name, tarn_tensor *t)
{
    double difference = golden_difference(c, name, tarn_shape_get(t), tarn_values(t));
    cr_expect(difference <= tolerance, "%s differs by %g", name, difference);
}

static void set_state(tarn_module *model, const golden_case *c)
{
    tarn_params list = tarn__nn_list(model, true);
    cr_assert_eq(list.count, 32);
    for (int i = 0; i < list.count; i++) {
        tarn_tensor *values = golden_tensor(c, list.names[i]);
        cr_assert(values && tarn_size(values) == tarn_size(list.tensors[i]), "%s", list.names[i]);
        memcpy(tarn_values(list.tensors[i]), tarn_values(values),
               (size_t)tarn_size(values) * sizeof(tarn_real));
        tarn_free(values);
    }
    free(list.tensors);
}

static void expect_state(tarn_module *model, const golden_case *c)
{
    tarn_params list = tarn__nn_list(model, true);
    for (int i = 0; i < list.count; i++)
        expect_close(c, list.names[i], list.tensors[i]);
    free(list.tensors);
}

Test(resnet, trains_as_by_pytorch)
{
    golden *file = golden_open("nn/resnet");
    const golden_case *before = golden_next(file, NULL), *after = golden_next(file, before);
    const golden_case *data = golden_next(file, after);
    tarn_tensor *images = golden_tensor(data, "x"), *label_numbers = golden_tensor(data, "labels");
    tarn_tensor *losses = golden_tensor(data, "losses");
    int32_t labels[STEPS * BATCH];
    double reached[STEPS];
    for (int i = 0; i < STEPS * BATCH; i++)
        labels[i] = (int32_t)tarn_values(label_numbers)[i];

    tarn_module *model = network();
    set_state(model, before);
    train(model, images, labels, reached);
    for (int i = 0; i < STEPS; i++)
        cr_expect_float_eq(reached[i], (double)tarn_values(losses)[i], tolerance,
                           "step %d: %.3g apart", i, reached[i] - (double)tarn_values(losses)[i]);
    expect_state(model, after);

    tarn_nn_train(model, false);
    tarn_tape *tape = tarn_tape_begin_no_grad();
    expect_close(data, "evaluated", tarn_nn_forward(model, images));
    tarn_tape_end(tape);
    expect_state(model, after);

    tarn_free(images);
    tarn_free(label_numbers);
    tarn_free(losses);
    tarn_nn_free(model);
    golden_close(file);
}

static bool same_state(tarn_module *a, tarn_module *b)
{
    tarn_params p = tarn__nn_list(a, true), q = tarn__nn_list(b, true);
    bool same = p.count == q.count;
    for (int i = 0; same && i < p.count; i++)
        same = !strcmp(p.names[i], q.names[i]) &&
               !memcmp(tarn_values(p.tensors[i]), tarn_values(q.tensors[i]),
                       (size_t)tarn_size(p.tensors[i]) * sizeof(tarn_real));
    free(p.tensors);
    free(q.tensors);
    return same;
}

/* Images large enough that every operation is shared between threads. */
static tarn_module *trained(int threads)
{
    double losses[STEPS];
    int32_t labels[STEPS * BATCH];
    tarn_set_threads(threads);
    tarn_seed(7);
    tarn_tensor *images = tarn_randn(tarn_shape(STEPS * BATCH, 48, 48, 3));
    for (int i = 0; i < STEPS * BATCH; i++)
        labels[i] = i * 7 % 5;
    tarn_module *model = network();
    train(model, images, labels, losses);
    tarn_free(images);
    return model;
}

Test(resnet, trains_to_the_same_bits_on_any_number_of_threads)
{
    tarn_module *one = trained(1);
    for (int threads = 2; threads <= 4; threads++) {
        tarn_module *more = trained(threads);
        cr_assert(same_state(one, more), "%d threads", threads);
        tarn_nn_free(more);
    }
    tarn_nn_free(one);
}

Test(resnet, is_saved_and_loaded_with_its_running_statistics)
{
    char path[] = "/tmp/tarn-test-resnet-XXXXXX";
    int descriptor = mkstemp(path);
    cr_assert(descriptor >= 0);
    close(descriptor);
    tarn_module *model = trained(2), *other = network();
    cr_assert(tarn_nn_save(model, path), "%s", tarn_error());
    cr_assert_not(same_state(model, other));
    cr_assert(tarn_nn_load(other, path), "%s", tarn_error());
    cr_assert(same_state(model, other));
    remove(path);
    tarn_nn_free(model);
    tarn_nn_free(other);
}
