#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "examples/lab/lib/clock.h"
#include "examples/lab/lib/networks.h"
#include "examples/lab/lib/optimizers.h"
#include "examples/lab/lib/options.h"
#include "examples/lab/pictures/pictures.h"

/* ---- Signals */

static volatile sig_atomic_t signal_number;

static void note_signal(int number)
{
    if (signal_number)
        raise(number);
    signal_number = number;
}

/* The first signal is noted; the second, of whichever kind, finds the action that was there before,
   and ends the program. What nohup ignores stays ignored. */
static void watch_signals(void)
{
    struct sigaction before, action = {.sa_handler = note_signal, .sa_flags = (int)SA_RESETHAND};
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGHUP, NULL, &before);
    if (before.sa_handler != SIG_IGN)
        sigaction(SIGHUP, &action, NULL);
}

/* ---- Beginning */

static void describe(tarn_module *model, const picture_data *d)
{
    check(tarn_nn_describe(model, .input = tarn_data_sample_shape(d->training),
                           .class_count = tarn_data_classes(d->training),
                           .class_names = tarn_data_class_names(d->training),
                           .channels = d->channels, .mean = d->mean, .deviation = d->deviation));
}

/* Dies if training takes more memory than there is. */
static void check_memory(const picture_settings *s, const picture_data *d)
{
    const int64_t count = tarn_data_count(d->training);
    const tarn_shape shape = tarn_data_sample_shape(d->training);
    const double needed =
        network_memory(s->model, shape, s->batch_size < count ? s->batch_size : count);
    const double there = (double)sysconf(_SC_PHYS_PAGES) * (double)sysconf(_SC_PAGESIZE);
    if (there > 0 && needed > there)
        die("--model %s: takes about %.0f GB of memory to train on %s%s, and this machine has "
            "%.0f; a smaller %s--batch-size takes less",
            s->model, ceil(needed / 1e9), shape.ndim == 3 ? "pictures of " : "",
            tarn_shape_to_text(shape).text, floor(there / 1e9), s->size > 0 ? "--size or " : "");
}

/* Large pictures are validated on a few at a time, for which there is memory. */
static int64_t validation_batch(const picture_data *d)
{
    enum { MOST = 250, NUMBERS = 1000000 };
    const int64_t fit = NUMBERS / (tarn_shape_size(tarn_data_sample_shape(d->training)) + 1);
    return fit < 1 ? 1 : fit < MOST ? fit : MOST;
}

picture_training begin_training(const picture_settings *s, const picture_data *d)
{
    check_memory(s, d);
    tarn_seed((uint64_t)s->seed);
    const tarn_shape shape = tarn_data_sample_shape(d->training);
    static picture_training t;
    t = (picture_training){
        .base = {.lr = s->lr,
                 .model = network_new(s->model, shape, tarn_data_classes(d->training)),
                 .loader = tarn_loader_new(d->training, s->batch_size, .shuffle = true,
                                           .seed = (uint64_t)s->seed, .transforms = d->transforms,
                                           .workers = (int)s->workers)},
        .validation_loader =
            tarn_loader_new(d->validation, validation_batch(d), .workers = (int)s->workers),
        .stopping = tarn_early_stopping(.patience = s->patience, .maximize = true),
        .epochs = calloc((size_t)s->epochs, sizeof *t.epochs)};
    check(t.base.model && t.base.loader && t.validation_loader);
    t.base.optimizer = optimizer_new(s->optimizer, tarn_nn_parameters(t.base.model), s->lr);
    t.base.steps = s->epochs * tarn_loader_batches(t.base.loader);
    if (!t.epochs)
        die("out of memory for %ld epochs", s->epochs);
    describe(t.base.model, d);
    claim_folder(s, true);
    if (s->resume)
        resume_run(&t, s);
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
    save_run(t, s);
    complain("stopped in epoch %d; --resume goes on", t->epoch_count + 1);
    exit(128 + signal_number);
}

/* What is left of an epoch; the mean loss over all of it. */
static double finish_epoch(picture_training *t, const picture_settings *s, const char *label)
{
    const int64_t batches = tarn_loader_batches(t->base.loader);
    double start = seconds_now();
    tarn_progress bar = tarn_progress_begin(label);
    tarn_batch batch;
    while (tarn_loader_next(t->base.loader, &batch)) {
        training_step_on(&t->base, &batch);
        t->loss_sum += t->base.last.loss;
        const int64_t done = tarn_loader_tell(t->base.loader).batch;
        tarn_progress_show(&bar, done, batches, t->loss_sum / (double)done);
        stop_at_signal(t, s, start);
    }
    check(!tarn_loader_failed(t->base.loader));
    tarn_progress_end(&bar);
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
    check(tarn_nn_save(t->base.model, output_in(s->out, RUN_NETWORK).text));
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
    end_run(s);
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
        if (!isfinite(loss) || !isfinite(e->validation_loss))
            die_diverged(s, isfinite(loss) ? e->validation_loss : loss);
        log_epoch(t, s);
        if (best)
            keep_best(t, s);
        save_run(t, s);
    }
    if (t->epoch_count < s->epochs)
        printf("stopped early: none of the last %ld epochs was better\n", s->patience);
}
