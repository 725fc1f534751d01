#define _XOPEN_SOURCE 700 /* realpath() */
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "examples/lab/lib/networks.h"
#include "examples/lab/lib/optimizers.h"
#include "examples/lab/lib/options.h"
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
    char data[sizeof t->data];
    memcpy(data, t->data, sizeof data);
    const tarn_checkpoint_text texts[] = {
        {"settings", saved.text, sizeof saved.text}, {"data", data, sizeof data}, {NULL, NULL, 0}};
    const tarn_checkpoint all = {.model = t->base.model,
                                 .optimizer = t->base.optimizer,
                                 .early_stopping = &t->stopping,
                                 .loader = t->base.loader,
                                 .step = &t->base.step,
                                 .numbers = numbers,
                                 .texts = texts};
    if (!(load ? tarn_checkpoint_load : tarn_checkpoint_save)(&all, path.text))
        die("%s", tarn_error());
    const identity asked = identity_of(s);
    if (strcmp(saved.text, asked.text) != 0)
        die("--resume: the run in %s was begun with %s, and is to go on with %s", s->out,
            saved.text, asked.text);
    if (strcmp(data, t->data) != 0)
        die("--resume: %s does not hold what the run in %s was begun with: other classes, files or "
            "pixels",
            s->source, s->out);
}

/* The epochs of the run that goes on, from its log; later ones are forgotten. */
static void read_log(picture_training *t, const picture_settings *s, const char *path)
{
    const int64_t done = tarn_loader_tell(t->base.loader).epoch;
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

/* A row of each log. */
static void log_epoch(picture_training *t, const report_epoch *e, int number)
{
    table *const logs[] = {t->log, t->lines};
    for (int i = 0; i < 2; i++)
        table_row(logs[i], "%d,%.9g,%.9g,%.9g,%.9g,%.4f", number, e->loss, e->validation_loss,
                  e->validation_accuracy, e->lr, e->seconds);
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

/* Whether a path, or the folder that it is to be made in, lies in a folder. */
static bool lies_in(const char *path, const char *folder)
{
    char parent[4096];
    snprintf(parent, sizeof parent, "%s", path);
    char *slash = strrchr(parent, '/');
    if (slash)
        *(slash == parent ? slash + 1 : slash) = '\0';
    char *inner = realpath(path, NULL);
    if (!inner)
        inner = realpath(slash ? parent : ".", NULL);
    char *outer = realpath(folder, NULL);
    const size_t length = outer ? strlen(outer) : 0;
    const bool lies = inner && outer && strncmp(inner, outer, length) == 0 &&
                      (inner[length] == '/' || inner[length] == '\0' || length == 1);
    free(inner);
    free(outer);
    return lies;
}

void check_out(const picture_settings *s)
{
    if (lies_in(s->out, s->source))
        die("--out %s: lies among the pictures of %s, of which it would become a class", s->out,
            s->source);
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
    static picture_training t;
    t = (picture_training){
        .base = {.lr = s->lr,
                 .model = network_new(s->model, shape, tarn_data_classes(d->training)),
                 .loader = tarn_loader_new(d->training, s->batch_size, .shuffle = true,
                                           .seed = (uint64_t)s->seed, .transforms = d->transforms,
                                           .workers = (int)s->workers)},
        .validation_loader = tarn_loader_new(d->validation, 250, .workers = (int)s->workers),
        .stopping = tarn_early_stopping(.patience = s->patience, .maximize = true),
        .epochs = calloc((size_t)s->epochs, sizeof *t.epochs)};
    check(t.base.model && t.base.loader && t.validation_loader);
    t.base.optimizer = optimizer_new(s->optimizer, tarn_nn_parameters(t.base.model), s->lr);
    t.base.steps = s->epochs * tarn_loader_batches(t.base.loader);
    if (!t.epochs)
        die("out of memory for %ld epochs", s->epochs);
    memcpy(t.data, d->fingerprint, sizeof t.data);
    describe(t.base.model, d);
    if (s->resume) {
        checkpoint(&t, s, true);
        read_log(&t, s, output_in(s->out, "log.csv").text);
    }
    t.log = table_in(s->out, "log.csv", LOG_COLUMNS);
    t.lines = table_in(s->out, "log.jsonl", LOG_COLUMNS);
    for (int i = 0; i < t.epoch_count; i++)
        log_epoch(&t, &t.epochs[i], i + 1);
    return t;
}

void free_training(picture_training *t)
{
    table_end(t->log);
    table_end(t->lines);
    free(t->epochs);
    training_free(&t->base);
    tarn_loader_free(t->validation_loader);
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
static double finish_epoch(picture_training *t, const picture_settings *s, const char *label)
{
    const int64_t batches = tarn_loader_batches(t->base.loader);
    double start = seconds_now();
    progress bar = progress_begin(label);
    tarn_batch batch;
    while (tarn_loader_next(t->base.loader, &batch)) {
        training_step_on(&t->base, &batch);
        t->loss_sum += t->base.last.loss;
        const int64_t done = tarn_loader_tell(t->base.loader).batch;
        progress_show(&bar, (long)done, (long)batches, t->loss_sum / (double)done);
        stop_at_signal(t, s, start);
    }
    if (tarn_loader_failed(t->base.loader))
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
    if (!tarn_nn_save(t->base.model, output_in(s->out, "model.safetensors").text))
        die("%s", tarn_error());
}

/* Validates after an epoch. */
static const report_epoch *end_epoch(picture_training *t, double loss)
{
    report_epoch *e = &t->epochs[t->epoch_count++];
    const score result =
        evaluate(t->base.model, t->validation_loader, tarn_nn_info(t->base.model)->class_count);
    *e = (report_epoch){.loss = loss,
                        .validation_loss = result.loss,
                        .validation_accuracy = result.accuracy,
                        .lr = tarn_optim_lr(t->base.optimizer),
                        .seconds = t->seconds};
    t->loss_sum = t->seconds = 0;
    tarn_early_stopping_update(&t->stopping, result.accuracy);
    return e;
}

/* Leaves no checkpoint, from which there is nothing to go on with. */
_Noreturn static void die_diverged(const picture_settings *s, double loss)
{
    remove(output_in(s->out, CHECKPOINT).text);
    die("the loss is %g: training has diverged; a smaller --lr may help", fabs(loss));
}

void train_pictures_to_end(picture_training *t, const picture_settings *s)
{
    watch_signals();
    while (!is_over(t, s)) {
        char label[64];
        snprintf(label, sizeof label, "epoch %d/%ld", t->epoch_count + 1, s->epochs);
        const double loss = finish_epoch(t, s, label);
        const report_epoch *e = end_epoch(t, loss);
        const bool best = t->stopping.best_step == t->stopping.steps - 1;
        printf("%s  loss %.4f  validation loss %.4f  accuracy %.2f%%  %.2f s%s\n", label, loss,
               e->validation_loss, 100 * e->validation_accuracy, e->seconds,
               best ? "  best so far" : "");
        fflush(stdout);
        if (!isfinite(loss) || !isfinite(e->validation_loss))
            die_diverged(s, isfinite(loss) ? e->validation_loss : loss);
        log_epoch(t, e, t->epoch_count);
        if (best)
            keep_best(t, s);
        checkpoint(t, s, false);
    }
    if (t->epoch_count < s->epochs)
        printf("stopped early: none of the last %ld epochs was better\n", s->patience);
}
