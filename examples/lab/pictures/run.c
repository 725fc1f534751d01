#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "examples/lab/lib/options.h"
#include "examples/lab/pictures/pictures.h"

#define LOG_COLUMNS "epoch,loss,validation_loss,validation_accuracy,lr,seconds"

/* ---- Where it stands */

/* Writes the checkpoint, or reads it. */
static void checkpoint(picture_training *t, const picture_settings *s, bool load)
{
    const output_path path = output_in(s->out, RUN_CHECKPOINT);
    const tarn_checkpoint_number numbers[] = {
        {"loss sum", &t->loss_sum}, {"seconds", &t->seconds}, {NULL, NULL}};
    const tarn_checkpoint all = {.model = t->base.model,
                                 .optimizer = t->base.optimizer,
                                 .early_stopping = &t->stopping,
                                 .loader = t->base.loader,
                                 .step = &t->base.step,
                                 .numbers = numbers};
    check((load ? tarn_checkpoint_load : tarn_checkpoint_save)(&all, path.text));
}

void save_run(picture_training *t, const picture_settings *s)
{
    if (!holds_stopped_run(s))
        note_settings(s);
    checkpoint(t, s, false);
}

/* ---- The log */

/* The epochs of the run that goes on; later ones are forgotten. */
static void read_log(picture_training *t, const picture_settings *s, int64_t done)
{
    const output_path path = output_in(s->out, RUN_LOG ".csv");
    char line[512];
    FILE *file = fopen(path.text, "r");
    if (!file || !fgets(line, sizeof line, file))
        die("%s: cannot be read, though the run there has a checkpoint", path.text);
    while (t->epoch_count < done && t->epoch_count < s->epochs && fgets(line, sizeof line, file)) {
        report_epoch *e = &t->epochs[t->epoch_count];
        if (sscanf(line, "%*d,%lf,%lf,%lf,%lf,%lf", &e->loss, &e->validation_loss,
                   &e->validation_accuracy, &e->lr, &e->seconds) != 5)
            die("%s: line %d is no epoch", path.text, t->epoch_count + 2);
        t->epoch_count++;
    }
    fclose(file);
    if (t->epoch_count < done)
        die("%s: ends before epoch %lld, which the checkpoint has", path.text, (long long)done);
}

static void add_row(table *log, const report_epoch *e, int number)
{
    table_row(log, "%d,%.9g,%.9g,%.9g,%.9g,%.4f", number, e->loss, e->validation_loss,
              e->validation_accuracy, e->lr, e->seconds);
}

void log_epoch(picture_training *t, const picture_settings *s)
{
    const bool begins = !t->log;
    if (begins) {
        t->log = table_in(s->out, RUN_LOG ".csv", LOG_COLUMNS);
        t->lines = table_in(s->out, RUN_LOG ".jsonl", LOG_COLUMNS);
    }
    for (int i = begins ? 0 : t->epoch_count - 1; i < t->epoch_count; i++) {
        add_row(t->log, &t->epochs[i], i + 1);
        add_row(t->lines, &t->epochs[i], i + 1);
    }
}

void resume_run(picture_training *t, const picture_settings *s)
{
    checkpoint(t, s, true);
    const int64_t done = tarn_loader_tell(t->base.loader).epoch;
    if (done > 0)
        read_log(t, s, done);
}
