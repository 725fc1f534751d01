/*
 * A program that checks nothing: the loop of the README, in which each request for memory fails in
 * turn. It ends with the weights that it would have had, or by the default handler with a sentence
 * about memory; never with others as if nothing had happened.
 */
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "data/data.h"
#include "nn/metrics.h"
#include "optim/optim.h"
#include "tests/nn/nn_test.h"
#include "tests/support/heap.h"

#ifdef TARN_TESTS_HEAP_IS_WATCHED

enum { IMAGES = 24, PIXELS = 8 * 8 };

/* Trains as the README does, checks nothing, and writes the weights to a file. */
static void train(int weights)
{
    uint8_t pixels[IMAGES * PIXELS];
    int32_t labels[IMAGES];
    for (int i = 0; i < IMAGES * PIXELS; i++)
        pixels[i] = (uint8_t)(i * 37 % 251);
    for (int i = 0; i < IMAGES; i++)
        labels[i] = i % 3;
    tarn_seed(1);
    tarn_dataset *digits = tarn_data_from_bytes(tarn_shape(IMAGES, 8, 8, 1), pixels, labels, 3);
    tarn_loader *loader = tarn_loader_new(digits, 8, .shuffle = true, .seed = 1);
    tarn_module *model = tarn_nn_sequential(
        tarn_nn_conv2d(1, 4, 3), tarn_nn_relu(), tarn_nn_max_pool2d(2), tarn_nn_batch_norm2d(4),
        tarn_nn_dropout(0.25), tarn_nn_flatten(), tarn_nn_linear(36, 3));
    tarn_optim *optimizer = tarn_optim_adam(tarn_nn_parameters(model), .lr = 1e-2);
    tarn_ema *ema = tarn_ema_new(tarn_nn_parameters(model), .decay = 0.5);
    for (int epoch = 0; epoch < 2; epoch++) {
        tarn_batch batch;
        while (tarn_loader_next(loader, &batch)) {
            tarn_tape *tape = tarn_tape_begin();

            tarn_tensor *predictions = tarn_nn_forward(model, batch.images);
            tarn_tensor *loss = tarn_cross_entropy(predictions, batch.labels);

            tarn_optim_zero_grad(optimizer);
            tarn_backward(loss);
            tarn_clip_grad_norm(tarn_nn_parameters(model), 0.5);

            tarn_optim_step(optimizer);
            tarn_ema_update(ema);
            tarn_tape_end(tape);
        }
    }
    tarn_ema_swap(ema);
    heap_calls_left = -1;
    tarn_params list = tarn_nn_parameters(model);
    for (int i = 0; i < list.count; i++) {
        const size_t bytes = (size_t)tarn_size(list.tensors[i]) * sizeof(tarn_real);
        if (write(weights, tarn_values(list.tensors[i]), bytes) != (ssize_t)bytes)
            _exit(2);
    }
    tarn_ema_free(ema);
    tarn_optim_free(optimizer);
    tarn_nn_free(model);
    tarn_loader_free(loader);
    tarn_dataset_free(digits);
}

typedef struct outcome {
    int status; /* of waitpid() */
    size_t size;
    char text[8192]; /* the weights, or what was printed to stderr */
} outcome;

/* In a process of its own, whose request number fails fails (from 0 on; -1: none). */
static outcome train_failing(long fails)
{
    outcome o = {.status = -1};
    FILE *weights = tmpfile(), *sentence = tmpfile();
    cr_assert(weights && sentence);
    const pid_t child = fork();
    if (child == 0) {
        dup2(fileno(sentence), STDERR_FILENO);
        tarn_set_threads(1);
        heap_calls_left = fails;
        train(fileno(weights));
        _exit(0);
    }
    cr_assert(child > 0 && waitpid(child, &o.status, 0) == child);
    FILE *told = WIFEXITED(o.status) ? weights : sentence;
    rewind(told);
    o.size = fread(o.text, 1, sizeof o.text - 1, told);
    fclose(weights);
    fclose(sentence);
    return o;
}

