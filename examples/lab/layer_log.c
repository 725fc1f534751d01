#include "examples/lab/layer_log.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "examples/lab/lib/options.h"

/* A layer's columns: sums over the steps so far. */
typedef struct layer {
    const char *name; /* of its first parameter; the layer's own has name_length letters */
    int name_length;
    double update_ratios, gradient_norms;
    double weight, gradient, update; /* squares of the norms in the present step */
} layer;

struct layer_log {
    int layer_count;
    layer *layers;
    int *layer_of; /* of each parameter */
    char *columns;
    long steps;
};

/* ---- At each step */

static void watch_step(const tarn_optim_change *changes, int count, void *context)
{
    layer_log *log = context;
    for (int i = 0; i < count; i++) {
        layer *l = &log->layers[log->layer_of[i]];
        l->weight += changes[i].weight_norm * changes[i].weight_norm;
        l->gradient += changes[i].gradient_norm * changes[i].gradient_norm;
        l->update += changes[i].update_norm * changes[i].update_norm;
    }
    for (int i = 0; i < log->layer_count; i++) {
        layer *l = &log->layers[i];
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
    for (int i = 0; i < log->layer_count; i++)
        table_add(to, "%.6g", log->layers[i].update_ratios / steps);
    for (int i = 0; i < log->layer_count; i++) {
        table_add(to, "%.6g", log->layers[i].gradient_norms / steps);
        log->layers[i].update_ratios = log->layers[i].gradient_norms = 0;
    }
    table_end_row(to);
    log->steps = 0;
}

/* ---- Making one */

static void add_columns(const layer_log *log, const char *quantity)
{
    for (int i = 0; i < log->layer_count; i++)
        sprintf(log->columns + strlen(log->columns), ",%s:%.*s", quantity,
                log->layers[i].name_length, log->layers[i].name);
}

/* The layer of that parameter; a new one if there is none yet. */
static int find_layer(layer_log *log, const char *name)
{
    const char *dot = strrchr(name, '.');
    const int length = dot ? (int)(dot - name) : (int)strlen(name);
    int i = 0;
    while (i < log->layer_count && (log->layers[i].name_length != length ||
                                    strncmp(log->layers[i].name, name, (size_t)length) != 0))
        i++;
    if (i == log->layer_count)
        log->layers[log->layer_count++] = (layer){.name = name, .name_length = length};
    return i;
}

layer_log *layer_log_new(tarn_optim *optimizer, tarn_params params, const char *columns)
{
    size_t letters = strlen(columns) + 1;
    for (int i = 0; i < params.count; i++)
        letters += 2 * (strlen(params.names[i]) + sizeof ",gradient_norm:");
    layer_log *log = calloc(1, sizeof *log);
    if (log) {
        log->layers = calloc((size_t)params.count, sizeof *log->layers);
        log->layer_of = calloc((size_t)params.count, sizeof *log->layer_of);
        log->columns = calloc(letters, 1);
    }
    if (!log || !log->layers || !log->layer_of || !log->columns)
        die("out of memory for the log of the layers");
    for (int i = 0; i < params.count; i++)
        log->layer_of[i] = find_layer(log, params.names[i]);
    strcpy(log->columns, columns);
    add_columns(log, "update_ratio");
    add_columns(log, "gradient_norm");
    check(tarn_optim_watch(optimizer, watch_step, log));
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
    free(log->layers);
    free(log->layer_of);
    free(log->columns);
    free(log);
}
