/*
 * Trains on digits in several processes, on one machine or many: mpirun -n 4 ./run mnist --mpi, or
 * alone. Each of 1 to 8 processes ends in the same weights, to the bit. docs/machines.md has more.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <tarn-mpi.h>

#include "examples/lab/lib/digits.h"
#include "examples/lab/lib/networks.h"

static const char about[] =
    "mpirun -n N machines [OPTION]...\n"
    "Trains a network on digits in N processes, which take the same steps as one.";

static struct {
    digits digits;
    const char *model, *checkpoint, *save;
    long epochs, steps, batch, parts, seed, every;
    double lr, timeout;
    bool plain, wait, resume;
} settings = {
    .model = "lenet", .epochs = 2, .batch = 64, .parts = 8, .seed = 1, .lr = 4e-3, .timeout = 20};

static const char *const models[] = {"lenet", "cnn", "resnet", NULL};

static const option table[] = {
    DIGITS_OPTIONS(&settings.digits),
    OPTION_CHOICE_AT(&settings.model, "model", "lenet|cnn|resnet", "default: lenet", models),
    OPTION_COUNT_AT(&settings.epochs, "epochs", "N", "passes over the images; default 2", 1, 1e6),
    OPTION_COUNT_AT(&settings.steps, "steps", "N", "measure so many steps, and test nothing", 1,
                    1e9),
    OPTION_COUNT_AT(&settings.batch, "batch-size", "N", "of all processes together; default 64", 1,
                    1e6),
    OPTION_COUNT_AT(&settings.parts, "parts", "N",
                    "each batch is cut in so many, for as many processes at most; default 8", 1,
                    65536),
    OPTION_NUMBER_AT(&settings.lr, "lr", "X", "Adam's rate, which falls to 0; default 0.004", 1e-9,
                     1e3),
    OPTION_FLAG_AT(&(bool){false}, "mpi", "as in ./run mnist --mpi"),
    OPTION_FLAG_AT(&settings.plain, "plain", "sums by MPI_Allreduce, whose bits may differ"),
    OPTION_FLAG_AT(&settings.wait, "wait", "send no gradients before backward has ended"),
    OPTION_TEXT_AT(&settings.checkpoint, "checkpoint", "FILE", "written after each epoch"),
    OPTION_COUNT_AT(&settings.every, "every", "N", "and after every N steps", 1, 1e9),
    OPTION_FLAG_AT(&settings.resume, "resume", "go on from it, in any number of processes"),
    OPTION_TEXT_AT(&settings.save, "save", "FILE", "write the trained weights there"),
    OPTION_NUMBER_AT(&settings.timeout, "timeout", "S",
                     "a process that others wait for so long has failed; default 20", 0.1, 1e6),
    OPTION_SEED_AT(&settings.seed),
    OPTIONS_END,
};

/* What is trained. */
static struct {
    tarn_dataset *digits, *test_digits;
    tarn_loader *loader, *test_loader;
    tarn_module *model;
    tarn_optim *optimizer;
    tarn_mpi *mpi;
    int64_t step;
    double averaging;   /* seconds of this step */
    double *seconds[2]; /* of each step that is measured: all of it, and averaging */
} t;

static tarn_checkpoint all_of_it(void)
{
    return (tarn_checkpoint){
        .model = t.model, .optimizer = t.optimizer, .loader = t.loader, .step = &t.step};
}

static bool prints(void)
{
    return tarn_mpi_rank() == 0;
}

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static void begin(void)
{
    const int rank = tarn_mpi_rank(), size = tarn_mpi_size(), parts = (int)settings.parts;
    const uint64_t seed = (uint64_t)settings.seed;
    tarn_seed(seed);
    t.digits = digits_read(&settings.digits, TARN_TRAIN);
    t.test_digits = digits_read(&settings.digits, TARN_TEST);
    tarn_mpi_check_data(t.digits);
    t.loader = tarn_loader_new(t.digits, settings.batch, .shuffle = true, .seed = seed,
                               .parts = parts, .shard = rank, .shards = size);
    check(t.loader);
    t.test_loader =
        tarn_loader_new(t.test_digits, 1000, .parts = size, .shard = rank, .shards = size);
    check(t.test_loader);
    t.model = network_new(settings.model, tarn_shape(28, 28, 1), CLASSES);
    check(t.model);
    t.optimizer = tarn_optim_adam(tarn_nn_parameters(t.model), .lr = settings.lr);
    check(t.optimizer);
    t.mpi = tarn_mpi_new(t.model, .same_bits = !settings.plain);
    check(t.mpi);
    const tarn_checkpoint all = all_of_it();
    if (settings.resume)
        check(tarn_mpi_load(t.mpi, &all, settings.checkpoint));
}

static void end(void)
{
    tarn_mpi_free(t.mpi);
    tarn_optim_free(t.optimizer);
    tarn_nn_free(t.model);
    tarn_loader_free(t.loader);
    tarn_loader_free(t.test_loader);
    tarn_dataset_free(t.digits);
    tarn_dataset_free(t.test_digits);
}

