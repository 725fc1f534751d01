#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "examples/lab/lib/digits.h"
#include "examples/lab/lib/networks.h"
#include "examples/lab/lib/options.h"
#include "examples/lab/lib/progress.h"
#include "examples/lab/lib/rules.h"
#include "examples/lab/lib/training.h"
#include "examples/lab/pictures.h"

#define CHECKPOINT "checkpoint.safetensors"
#define LOG_COLUMNS "epoch,loss,validation_loss,validation_accuracy,lr,seconds"

/* ---- Signals */

static volatile sig_atomic_t signal_number;

static void note_signal(int number)
{
    signal_number = number;
}

/* The first signal is noted; the second finds the action that was there before, and ends the
   program. */
static void watch_signals(void)
{
    struct sigaction action = {.sa_handler = note_signal, .sa_flags = (int)SA_RESETHAND};
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

/* ---- Saving and going on */

/* What must be the same when training goes on. */
typedef struct identity {
    char text[512];
} identity;

static identity identity_of(const picture_settings *s)
{
    identity i = {{0}};
    snprintf(i.text, sizeof i.text,
             "--model %s --size %ld%s --augment %s --optimizer %s --lr %g --batch-size %ld "
             "--epochs %ld --validation %g --seed %ld",
             s->model, s->size, s->gray ? " --gray" : "", s->augment, s->optimizer, s->lr,
             s->batch_size, s->epochs, s->validation, s->seed);
    return i;
}

/* Writes the checkpoint, or reads it. */
static void checkpoint(picture_training *t, const picture_settings *s, bool load)
{
    const output_path path = output_in(s->out, CHECKPOINT);
    identity saved = identity_of(s);
    const tarn_checkpoint_number numbers[] = {
        {"loss sum", &t->loss_sum}, {"seconds", &t->seconds}, {NULL, NULL}};
    const tarn_checkpoint_text texts[] = {{"settings", saved.text, sizeof saved.text},
                                          {NULL, NULL, 0}};
    const tarn_checkpoint all = {.model = t->model,
                                 .optimizer = t->optimizer,
                                 .early_stopping = &t->stopping,
                                 .loader = t->loader,
                                 .step = &t->step,
                                 .numbers = numbers,
                                 .texts = texts};
    if (!(load ? tarn_checkpoint_load : tarn_checkpoint_save)(&all, path.text))
        die("%s", tarn_error());
    const identity asked = identity_of(s);
    if (strcmp(saved.text, asked.text) != 0)
        die("--resume: the run in %s was begun with %s, and is to go on with %s", s->out,
            saved.text, asked.text);
}

/* The epochs of the run that goes on, from its log; later ones are forgotten. */
static void read_log(picture_training *t, const picture_settings *s, const char *path)
{
    const int64_t done = tarn_loader_tell(t->loader).epoch;
    char line[512];
    FILE *file = fopen(path, "r");
    if (!file || !fgets(line, sizeof line, file))
        die("%s: cannot be read, though the run there has a checkpoint", path);
    while (t->epoch_count < done && t->epoch_count < s->epochs && fgets(line, sizeof line, file)) {
        report_epoch *e = &t->epochs[t->epoch_count];
        if (sscanf(line, "%*d,%lf,%lf,%lf,%lf,%lf", &e->loss, &e->validation_loss,
                   &e->validation_accuracy, &e->lr, &e->seconds) != 5)
            die("%s: line %d is no epoch", path, t->epoch_count + 2);
        t->epoch_count++;
    }
    fclose(file);
    if (t->epoch_count < done)
        die("%s: ends before epoch %lld, which the checkpoint has", path, (long long)done);
}

/* A line of each log. */
static void log_epoch(picture_training *t, const picture_settings *s, const report_epoch *e,
                      int number)
{
    csv_add(&t->log, "%d,%.9g,%.9g,%.9g,%.9g,%.4f\n", number, e->loss, e->validation_loss,
            e->validation_accuracy, e->lr, e->seconds);
    fprintf(t->lines,
            "{\"epoch\": %d, \"loss\": %.9g, \"validation_loss\": %.9g, \"validation_accuracy\": "
            "%.9g, \"lr\": %.9g, \"seconds\": %.4f}\n",
            number, e->loss, e->validation_loss, e->validation_accuracy, e->lr, e->seconds);
    if (fflush(t->lines) != 0)
        die("%s/log.jsonl: cannot be written: %s", s->out, strerror(errno));
}

/* ---- Beginning */

static void describe(tarn_module *model, const picture_data *d)
{
    if (!tarn_nn_describe(model, .input = tarn_data_sample_shape(d->training),
                          .class_count = tarn_data_classes(d->training),
                          .class_names = tarn_data_class_names(d->training),
                          .channels = d->channels, .mean = d->mean, .deviation = d->deviation))
        die("%s", tarn_error());
}

void check_out(const picture_settings *s)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/" CHECKPOINT, s->out);
    const bool there = access(path, F_OK) == 0;
    if (there && !s->resume)
        die("%s: holds a run that was stopped; --resume goes on with it, --out DIR puts another "
            "elsewhere",
            s->out);
    if (!there && s->resume)
        die("--resume: there is no run in %s that was stopped (%s)", s->out, path);
}

