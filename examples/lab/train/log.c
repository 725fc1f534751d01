#include "examples/lab/train/log.h"

#include <string.h>

#include "examples/lab/lib/options.h"
#include "examples/lab/lib/plots.h"
#include "examples/lab/lib/table.h"
#include "examples/lab/train/layer_log.h"
#include "examples/lab/train/optimizer_log.h"

static void look_on(const tarn_optim_change *changes, int count, void *context)
{
    const train_log *log = context;
    if (log->layers)
        layer_log_step(log->layers, changes, count);
    if (log->optimizer)
        optimizer_log_step(log->optimizer, changes, count);
}

void train_log_begin_run(train_log *log, const training *t, long seed)
{
    if (!log->path && !log->watch)
        return;
    log->seed = seed;
    log->names = layers_new(t->model);
    if (log->path) {
        log->layers = layer_log_new(log->names, "seed,epoch,loss,accuracy,test_loss,test_accuracy,"
                                                "seconds,images_per_second");
        if (!log->table)
            log->table = table_begin(log->path, layer_log_columns(log->layers));
    }
    if (log->watch)
        log->optimizer = optimizer_log_new(log->names, log->watch, t->steps);
    check(tarn_optim_watch(t->optimizer, look_on, log));
}

void train_log_add(train_log *log, long epoch, const epoch_result *e, score test)
{
    if (!log->path)
        return;
    table_add(log->table, "%ld,%ld,%.6f,%.6f,%.6f,%.6f,%.4f,%.0f", log->seed, epoch, e->loss,
              e->accuracy, test.loss, test.accuracy, e->seconds, e->images_per_second);
    layer_log_end_row(log->layers, log->table);
}

void train_log_end_run(train_log *log)
{
    layer_log_free(log->layers);
    optimizer_log_end(log->optimizer);
    layers_free(log->names);
    log->layers = NULL;
    log->optimizer = NULL;
    log->names = NULL;
    log->watch = NULL; /* of the first run alone */
}

void train_log_end(train_log *log)
{
    static const drawing pictures[] = {
        {"", "loss and accuracy, epoch by epoch"}, {"-layers", "how much each layer moved"}, {0}};
    if (!log->path)
        return;
    table_end(log->table);
    const size_t length = strlen(log->path);
    if (length <= 6 || !is(log->path + length - 6, ".jsonl"))
        draw_plots_of("log", log->path, pictures);
}