static void save_checkpoint(void)
{
    const tarn_checkpoint all = all_of_it();
    check(!settings.checkpoint || tarn_mpi_save(t.mpi, &all, settings.checkpoint));
}

/* A part of a batch, and where that is the last one here, the step. */
static void train_on(const tarn_batch *batch, int64_t steps)
{
    tarn_tape *tape = tarn_tape_begin();
    tarn_tensor *loss = tarn_cross_entropy(tarn_nn_forward(t.model, batch->images), batch->labels);
    tarn_optim_zero_grad(t.optimizer);
    if (settings.wait)
        check(tarn_backward(loss));
    else
        tarn_mpi_backward(t.mpi, loss);
    const double start = now();
    const bool complete = tarn_mpi_average(t.mpi, loss);
    t.averaging += now() - start;
    if (complete) {
        tarn_optim_set_lr(t.optimizer, settings.lr * tarn_schedule_linear(t.step, steps));
        tarn_optim_step(t.optimizer);
        t.step++;
    }
    tarn_tape_end(tape);
    if (complete && settings.every > 0 && t.step % settings.every == 0)
        save_checkpoint();
}

/* One pass over the images; returns the mean loss of its steps. */
static double train(int64_t steps)
{
    const int64_t first = t.step;
    double sum = 0;
    tarn_batch batch;
    while (tarn_mpi_next(t.mpi, t.loader, &batch)) {
        const int64_t before = t.step;
        train_on(&batch, steps);
        sum += t.step > before ? tarn_mpi_loss(t.mpi) : 0;
    }
    return sum / (double)(t.step - first);
}

/* The share of the test images that is told rightly, each by one of the processes. */
static double test(void)
{
    double counts[2] = {0, 0}; /* told rightly, and all */
    tarn_batch batch;
    tarn_nn_train(t.model, false);
    while (tarn_loader_next(t.test_loader, &batch)) {
        tarn_tape *tape = tarn_tape_begin_no_grad();
        counts[0] += tarn_count_correct(tarn_nn_forward(t.model, batch.images), batch.labels);
        counts[1] += batch.count;
        tarn_tape_end(tape);
    }
    check(!tarn_loader_failed(t.test_loader));
    tarn_nn_train(t.model, true);
    tarn_mpi_sum(2, counts);
    return counts[0] / counts[1];
}

static int compare(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *values)
{
    qsort(values, (size_t)settings.steps, sizeof *values, compare);
    return values[settings.steps / 2];
}

/* What a step takes, in the middle: of all processes that of rank 0. */
static void measure(void)
{
    tarn_batch batch;
    for (int i = 0; i < 2; i++)
        if (!(t.seconds[i] = malloc(sizeof *t.seconds[i] * (size_t)settings.steps)))
            die("out of memory for %ld steps", settings.steps);
    double start = now();
    while (t.step < settings.steps) {
        const int64_t before = t.step;
        if (!tarn_mpi_next(t.mpi, t.loader, &batch))
            continue;
        train_on(&batch, settings.steps);
        if (t.step == before)
            continue;
        t.seconds[0][before] = now() - start;
        t.seconds[1][before] = t.averaging;
        t.averaging = 0;
        start = now();
    }
    if (prints())
        printf("%d processes  %s  a step %.3f ms, of which averaging %.3f ms\n", tarn_mpi_size(),
               settings.model, 1e3 * median(t.seconds[0]), 1e3 * median(t.seconds[1]));
    free(t.seconds[0]);
    free(t.seconds[1]);
}

static void train_all(void)
{
    const int64_t batches = tarn_loader_batches(t.loader);
    for (int64_t epoch = tarn_loader_tell(t.loader).epoch; epoch < settings.epochs; epoch++) {
        const double loss = train(settings.epochs * batches), accuracy = test();
        if (!(loss < 5)) /* twice that of guessing, or not a number */
            tarn_mpi_fail("the mean loss is %g: training has diverged", loss);
        if (prints())
            printf("epoch %lld/%ld  loss %.4f  test accuracy %.2f%%\n", (long long)epoch + 1,
                   settings.epochs, loss, 100 * accuracy);
        save_checkpoint();
    }
    if (settings.save && prints())
        check(tarn_nn_save(t.model, settings.save));
}

int main(int argc, char **argv)
{
    parse_options(argc, argv, about, table);
    if ((settings.resume || settings.every > 0) && !settings.checkpoint)
        die("--%s: expects --checkpoint FILE with it", settings.resume ? "resume" : "every");
    digits_choose(&settings.digits);
    tarn_mpi_begin(.timeout = settings.timeout);
    begin();
    if (settings.steps > 0)
        measure();
    else
        train_all();
    end();
    check_stdout();
    tarn_mpi_end();
    return 0;
}
