/* Training gives the same parameters, bit for bit, at any number of threads, and beside others. */
#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/nn/nn_test.h"

#include "optim/optim.h"

/* An odd number of images, so that threads get unequal shares, of a size at which all take part. */
enum { IMAGES = 37, SIZE = 20, CLASSES = 10, STEPS = 5, MOST_THREADS = 4 };

static tarn_module *small_cnn(void)
{
    return tarn_nn_sequential(                                              // (N, 20, 20, 3)
        tarn_nn_conv2d(3, 16, 3, .padding = 1), tarn_nn_relu(),             // (N, 20, 20, 16)
        tarn_nn_max_pool2d(2),                                              // (N, 10, 10, 16)
        tarn_nn_conv2d(16, 33, 3), tarn_nn_relu(),                          // (N, 8, 8, 33)
        tarn_nn_conv2d(33, 24, 1), tarn_nn_tanh(),                          // (N, 8, 8, 24)
        tarn_nn_conv2d(24, 24, 5, .stride = 2, .padding = 2, .groups = 24), // (N, 4, 4, 24)
        tarn_nn_avg_pool2d(2), tarn_nn_flatten(), tarn_nn_dropout(0.2), tarn_nn_linear(96, 130),
        tarn_nn_gelu(), tarn_nn_linear(130, CLASSES));
}

/* The network, trained for a few steps. */
static tarn_module *train(int threads)
{
    int32_t ids[IMAGES];
    for (int i = 0; i < IMAGES; i++)
        ids[i] = i % CLASSES;
    tarn_set_threads(threads);
    tarn_seed(11);
    tarn_tensor *images = tarn_rand(tarn_shape(IMAGES, SIZE, SIZE, 3));
    tarn_module *model = small_cnn();
    tarn_optim *adam = tarn_optim_adam(tarn_nn_parameters(model), .lr = 1e-2);
    for (int step = 0; step < STEPS; step++) {
        tarn_tape *tape = tarn_tape_begin();
        tarn_tensor *logits = tarn_nn_forward(model, images);
        tarn_optim_zero_grad(adam);
        tarn_tensor *loss = tarn_cross_entropy(logits, tarn_labels(IMAGES, ids));
        cr_assert(tarn_backward(loss), "%s", tarn_error());
        cr_assert(isfinite(tarn_item(loss)));
        tarn_optim_step(adam);
        tarn_tape_end(tape);
    }
    tarn_optim_free(adam);
    tarn_free(images);
    return model;
}

static void expect_same_parameters(tarn_module *a, tarn_module *b, const char *whose)
{
    tarn_params expected = tarn_nn_parameters(a), got = tarn_nn_parameters(b);
    cr_assert_eq(got.count, expected.count);
    for (int i = 0; i < got.count; i++)
        cr_expect(memcmp(tarn_values(got.tensors[i]), tarn_values(expected.tensors[i]),
                         (size_t)tarn_size(got.tensors[i]) * sizeof(tarn_real)) == 0,
                  "%s differs: %s", got.names[i], whose);
}

Test(nn_training, parameters_are_the_same_at_any_number_of_threads)
{
    tarn_module *one = train(1);
    for (int threads = 2; threads <= MOST_THREADS; threads++) {
        tarn_module *many = train(threads);
        expect_same_parameters(one, many, "more threads");
        tarn_nn_free(many);
    }
    tarn_nn_free(one);
}

static void *train_in_a_thread(void *unused)
{
    (void)unused;
    return train(1);
}

/* Their initialization and dropout draw at the same time. */
Test(nn_training, threads_train_as_if_each_were_alone)
{
    tarn_module *alone = train(1), *together;
    pthread_t threads[MOST_THREADS];
    for (int i = 0; i < MOST_THREADS; i++)
        cr_assert_eq(pthread_create(&threads[i], NULL, train_in_a_thread, NULL), 0);
    for (int i = 0; i < MOST_THREADS; i++) {
        pthread_join(threads[i], (void **)&together);
        expect_same_parameters(alone, together, "beside other threads");
        tarn_nn_free(together);
    }
    tarn_nn_free(alone);
}

/* Runs the function in a child, which ends with what it returns, and dies if it takes too long. */
static int status_of_child(bool (*function)(const void *), const void *context)
{
    const pid_t child = fork();
    if (child == 0) {
        alarm(60);
        _exit(function(context) ? 0 : 1);
    }
    int status = -1;
    cr_assert_eq(waitpid(child, &status, 0), child);
    return status;
}

static bool trains_to(const void *expected)
{
    tarn_module *model = train(2); /* asks for two threads */
    tarn_params a = tarn_nn_parameters(model), b = ((const tarn_module *)expected)->list;
    bool same = a.count == b.count;
    for (int i = 0; same && i < a.count; i++)
        same = memcmp(tarn_values(a.tensors[i]), tarn_values(b.tensors[i]),
                      (size_t)tarn_size(a.tensors[i]) * sizeof(tarn_real)) == 0;
    tarn_nn_free(model);
    return same;
}

/* The parent's threads are not in the child, which starts its own. */
Test(nn_training, a_child_trains_as_its_parent)
{
    tarn_module *model = train(2);
    tarn_nn_parameters(model);
    cr_assert_eq(status_of_child(trains_to, model), 0);
    tarn_module *again = train(2);
    expect_same_parameters(model, again, "after a fork");
    tarn_nn_free(again);
    tarn_nn_free(model);
}

static atomic_bool stop;

static void *begin_and_end_tapes(void *unused)
{
    while (!stop)
        tarn_tape_end(tarn_tape_begin());
    return unused;
}

static bool begins_a_tape(const void *unused)
{
    (void)unused;
    tarn_tape *tape = tarn_tape_begin();
    tarn_tape_end(tape);
    return tape;
}

/* Whatever a thread that does not come along held when its process forked. */
Test(nn_training, a_child_of_many_threads_goes_on)
{
    pthread_t threads[2];
    for (int i = 0; i < 2; i++)
        cr_assert_eq(pthread_create(&threads[i], NULL, begin_and_end_tapes, NULL), 0);
    for (int i = 0; i < 100; i++)
        cr_assert_eq(status_of_child(begins_a_tape, NULL), 0);
    stop = true;
    for (int i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
}