picture_training begin_training(const picture_settings *s, const picture_data *d)
{
    tarn_seed((uint64_t)s->seed);
    const tarn_shape shape = tarn_data_sample_shape(d->training);
    picture_training t = {
        .lr = s->lr,
        .model = network_new(s->model, shape, tarn_data_classes(d->training)),
        .loader =
            tarn_loader_new(d->training, s->batch_size, .shuffle = true, .seed = (uint64_t)s->seed,
                            .transforms = d->transforms, .workers = (int)s->workers),
        .validation_loader = tarn_loader_new(d->validation, 250, .workers = (int)s->workers),
        .stopping = tarn_early_stopping(.patience = s->patience, .maximize = true),
        .epochs = calloc((size_t)s->epochs, sizeof *t.epochs)};
    if (t.model)
        t.optimizer = make_optimizer(s->optimizer, tarn_nn_parameters(t.model), s->lr);
    if (!t.loader || !t.validation_loader || !t.optimizer)
        die("%s", tarn_error());
    if (!t.epochs)
        die("out of memory for %ld epochs", s->epochs);
    describe(t.model, d);
    static output_path log; /* outlives its csv */
    log = output_in(s->out, "log.csv");
    if (s->resume) {
        checkpoint(&t, s, true);
        read_log(&t, s, log.text);
    }
    t.log = csv_begin(log.text, LOG_COLUMNS);
    t.lines = fopen(output_in(s->out, "log.jsonl").text, "w");
    if (!t.lines)
        die("%s/log.jsonl: cannot be written: %s", s->out, strerror(errno));
    for (int i = 0; i < t.epoch_count; i++)
        log_epoch(&t, s, &t.epochs[i], i + 1);
    return t;
}

void free_training(picture_training *t)
{
    if (t->log.file)
        csv_end(&t->log);
    if (t->lines)
        fclose(t->lines);
    free(t->epochs);
    tarn_optim_free(t->optimizer);
    tarn_loader_free(t->loader);
    tarn_loader_free(t->validation_loader);
    tarn_nn_free(t->model);
}

/* ---- Epochs */

/* Saves and ends the program if a signal came. */
static void stop_at_signal(picture_training *t, const picture_settings *s, double start)
{
    if (!signal_number)
        return;
    t->seconds += seconds_now() - start;
    checkpoint(t, s, false);
    fflush(stdout);
    fprintf(stderr, "train: stopped in epoch %d; --resume goes on\n", t->epoch_count + 1);
    exit(128 + signal_number);
}

/* What is left of an epoch; the mean loss over all of it. */
static double train_epoch(picture_training *t, const picture_settings *s, const char *label)
{
    const int64_t batches = tarn_loader_batches(t->loader);
    double start = seconds_now();
    progress bar = progress_begin(label);
    tarn_batch batch;
    while (tarn_loader_next(t->loader, &batch)) {
        tarn_tape *tape = tarn_tape_begin();

        tarn_tensor *predictions = tarn_nn_forward(t->model, batch.images);
        tarn_tensor *loss = tarn_cross_entropy(predictions, batch.labels);

        tarn_optim_zero_grad(t->optimizer);
        if (!tarn_backward(loss))
            die("%s", tarn_error());

        tarn_optim_set_lr(t->optimizer, t->lr * tarn_schedule_linear(t->step, s->epochs * batches));
        tarn_optim_step(t->optimizer);

        t->loss_sum += (double)tarn_item(loss);
        tarn_tape_end(tape);
        t->step++;
        const int64_t done = tarn_loader_tell(t->loader).batch;
        progress_show(&bar, (long)done, (long)batches, t->loss_sum / (double)done);
        stop_at_signal(t, s, start);
    }
    if (tarn_loader_failed(t->loader))
        die("%s", tarn_error());
    progress_end(&bar);
    t->seconds += seconds_now() - start;
    return t->loss_sum / (double)batches;
}

/* Whether there is nothing left to do, also where the run that goes on was stopped just then. */
static bool is_over(const picture_training *t, const picture_settings *s)
{
    const int64_t since = t->stopping.steps - 1 - t->stopping.best_step;
    return t->epoch_count >= s->epochs || (t->epoch_count > 0 && since >= s->patience);
}

/* The best network so far, for the end of the program and for others. */
static void keep_best(picture_training *t, const picture_settings *s)
{
    if (!tarn_nn_save(t->model, output_in(s->out, "model.safetensors").text))
        die("%s", tarn_error());
}

/* Validates after an epoch. */
static const report_epoch *end_epoch(picture_training *t, double loss)
{
    report_epoch *e = &t->epochs[t->epoch_count++];
    const score result = evaluate(t->model, t->validation_loader);
    *e = (report_epoch){.loss = loss,
                        .validation_loss = result.loss,
                        .validation_accuracy = result.accuracy,
                        .lr = tarn_optim_lr(t->optimizer),
                        .seconds = t->seconds};
    t->loss_sum = t->seconds = 0;
    tarn_early_stopping_update(&t->stopping, result.accuracy);
    return e;
}

void train_pictures_to_end(picture_training *t, const picture_settings *s)
{
    watch_signals();
    while (!is_over(t, s)) {
        char label[64];
        snprintf(label, sizeof label, "epoch %d/%ld", t->epoch_count + 1, s->epochs);
        const double loss = train_epoch(t, s, label);
        const report_epoch *e = end_epoch(t, loss);
        const bool best = t->stopping.best_step == t->stopping.steps - 1;
        printf("%s  loss %.4f  validation loss %.4f  accuracy %.2f%%  %.2f s%s\n", label, loss,
               e->validation_loss, 100 * e->validation_accuracy, e->seconds,
               best ? "  best so far" : "");
        fflush(stdout);
        if (!isfinite(loss))
            die("the loss is %g: training has diverged; a smaller --lr may help", loss);
        log_epoch(t, s, e, t->epoch_count);
        if (best)
            keep_best(t, s);
        checkpoint(t, s, false);
    }
    if (t->epoch_count < s->epochs)
        printf("stopped early: none of the last %ld epochs was better\n", s->patience);
}
