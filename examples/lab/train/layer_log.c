#include "examples/lab/train/layer_log.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "examples/lab/lib/options.h"

/* A layer's columns: sums over the steps so far. */
typedef struct sums {
    double update_ratios, gradient_norms;
    double weight, gradient, update; /* squares of the norms in the present step */
} sums;

struct layer_log {
    const layers *layers;
    sums *sums;
    char *columns;
    long steps;
};

/* ---- At each step */

void layer_log_step(layer_log *log, const tarn_optim_change *changes, int count)
{
    for (int i = 0; i < count; i++) {
        sums *l = &log->sums[log->layers->of[i]];
        l->weight += changes[i].weight_norm * changes[i].weight_norm;
        l->gradient += changes[i].gradient_norm * changes[i].gradient_norm;
        l->update += changes[i].update_norm * changes[i].update_norm;
    }
    for (int i = 0; i < log->layers->count; i++) {
        sums *l = &log->sums[i];
        l->update_ratios += sqrt(l->update / l->weight);
        l->gradient_norms += sqrt(l->gradient);
        l->weight = l->gradient = l->update = 0;
    }
    log->steps++;
}

/* ---- At the end of an epoch */

void layer_log_end_row(layer_log *log, table *to)
{
    const double steps = (double)log->steps;
    for (int i = 0; i < log->layers->count; i++)
        table_add(to, "%.6g", log->sums[i].update_ratios / steps);
    for (int i = 0; i < log->layers->count; i++) {
        table_add(to, "%.6g", log->sums[i].gradient_norms / steps);
        log->sums[i].update_ratios = log->sums[i].gradient_norms = 0;
    }
    table_end_row(to);
    log->steps = 0;
}

/* ---- Making one */

static void add_columns(const layer_log *log, const char *quantity)
{
    for (int i = 0; i < log->layers->count; i++)
        sprintf(log->columns + strlen(log->columns), ",%s:%s", quantity, log->layers->names[i]);
}

layer_log *layer_log_new(const layers *of, const char *columns)
{
    size_t letters = strlen(columns) + 1;
    for (int i = 0; i < of->count; i++)
        letters += 2 * (strlen(of->names[i]) + sizeof ",gradient_norm:");
    layer_log *log = calloc(1, sizeof *log);
    if (log) {
        log->layers = of;
        log->sums = calloc((size_t)of->count + 1, sizeof *log->sums);
        log->columns = calloc(letters, 1);
    }
    if (!log || !log->sums || !log->columns)
        die("out of memory for the log of the layers");
    strcpy(log->columns, columns);
    add_columns(log, "update_ratio");
    add_columns(log, "gradient_norm");
    return log;
}

const char *layer_log_columns(const layer_log *log)
{
    return log->columns;
}

void layer_log_free(layer_log *log)
{
    if (!log)
        return;
    free(log->sums);
    free(log->columns);
    free(log);
}
