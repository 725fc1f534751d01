/*
 * Trains a convolutional network on MNIST, a dataset of its form, or the sample of it that comes
 * with Tarn, and prints its accuracy on the test images. The training loop is in train_epoch().
 */
#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <tarn.h>

#include "examples/mnist_settings.h"
#include "examples/options.h"
#include "examples/progress.h"

/* ---- Networks. Images come in as (N, 28, 28, 1). */

/* clang-format off */

/* LeNet-5 (LeCun et al. 1998) with ReLU and max pooling. */
static tarn_module *lenet(void)
{
    return tarn_nn_sequential(                                       // (N, 28, 28, 1)
        tarn_nn_conv2d(1, 6, 5, .padding = 2), tarn_nn_relu(),       // (N, 28, 28, 6)
        tarn_nn_max_pool2d(2),                                       // (N, 14, 14, 6)
        tarn_nn_conv2d(6, 16, 5), tarn_nn_relu(),                    // (N, 10, 10, 16)
        tarn_nn_max_pool2d(2), tarn_nn_flatten(),                    // (N, 400)
        tarn_nn_linear(400, 120), tarn_nn_relu(),
        tarn_nn_linear(120, 84), tarn_nn_relu(),
        tarn_nn_linear(84, 10));
}

/* The network of PyTorch's MNIST example. */
static tarn_module *cnn(void)
{
    return tarn_nn_sequential(                                       // (N, 28, 28, 1)
        tarn_nn_conv2d(1, 32, 3), tarn_nn_relu(),                    // (N, 26, 26, 32)
        tarn_nn_conv2d(32, 64, 3), tarn_nn_relu(),                   // (N, 24, 24, 64)
        tarn_nn_max_pool2d(2), tarn_nn_dropout(0.25),                // (N, 12, 12, 64)
        tarn_nn_flatten(),                                           // (N, 9216)
        tarn_nn_linear(9216, 128), tarn_nn_relu(), tarn_nn_dropout(0.5),
        tarn_nn_linear(128, 10));
}

/* clang-format on */

/* ---- Optimizers */

static tarn_optim *make_optimizer(const settings *s, tarn_params params)
{
    const char *name = s->optimizer;
    const double lr = s->lr, momentum = s->momentum, decay = s->weight_decay;
    if (is(name, "gd") || is(name, "sgd") || is(name, "momentum"))
        return tarn_optim_sgd(params, .lr = lr, .momentum = momentum, .weight_decay = decay);
    if (is(name, "momentum-ema"))
        return tarn_optim_sgd(params, .lr = lr, .momentum = momentum, .ema = true,
                              .weight_decay = decay);
    if (is(name, "nesterov"))
        return tarn_optim_sgd(params, .lr = lr, .momentum = momentum, .nesterov = true,
                              .weight_decay = decay);
    if (is(name, "adagrad"))
        return tarn_optim_adagrad(params, .lr = lr, .weight_decay = decay);
    if (is(name, "rmsprop"))
        return tarn_optim_rmsprop(params, .lr = lr, .momentum = momentum, .weight_decay = decay);
    if (is(name, "adadelta"))
        return tarn_optim_adadelta(params, .lr = lr, .weight_decay = decay);
    if (is(name, "adamw") && decay > 0)
        return tarn_optim_adamw(params, .lr = lr, .weight_decay = decay);
    if (is(name, "adamax"))
        return tarn_optim_adamax(params, .lr = lr, .weight_decay = decay);
    if (is(name, "nadam"))
        return tarn_optim_nadam(params, .lr = lr, .weight_decay = decay);
    if (is(name, "radam"))
        return tarn_optim_radam(params, .lr = lr, .weight_decay = decay);
    if (is(name, "lion"))
        return tarn_optim_lion(params, .lr = lr, .weight_decay = decay);
    if (is(name, "muon"))
        return tarn_optim_muon(params, .lr = lr, .momentum = momentum, .weight_decay = decay,
                               .adam_lr = 0.2 * lr);
    return tarn_optim_adam(params, .lr = lr, .weight_decay = decay, .amsgrad = is(name, "amsgrad"));
}

/* ---- Training and evaluation */

typedef struct epoch_result {
    double loss, seconds, images_per_second;
} epoch_result;

/* The rate falls in a straight line from the one given to 0 at the end of the run, so that the last
   steps settle. */
typedef struct schedule {
    double lr;
    long step, steps;
} schedule;

static void next_rate(schedule *s, tarn_optim *optimizer)
{
    tarn_optim_set_lr(optimizer, s->lr * (double)(s->steps - s->step) / (double)s->steps);
    s->step++;
}

