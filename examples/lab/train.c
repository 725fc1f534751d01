/*
 * Trains a convolutional network on MNIST, a dataset of its form, or the sample of it that comes
 * with Tarn, and prints its accuracy on the test images. The training loop is in lib/training.c.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <tarn.h>

#include "examples/lab/find_lr.h"
#include "examples/lab/layer_log.h"
#include "examples/lab/lib/digits.h"
#include "examples/lab/lib/optimizers.h"
#include "examples/lab/lib/table.h"
#include "examples/lab/lib/training.h"
#include "examples/lab/pictures.h"
#include "examples/lab/show_tape.h"
#include "examples/lab/train_settings.h"

/* Makes all that training needs. Unless another schedule is asked for the rate falls in a straight
   line to 0 at the end of the run, so that the last steps settle. */
static training prepare(const settings *s, const lessons *l)
{
    enum { PART_OF_FULL_BATCH = 1000 };
    const bool full = s->batch_size == 0;
    /* Static, so that what it holds is no leak where the program ends with a sentence. */
    static training t;
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

/* A row holds what is printed of an epoch, and how much each layer moved. */
typedef struct epoch_log {
    layer_log *layers; /* NULL: nobody asked */
    table *table;
} epoch_log;

static epoch_log begin_log(const settings *s, const training *t)
{
    epoch_log log = {NULL, NULL};
    if (s->log) {
        log.layers = layer_log_new(t->optimizer, tarn_nn_parameters(t->model),
                                   "epoch,loss,test_accuracy,seconds,images_per_second");
        log.table = table_begin(s->log, layer_log_columns(log.layers));
    }
    return log;
}

static void add_to_log(const epoch_log *log, long number, const epoch_result *e, double accuracy)
{
    if (!log->layers)
        return;
    table_add(log->table, "%ld,%.6f,%.6f,%.4f,%.0f", number, e->loss, accuracy, e->seconds,
              e->images_per_second);
    layer_log_end_row(log->layers, log->table);
}

/* Trains for all epochs. */
static void train(const settings *s, training *t, const lessons *l, const epoch_log *log)
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
        add_to_log(log, number, &e, test.accuracy);
        if (has_diverged(e.loss, CLASSES))
            die_diverged(e.loss);
    }
    check_learned(test);
    if (seconds_to_98 > 0)
        printf("first epoch end above 98%%: after %.2f s of training\n", seconds_to_98);
    printf("test accuracy: %.2f%%\n", 100 * test.accuracy);
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
    tarn_seed((uint64_t)s.seed);
    if (s.save && !tarn_nn_can_save(s.save))
        die("--save: %s", tarn_error());

    digits_choose(&s.digits);
    static lessons l;
    l = lessons_new(&s.digits, (uint64_t)s.seed);
    training t = prepare(&s, &l);
    const epoch_log log = begin_log(&s, &t);
    printf("%s on %s: %lld training and %lld test images, %lld parameters, %s, seed %ld, %d "
           "thread%s\n",
           s.model, s.digits.dataset, (long long)tarn_data_count(l.training),
           (long long)tarn_data_count(l.test), (long long)tarn_nn_parameter_count(t.model),
           s.optimizer, s.seed, tarn_threads(), tarn_threads() == 1 ? "" : "s");
    if (s.tape)
        show_tape(t.model, t.loader, t.optimizer, s.tape);
    else if (s.find_lr) {
        char title[96];
        snprintf(title, sizeof title, "%s on %s by %s", s.model, s.digits.dataset, s.optimizer);
        print_command(argc, argv, find_lr(&t, title, s.out));
    } else
        train(&s, &t, &l, &log);

    if (s.save && !tarn_nn_save(t.model, s.save))
        die("--save: %s", tarn_error());
    table_end(log.table);
    training_free(&t);
    layer_log_free(log.layers);
    lessons_free(&l);
    check_stdout();
    return 0;
}