/* How many requests the loop makes. */
static long count_requests(void)
{
    const long before = heap_calls;
    FILE *weights = tmpfile();
    tarn_set_threads(1);
    train(fileno(weights));
    fclose(weights);
    return heap_calls - before;
}

Test(unchecked, no_failure_is_passed_over, .timeout = 240)
{
    const outcome right = train_failing(-1);
    cr_assert(WIFEXITED(right.status) && WEXITSTATUS(right.status) == 0 && right.size > 500);
    const long requests = count_requests();
    int ended = 0;
    for (long n = 0; n < requests + 5; n++) {
        const outcome o = train_failing(n);
        if (WIFEXITED(o.status)) {
            cr_expect(WEXITSTATUS(o.status) == 0 && o.size == right.size &&
                          memcmp(o.text, right.text, right.size) == 0,
                      "request %ld failed, and training ended with other weights, exit %d", n,
                      WEXITSTATUS(o.status));
            continue;
        }
        ended++;
        cr_expect(WIFSIGNALED(o.status) && WTERMSIG(o.status) == SIGABRT, "request %ld: status %d",
                  n, o.status);
        /* Clang's OpenMP asks for memory, too, and ends a program that has none with its own words.
         */
        const bool told = strstr(o.text, "tarn: ") || strstr(o.text, "OMP: Error");
        cr_expect(told && strstr(o.text, "emory"), "request %ld: %s", n, o.text);
    }
    cr_expect(ended > 40, "only %d of %ld requests were missed", ended, requests);
}

/* Whether memory ran out in backward when the request failed: then the step says so, also if the
   program has read why. */
static bool step_is_refused(long fails)
{
    tarn_tensor *w = tarn_requires_grad(tarn_rand(tarn_shape(300, 300)), true);
    tarn_optim *optimizer = tarn_optim_sgd(tarn_params_of(w));
    tarn_tape *tape = tarn_tape_begin();
    tarn_tensor *loss = tarn_sum(tarn_square(w));
    heap_calls_left = fails;
    const bool complete = tarn_backward(loss);
    heap_calls_left = -1;
    if (!complete) {
        cr_expect(strstr(tarn_error(), "out of memory"), "%s", tarn_error());
        assert_mistake((tarn_optim_step(optimizer), NULL),
                       "optim_step: the gradients are not complete, since memory ran out in "
                       "tarn_backward()");
    }
    tarn_tape_end(tape);
    tarn_optim_free(optimizer);
    tarn_free(w);
    return !complete;
}

Test(unchecked, a_step_after_a_failure_that_was_read)
{
    cr_expect(step_is_refused(0));
}

#endif

/* A file that cannot be read reaches the loader. */
Test(unchecked, a_missing_file_is_the_sentence)
{
    record_mistakes();
    tarn_loader *loader = tarn_loader_new(tarn_data_mnist("/nowhere", TARN_TRAIN), 64);
    cr_expect_null(loader);
    cr_expect_eq(mistakes(), 0);
    tarn_batch batch;
    cr_expect_not(tarn_loader_next(loader, &batch));
    cr_expect_eq(mistakes(), 1);
    cr_expect(strstr(last_mistake(), "/nowhere"), "%s", last_mistake());
    cr_expect_not(tarn_loader_next(loader, &batch)); /* heard already */
    cr_expect_eq(mistakes(), 0);
}

/* What a program has read with tarn_error() and handled is told again only where NULL arrives. */
Test(unchecked, handled_failures_are_not_told)
{
    record_mistakes();
    tarn_module *model = tarn_nn_linear(2, 2);
    cr_expect_not(tarn_nn_load(model, "/nowhere"));
    tarn_optim *optimizer = tarn_optim_sgd(tarn_nn_parameters(model));
    tarn_optim_zero_grad(optimizer);
    tarn_optim_step(optimizer);
    cr_expect_eq(mistakes(), 0);
    tarn_optim_free(optimizer);
    tarn_nn_free(model);
}

/* NULL without a failure before is the program's own. */
Test(unchecked, null_is_named)
{
    assert_mistake(tarn_backward(NULL), "backward: the loss is NULL");
}