static void check_loss(double loss)
{
    if (!isfinite(loss))
        die("the loss is %g: training has diverged; a smaller --lr may help", fabs(loss));
}

/* One pass over the data in mini-batches; the result holds the mean of their losses. */
static epoch_result train_epoch(tarn_loader *loader, tarn_module *model, tarn_optim *optimizer,
                                schedule *rate, const char *label)
{
    double loss_sum = 0, start = seconds_now();
    long batches = 0, images = 0;
    progress bar = progress_begin(label);
    tarn_batch batch;
    while (tarn_loader_next(loader, &batch)) {
        tarn_tape *tape = tarn_tape_begin();

        tarn_tensor *predictions = tarn_nn_forward(model, batch.images);
        tarn_tensor *loss = tarn_cross_entropy(predictions, batch.labels);

        tarn_optim_zero_grad(optimizer);
        if (!tarn_backward(loss))
            die("%s", tarn_error());

        next_rate(rate, optimizer);
        tarn_optim_step(optimizer);

        double loss_value = (double)tarn_item(loss);
        tarn_tape_end(tape);

        check_loss(loss_value);
        loss_sum += loss_value;
        images += batch.count;
        batches++;
        progress_show(&bar, batches, (long)tarn_loader_batches(loader), loss_sum / (double)batches);
    }
    progress_end(&bar);
    double seconds = seconds_now() - start;
    return (epoch_result){loss_sum / (double)batches, seconds, (double)images / seconds};
}

/* One step of gradient descent on the whole training set. Its gradient is the sum of the gradients
   of its parts, so that not all of it has to go through the network at once. */
static epoch_result train_full_batch(tarn_loader *loader, double count, tarn_module *model,
                                     tarn_optim *optimizer, schedule *rate, const char *label)
{
    double loss_sum = 0, start = seconds_now();
    long batches = 0;
    progress bar = progress_begin(label);
    tarn_batch batch;
    tarn_optim_zero_grad(optimizer);
    while (tarn_loader_next(loader, &batch)) {
        tarn_tape *tape = tarn_tape_begin();
        tarn_tensor *predictions = tarn_nn_forward(model, batch.images);
        tarn_tensor *loss = tarn_cross_entropy(predictions, batch.labels, .reduction = TARN_SUM);
        tarn_tensor *share = tarn_scale(loss, 1 / count);
        if (!tarn_backward(share))
            die("%s", tarn_error());
        double share_value = (double)tarn_item(share);
        tarn_tape_end(tape);

        check_loss(share_value);
        loss_sum += share_value;
        batches++;
        progress_show(&bar, batches, (long)tarn_loader_batches(loader), loss_sum);
    }
    next_rate(rate, optimizer);
    tarn_optim_step(optimizer);
    progress_end(&bar);
    double seconds = seconds_now() - start;
    return (epoch_result){loss_sum, seconds, count / seconds};
}

/* The part of the images that is classified correctly. */
static double accuracy(tarn_loader *loader, tarn_module *model)
{
    long correct = 0, images = 0;
    tarn_batch batch;
    tarn_nn_train(model, false);
    while (tarn_loader_next(loader, &batch)) {
        tarn_tape *tape = tarn_tape_begin_no_grad();
        tarn_tensor *predictions = tarn_nn_forward(model, batch.images);
        if (!predictions)
            die("%s", tarn_error());
        correct += tarn_count_correct(predictions, batch.labels);
        images += batch.count;
        tarn_tape_end(tape);
    }
    tarn_nn_train(model, true);
    return (double)correct / (double)images;
}

/* ---- Data */

static tarn_dataset *read_data(const settings *s, tarn_split split)
{
    const bool fashion = is(s->dataset, "fashion");
    tarn_dataset *dataset = is(s->dataset, "sample") ? tarn_data_samples(s->data, split)
                                                     : tarn_data_mnist(s->data, split);
    if (!dataset)
        die("%s", tarn_error());
    if (!tarn_shape_equal(tarn_data_sample_shape(dataset), tarn_shape(28, 28, 1)))
        die("the images in %s are %s, expects (28,28,1)", s->data,
            tarn_shape_to_text(tarn_data_sample_shape(dataset)).text);
    if (tarn_data_count(dataset) == 0)
        die("%s holds no %s images", s->data, split == TARN_TRAIN ? "training" : "test");
    /* The mean and the deviation of the training pixels. */
    tarn_data_normalize(dataset, fashion ? 0.2860 : 0.1307, fashion ? 0.3530 : 0.3081);
    return dataset;
}

/* ---- The log */

