#include "examples/lab/train/optimizer_log.h"

#include <math.h>
#include <stdlib.h>

#include "examples/lab/lib/options.h"
#include "examples/lab/lib/plots.h"
#include "examples/lab/lib/table.h"

/* Rows a layer at most, but for the first step, which has one of its own. */
enum { ROWS = 100 };

static const int percents[] = {5, 25, 50, 75, 95};
enum { PERCENTS = sizeof percents / sizeof *percents };

typedef struct seen {
    double product, now, last; /* of the gradients of this step and the one before, and squares */
    double cosines;            /* the sum since the last row, */
    long steps;                /* of so many steps */
    tarn_optim_histogram updates, rates;
} seen;

struct optimizer_log {
    const layers *layers;
    const char *folder;
    seen *seen;         /* by layer */
    double *last_norms; /* of the gradients of each parameter; 0 before any */
    long step, steps;
    table *table, *updates;
};

/* ---- At each step */

/* The cosine of a layer comes of those of its parameters: each has the product of its gradients. */
static void add_products(optimizer_log *log, const tarn_optim_change *changes, int count)
{
    for (int i = 0; i < count; i++) {
        seen *s = &log->seen[log->layers->of[i]];
        const double now = changes[i].gradient_norm, last = log->last_norms[i];
        if (!isnan(changes[i].cosine))
            s->product += changes[i].cosine * now * last;
        s->now += now * now;
        s->last += last * last;
        log->last_norms[i] = changes[i].gradients ? now : last;
    }
    for (int i = 0; i < log->layers->count; i++) {
        seen *s = &log->seen[i];
        if (s->now > 0 && s->last > 0) {
            s->cosines += s->product / sqrt(s->now) / sqrt(s->last);
            s->steps++;
        }
        s->product = s->now = s->last = 0;
    }
}

/* The bins that hold a weight, and the empty ones beside these, so that a line falls to 0. */
static void add_updates(optimizer_log *log, int layer)
{
    const tarn_optim_histogram *h = &log->seen[layer].updates;
    for (int i = 0; i < TARN_OPTIM_BINS; i++)
        if (h->bins[i] || (i > 0 && h->bins[i - 1]) || (i + 1 < TARN_OPTIM_BINS && h->bins[i + 1]))
            table_row(log->updates, "%ld,%d,%.4g,%.6g", log->step, layer, tarn_optim_bin(i),
                      (double)h->bins[i] / (double)h->count);
}

static void add_row(optimizer_log *log, int layer)
{
    seen *s = &log->seen[layer];
    table_add(log->table, "%ld,%d", log->step, layer);
    table_add_text(log->table, log->layers->names[layer]);
    if (s->steps > 0)
        table_add(log->table, "%.4f", s->cosines / (double)s->steps);
    else
        table_add(log->table, "%s", "");
    for (int i = 0; i < PERCENTS; i++) {
        const double rate = tarn_optim_quantile(&s->rates, percents[i] / 100.0);
        if (isnan(rate))
            table_add(log->table, "%s", "");
        else
            table_add(log->table, "%.4g", rate);
    }
    table_end_row(log->table);
    add_updates(log, layer);
}

/* A row for each layer, of this step alone but for the cosine. */
static void add_rows(optimizer_log *log, const tarn_optim_change *changes, int count)
{
    for (int i = 0; i < count; i++) {
        seen *s = &log->seen[log->layers->of[i]];
        tarn_optim_count_updates(&s->updates, &changes[i]);
        tarn_optim_count_rates(&s->rates, &changes[i]);
    }
    for (int i = 0; i < log->layers->count; i++) {
        add_row(log, i);
        log->seen[i] = (seen){0};
    }
}

void optimizer_log_step(optimizer_log *log, const tarn_optim_change *changes, int count)
{
    log->step++;
    add_products(log, changes, count);
    const long every = (log->steps + ROWS - 1) / ROWS;
    if (log->step == 1 || log->step % every == 0)
        add_rows(log, changes, count);
}

/* ---- Beginning and end */

optimizer_log *optimizer_log_new(const layers *of, const char *folder, long steps)
{
    optimizer_log *log = calloc(1, sizeof *log);
    if (log)
        *log = (optimizer_log){.layers = of, .folder = folder, .steps = steps};
    if (!log || !(log->seen = calloc((size_t)of->count, sizeof *log->seen)) ||
        !(log->last_norms = calloc((size_t)of->parameters, sizeof *log->last_norms)))
        die("out of memory for the log of the optimizer");
    log->table = table_in(folder, "watch.csv",
                          "step,layer,name,cosine,rate_5,rate_25,rate_50,rate_75,rate_95");
    log->updates = table_in(folder, "watch_updates.csv", "step,layer,from,share");
    return log;
}

void optimizer_log_end(optimizer_log *log)
{
    if (!log)
        return;
    table_end(log->table);
    table_end(log->updates);
    draw_plots("watch", log->folder,
               (const drawing[]){{"watch", "what the optimizer saw and did, layer by layer"}, {0}});
    free(log->seen);
    free(log->last_norms);
    free(log);
}
