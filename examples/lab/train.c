/*
 * Trains a convolutional network on MNIST, a dataset of its form, or the sample of it that comes
 * with Tarn, and prints its accuracy on the test images. The training loop is in lib/training.c.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <tarn.h>

#include "examples/lab/lib/digits.h"
#include "examples/lab/lib/optimizers.h"
#include "examples/lab/lib/training.h"
#include "examples/lab/pictures/pictures.h"
#include "examples/lab/train/find_lr.h"
#include "examples/lab/train/log.h"
#include "examples/lab/train/settings.h"
#include "examples/lab/train/show_tape.h"

/* Makes all that training needs. Unless another schedule is asked for the rate falls in a straight
   line to 0 at the end of the run, so that the last steps settle. */
static training prepare(const settings *s, lessons *l, long seed)
{
    enum { PART_OF_FULL_BATCH = 1000 };
    const bool full = s->batch_size == 0;
    /* Static, so that what it holds is no leak where the program ends with a sentence. */
    static training t;
    l->seed = (uint64_t)seed;
    tarn_seed(l->seed);
    t = (training){.model = digits_network(s->model), .schedule_name = s->schedule};
    t.loader = tarn_loader_new(l->training, full ? PART_OF_FULL_BATCH : s->batch_size,
                               .shuffle = !full, .seed = l->seed);
    check(t.loader);
    t.optimizer = optimizer_new(is(s->optimizer, "gd") ? "sgd" : s->optimizer,
                                tarn_nn_parameters(t.model), s->lr);
    t.lr = tarn_optim_lr(t.optimizer);
    t.full_batch = full ? tarn_data_count(l->training) : 0;
    t.steps = s->epochs * (full ? 1 : (long)tarn_loader_batches(t.loader));
    if (s->load && !tarn_nn_load(t.model, s->load))
        die("--load: %s", tarn_error());
    return t;
}

_Noreturn static void die_diverged(double loss)
{
    die("the loss is %g: training has diverged; a smaller --lr may help, and --anomaly names the "
        "operation where it began",
        fabs(loss));
}

/* Trains for all epochs; returns the accuracy on the test images after the last. */
static double train(const settings *s, training *t, const lessons *l, train_log *log)
{
    score test = {0};
    double seconds = 0, seconds_to_98 = 0;
    for (long number = 1; number <= s->epochs; number++) {
        char label[64];
        snprintf(label, sizeof label, "epoch %ld/%ld", number, s->epochs);
        const epoch_result e = train_epoch(t, label);
        if (e.diverged)
            die_diverged(e.loss);
        test = evaluate(t->model, l->test_loader, CLASSES);
        seconds += e.seconds;
        if (test.accuracy > 0.98 && seconds_to_98 == 0)
            seconds_to_98 = seconds;
        printf("%s  loss %.4f  test accuracy %.2f%%  %.2f s  %.0f images/s\n", label, e.loss,
               100 * test.accuracy, e.seconds, e.images_per_second);
        fflush(stdout);
        train_log_add(log, number, &e, test);
        if (has_diverged(e.loss, CLASSES))
            die_diverged(e.loss);
    }
    check_learned(test);
    if (seconds_to_98 > 0)
        printf("first epoch end above 98%%: after %.2f s of training\n", seconds_to_98);
    printf("test accuracy: %.2f%%\n", 100 * test.accuracy);
    return test.accuracy;
}

static int compare(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void print_summary(double *accuracies, long count)
{
    qsort(accuracies, (size_t)count, sizeof *accuracies, compare);
    const double median = (accuracies[count / 2] + accuracies[(count - 1) / 2]) / 2;
    printf("test accuracy of %ld seeds: median %.2f%%, from %.2f to %.2f%%\n", count, 100 * median,
           100 * accuracies[0], 100 * accuracies[count - 1]);
}

/* Trains from each seed, t and the log being ready for the first; leaves the last one's in t. */
static void train_all(const settings *s, training *t, lessons *l, train_log *log)
{
    static double accuracies[MAX_SEEDS];
    for (long i = 0; i < s->seeds; i++) {
        if (i > 0) {
            training_free(t);
            *t = prepare(s, l, s->seed + i);
            train_log_begin_run(log, t, s->seed + i);
        }
        if (s->seeds > 1)
            printf("seed %ld\n", s->seed + i);
        accuracies[i] = train(s, t, l, log);
        train_log_end_run(log);
    }
    if (s->seeds > 1)
        print_summary(accuracies, s->seeds);
    train_log_end(log);
}

/* What it takes to begin again. */
typedef struct beginning {
    const settings *settings;
    lessons *lessons;
} beginning;

static training begin_again(const void *context)
{
    const beginning *b = context;
    return prepare(b->settings, b->lessons, b->settings->seed);
}

static double find_rate(const settings *s, training *t, lessons *l)
{
    char title[96];
    const beginning start = {s, l};
    snprintf(title, sizeof title, "%s on %s by %s", s->model, s->digits.dataset, s->optimizer);
    return find_lr(t, &(rate_test){begin_again, &start, title}, s->out);
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
    if (wants_pictures(argc, argv))
        return train_pictures(argc, argv);
    settings s = read_settings(argc, argv);
    tarn_set_anomaly(s.anomaly);
    if (s.threads)
        tarn_set_threads((int)s.threads);
    tarn_set_precision(is(s.precision, "bf16") ? TARN_BF16 : TARN_FLOAT);
    if (s.save && !tarn_nn_can_save(s.save))
        die("--save: %s", tarn_error());

    digits_choose(&s.digits);
    static lessons l;
    l = lessons_new(&s.digits, (uint64_t)s.seed);
    training t = prepare(&s, &l, s.seed);
    static train_log log; /* no leak where the program ends with a sentence */
    log.path = s.log;
    log.watch = s.watch ? s.out : NULL;
    train_log_begin_run(&log, &t, s.seed);
    printf("%s on %s: %lld training and %lld test images, %lld parameters, %s, seed %ld, %d "
           "thread%s\n",
           s.model, s.digits.dataset, (long long)tarn_data_count(l.training),
           (long long)tarn_data_count(l.test), (long long)tarn_nn_parameter_count(t.model),
           s.optimizer, s.seed, tarn_threads(), tarn_threads() == 1 ? "" : "s");
    if (s.tape)
        show_tape(t.model, t.loader, t.optimizer, s.tape);
    else if (s.find_lr)
        print_command(argc, argv, find_rate(&s, &t, &l));
    else
        train_all(&s, &t, &l, &log);

    if (s.save && !tarn_nn_save(t.model, s.save))
        die("--save: %s", tarn_error());
    training_free(&t);
    lessons_free(&l);
    check_stdout();
    return 0;
}