static void log_line(FILE *log, const char *path, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static void log_line(FILE *log, const char *path, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int written = vfprintf(log, format, arguments);
    va_end(arguments);
    if (written < 0 || fflush(log) != 0)
        die("--log %s: %s", path, strerror(errno));
}

/* ---- The run */

/* What a run holds, freed at exit on whichever way it ends. */
static struct {
    tarn_dataset *training, *test;
    tarn_loader *loader, *test_loader;
    tarn_module *model;
    tarn_optim *optimizer;
    FILE *log;
} run;

static void free_run(void)
{
    if (run.log)
        fclose(run.log);
    tarn_optim_free(run.optimizer);
    tarn_nn_free(run.model);
    tarn_loader_free(run.test_loader);
    tarn_loader_free(run.loader);
    tarn_dataset_free(run.test);
    tarn_dataset_free(run.training);
}

/* Makes all that training needs. */
static void prepare(const settings *s)
{
    enum { PART_OF_FULL_BATCH = 1000, TEST_BATCH = 250 };
    const bool full = s->batch_size == 0;
    run.training = read_data(s, TARN_TRAIN);
    run.test = read_data(s, TARN_TEST);
    run.loader = tarn_loader_new(run.training, full ? PART_OF_FULL_BATCH : s->batch_size,
                                 .shuffle = !full, .seed = (uint64_t)s->seed);
    run.test_loader = tarn_loader_new(run.test, TEST_BATCH);
    run.model = is(s->model, "lenet") ? lenet() : cnn();
    run.optimizer = run.model ? make_optimizer(s, tarn_nn_parameters(run.model)) : NULL;
    if (!run.loader || !run.test_loader || !run.optimizer)
        die("%s", tarn_error());
    if (s->load && !tarn_nn_load(run.model, s->load))
        die("--load: %s", tarn_error());
    run.log = s->log ? fopen(s->log, "w") : NULL;
    if (s->log && !run.log)
        die("--log %s: %s", s->log, strerror(errno));
    if (run.log)
        log_line(run.log, s->log, "epoch,loss,test_accuracy,seconds,images_per_second\n");
}

static void train(const settings *s)
{
    const bool full = s->batch_size == 0;
    const double count = (double)tarn_data_count(run.training);
    schedule rate = {tarn_optim_lr(run.optimizer), 0,
                     s->epochs * (full ? 1 : (long)tarn_loader_batches(run.loader))};
    double test_accuracy = 0, seconds = 0, seconds_to_98 = 0;
    for (long epoch = 1; epoch <= s->epochs; epoch++) {
        char label[64];
        snprintf(label, sizeof label, "epoch %ld/%ld", epoch, s->epochs);
        epoch_result r =
            full ? train_full_batch(run.loader, count, run.model, run.optimizer, &rate, label)
                 : train_epoch(run.loader, run.model, run.optimizer, &rate, label);
        test_accuracy = accuracy(run.test_loader, run.model);
        seconds += r.seconds;
        if (test_accuracy > 0.98 && seconds_to_98 == 0)
            seconds_to_98 = seconds;
        printf("%s  loss %.4f  test accuracy %.2f%%  %.2f s  %.0f images/s\n", label, r.loss,
               100 * test_accuracy, r.seconds, r.images_per_second);
        fflush(stdout);
        if (run.log)
            log_line(run.log, s->log, "%ld,%.6f,%.6f,%.4f,%.0f\n", epoch, r.loss, test_accuracy,
                     r.seconds, r.images_per_second);
    }
    if (seconds_to_98 > 0)
        printf("first epoch end above 98%%: after %.2f s of training\n", seconds_to_98);
    printf("test accuracy: %.2f%%\n", 100 * test_accuracy);
}

/* Tarn would abort; a user of the example is better served by a sentence and an exit code. */
static void report_mistake(const char *message, void *context)
{
    (void)context;
    die("%s", message);
}

int main(int argc, char **argv)
{
    tarn_set_error_handler(report_mistake, NULL);
    settings s = read_settings(argc, argv);
    atexit(free_run);
    if (s.threads)
        tarn_set_threads((int)s.threads);
    tarn_seed((uint64_t)s.seed);
    if (s.save && !tarn_nn_can_save(s.save))
        die("--save: %s", tarn_error());

    choose_data(&s);
    prepare(&s);
    printf("%s on %s: %lld training and %lld test images, %lld parameters, %s, seed %ld, %d "
           "thread%s\n",
           s.model, s.dataset, (long long)tarn_data_count(run.training),
           (long long)tarn_data_count(run.test), (long long)tarn_nn_parameter_count(run.model),
           s.optimizer, s.seed, tarn_threads(), tarn_threads() == 1 ? "" : "s");
    train(&s);

    if (s.save && !tarn_nn_save(run.model, s.save))
        die("--save: %s", tarn_error());
    check_stdout();
    return 0;
}
