/*
 * Trains a convolutional network on MNIST, a dataset of its form, or the sample of it that comes
 * with Tarn, and prints its accuracy on the test images. The training loop is in train_epoch().
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <tarn.h>

#include "examples/lab/find_lr.h"
#include "examples/lab/layer_log.h"
#include "examples/lab/lib/options.h"
#include "examples/lab/lib/output.h"
#include "examples/lab/lib/progress.h"
#include "examples/lab/lib/rules.h"
#include "examples/lab/lib/training.h"
#include "examples/lab/pictures.h"
#include "examples/lab/show_tape.h"
#include "examples/lab/train_settings.h"

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

_Noreturn static void die_diverged(double loss)
{
    die("the loss is %g: training has diverged; a smaller --lr may help, and --anomaly names the "
        "operation where it began",
        fabs(loss));
}

static void check_loss(double loss)
{
    if (!isfinite(loss))
        die_diverged(loss);
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

/* ---- The run */

/* What a run holds, freed at exit on whichever way it ends. */
static struct {
    tarn_dataset *training, *test;
    tarn_loader *loader, *test_loader;
    tarn_module *model;
    tarn_optim *optimizer;
    layer_log *layers;
    csv log;
} run;

static void free_run(void)
{
    if (run.log.file)
        fclose(run.log.file);
    tarn_optim_free(run.optimizer);
    layer_log_free(run.layers);
    tarn_nn_free(run.model);
    tarn_loader_free(run.test_loader);
    tarn_loader_free(run.loader);
    tarn_dataset_free(run.test);
    tarn_dataset_free(run.training);
}

/* A line of the log holds what is printed of an epoch, and how much each layer moved. */
static void begin_log(const char *path)
{
    run.layers = layer_log_new(run.optimizer, tarn_nn_parameters(run.model),
                               "epoch,loss,test_accuracy,seconds,images_per_second");
    run.log = csv_begin(path, layer_log_columns(run.layers));
}

/* Makes all that training needs. */
static void prepare(const settings *s)
{
    enum { PART_OF_FULL_BATCH = 1000 };
    const bool full = s->batch_size == 0;
    run.training = digits_read(&s->digits, TARN_TRAIN);
    run.test = digits_read(&s->digits, TARN_TEST);
    run.loader = tarn_loader_new(run.training, full ? PART_OF_FULL_BATCH : s->batch_size,
                                 .shuffle = !full, .seed = (uint64_t)s->seed);
    run.test_loader = tarn_loader_new(run.test, EVALUATION_BATCH);
    run.model = is(s->model, "lenet") ? lenet() : cnn();
    run.optimizer =
        run.model ? make_optimizer(s->optimizer, tarn_nn_parameters(run.model), s->lr) : NULL;
    if (!run.loader || !run.test_loader || !run.optimizer)
        die("%s", tarn_error());
    if (s->load && !tarn_nn_load(run.model, s->load))
        die("--load: %s", tarn_error());
    if (s->log)
        begin_log(s->log);
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
        test_accuracy = evaluate(run.model, run.test_loader).accuracy;
        seconds += r.seconds;
        if (test_accuracy > 0.98 && seconds_to_98 == 0)
            seconds_to_98 = seconds;
        printf("%s  loss %.4f  test accuracy %.2f%%  %.2f s  %.0f images/s\n", label, r.loss,
               100 * test_accuracy, r.seconds, r.images_per_second);
        fflush(stdout);
        if (s->log) {
            csv_add(&run.log, "%ld,%.6f,%.6f,%.4f,%.0f", epoch, r.loss, test_accuracy, r.seconds,
                    r.images_per_second);
            layer_log_end_line(run.layers, &run.log);
        }
        if (has_diverged(r.loss))
            die_diverged(r.loss);
    }
    if (seconds_to_98 > 0)
        printf("first epoch end above 98%%: after %.2f s of training\n", seconds_to_98);
    printf("test accuracy: %.2f%%\n", 100 * test_accuracy);
}

/* As the shell takes it. */
static void print_argument(const char *text)
{
    if (*text && !text[strcspn(text, " \t\n\"'\\$`&|;<>()*?[]{}#~!")]) {
        printf(" %s", text);
        return;
    }
    printf(" '");
    for (; *text; text++)
        if (*text == '\'')
            printf("'\\''");
        else
            putchar(*text);
    putchar('\'');
}

/* Prints the command as it was given, with the rate in the place of --find-lr. */
static void print_command(int argc, char **argv, double lr)
{
    printf("to train with it: ./run train");
    for (int i = 1; i < argc; i++)
        if (is(argv[i], "--find-lr"))
            printf(" --lr %.2g", lr);
        else
            print_argument(argv[i]);
    printf("\n");
}

int main(int argc, char **argv)
{
    die_of_mistakes();
    if (wants_pictures(argc, argv))
        return train_pictures(argc, argv);
    settings s = read_settings(argc, argv);
    atexit(free_run);
    tarn_set_anomaly(s.anomaly);
    if (s.threads)
        tarn_set_threads((int)s.threads);
    tarn_seed((uint64_t)s.seed);
    if (s.save && !tarn_nn_can_save(s.save))
        die("--save: %s", tarn_error());

    digits_choose(&s.digits);
    prepare(&s);
    printf("%s on %s: %lld training and %lld test images, %lld parameters, %s, seed %ld, %d "
           "thread%s\n",
           s.model, s.digits.dataset, (long long)tarn_data_count(run.training),
           (long long)tarn_data_count(run.test), (long long)tarn_nn_parameter_count(run.model),
           s.optimizer, s.seed, tarn_threads(), tarn_threads() == 1 ? "" : "s");
    if (s.tape)
        show_tape(run.model, run.loader, run.optimizer, s.tape);
    else if (s.find_lr) {
        char title[96];
        snprintf(title, sizeof title, "%s on %s by %s", s.model, s.digits.dataset, s.optimizer);
        double lr = find_lr(run.model, run.loader, run.optimizer, title, s.out);
        print_command(argc, argv, lr);
    } else
        train(&s);

    if (s.save && !tarn_nn_save(run.model, s.save))
        die("--save: %s", tarn_error());
    if (s.log)
        csv_end(&run.log);
    check_stdout();
    return 0;
}
