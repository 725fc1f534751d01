/*
 * A training step, once under way, takes no memory: no call of malloc or its kin, by Tarn or by
 * OpenMP, and no page that was not touched before.
 */
#include <sys/resource.h>

#include <criterion/criterion.h>

#include <tarn.h>

#include "tests/support/heap.h"

#ifdef TARN_TESTS_HEAP_IS_WATCHED

/* LLVM's OpenMP takes a small block, and frees it, at the beginning of each shared loop. */
#ifdef __clang__
enum { LOOPS_TAKE_BLOCKS = 1 };
#else
enum { LOOPS_TAKE_BLOCKS = 0 };
#endif

/* None are counted on aarch64, where the tests run in an emulator, which has some of its own. */
static long page_faults(void)
{
#ifdef __aarch64__
    return 0;
#endif
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_minflt + usage.ru_majflt;
}

static tarn_module *lenet(void)
{
    return tarn_nn_sequential(tarn_nn_conv2d(1, 6, 5, .padding = 2), tarn_nn_relu(),
                              tarn_nn_max_pool2d(2), tarn_nn_conv2d(6, 16, 5), tarn_nn_relu(),
                              tarn_nn_max_pool2d(2), tarn_nn_flatten(), tarn_nn_linear(400, 120),
                              tarn_nn_relu(), tarn_nn_dropout(0.5), tarn_nn_linear(120, 84),
                              tarn_nn_relu(), tarn_nn_linear(84, 10));
}

static void train(tarn_loader *loader, tarn_module *model, tarn_params params,
                  tarn_optim *optimizer, int steps)
{
    tarn_batch batch;
    for (int i = 0; i < steps; i++) {
        if (!tarn_loader_next(loader, &batch))
            cr_assert(tarn_loader_next(loader, &batch));
        tarn_tape *tape = tarn_tape_begin();
        tarn_tensor *predictions = tarn_nn_forward(model, batch.images);
        tarn_tensor *loss = tarn_cross_entropy(predictions, batch.labels);
        tarn_optim_zero_grad(optimizer);
        cr_assert(tarn_backward(loss));
        tarn_clip_grad_norm(params, 1);
        tarn_optim_step(optimizer);
        tarn_tape_end(tape);
    }
}

/* An epoch has full batches and one that is not. */
Test(nn_steady, thousand_steps_take_no_memory, .timeout = 240)
{
    enum { IMAGES = 44, BATCH = 8, WARM_UP = 24, STEPS = 1000 };
    static uint8_t pixels[IMAGES * 28 * 28];
    static int32_t labels[IMAGES];
    for (int i = 0; i < IMAGES * 28 * 28; i++)
        pixels[i] = (uint8_t)(i * 7);
    for (int i = 0; i < IMAGES; i++)
        labels[i] = i % 10;
    tarn_set_threads(2);
    tarn_dataset *dataset = tarn_data_from_bytes(tarn_shape(IMAGES, 28, 28, 1), pixels, labels, 10);
    tarn_loader *loader = tarn_loader_new(dataset, BATCH, .shuffle = true);
    tarn_module *model = lenet();
    tarn_params params = tarn_nn_parameters(model);
    tarn_optim *optimizer = tarn_optim_adam(params);
    cr_assert(loader && optimizer);

    train(loader, model, params, optimizer, WARM_UP);
    const long calls_before = heap_calls;
    long faults = 1;
    /* The system may take a page back once; a step that needs one does so each time. */
    for (int round = 0; faults > 0 && round < 3; round++) {
        const long faults_before = page_faults();
        train(loader, model, params, optimizer, STEPS);
        faults = page_faults() - faults_before;
    }
    const long calls = heap_calls - calls_before;
    cr_expect(calls_before > 0, "the heap is not watched");
    if (!LOOPS_TAKE_BLOCKS)
        cr_expect_eq(calls, 0, "%ld calls of the heap in %d steps", calls, STEPS);
    cr_expect_eq(faults, 0, "%ld page faults in %d steps", faults, STEPS);

    tarn_optim_free(optimizer);
    tarn_nn_free(model);
    tarn_loader_free(loader);
    tarn_dataset_free(dataset);
}

#else

Test(nn_steady, thousand_steps_take_no_memory, .disabled = true)
{
}

#endif
