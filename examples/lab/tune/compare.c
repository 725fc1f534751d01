#include "examples/lab/tune/compare.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "examples/lab/lib/options.h"
#include "examples/lab/lib/plots.h"
#include "examples/lab/lib/table.h"

/* The best so far is looked at after so many equal parts of the cost. */
enum { PARTS = 24 };

typedef struct curve {
    double best[PARTS]; /* after (i + 1) / PARTS of the cost; NaN before the first result */
    double test;        /* the test accuracy of the winner */
} curve;

/* search.report: takes the best so far into the parts that end here or later. */
static void take_best(search *s, trial *t, void *context)
{
    curve *c = context;
    (void)t;
    for (int i = 0; i < PARTS; i++)
        if (s->cost <= (i + 1) * (double)s->settings.trials / PARTS + 1e-9)
            c->best[i] = s->best_accuracy;
}

static curve search_once(const tune_settings *s, const tune_data *data, tune_method method,
                         long seed)
{
    static const volatile sig_atomic_t never;
    static search run;
    curve c;
    search_settings settings = s->search;
    settings.method = method;
    settings.seed = seed;
    for (int i = 0; i < PARTS; i++)
        c.best[i] = NAN;
    search_plan(&run, &settings, &s->space, data);
    run.report = take_best;
    run.context = &c;
    search_run(&run, &never);
    c.test = test_accuracy(s, data, search_winner(&run));
    search_free(&run);
    return c;
}

/* ---- Over the seeds */

typedef struct spread {
    double mean, error; /* the standard error of the mean: the deviation / sqrt(count) */
} spread;

static spread spread_of(const double *values, long count)
{
    double sum = 0, squares = 0;
    for (long i = 0; i < count; i++)
        sum += values[i];
    const double mean = sum / (double)count;
    for (long i = 0; i < count; i++)
        squares += (values[i] - mean) * (values[i] - mean);
    return (spread){mean, sqrt(squares / (double)(count - 1) / (double)count)};
}

/* After a part of the cost; NaN where a search had no result yet. */
static spread best_at(const curve *curves, long count, int part, double *room)
{
    for (long i = 0; i < count; i++)
        room[i] = curves[i].best[part];
    return spread_of(room, count);
}

static spread test_of(const curve *curves, long count, double *room)
{
    for (long i = 0; i < count; i++)
        room[i] = curves[i].test;
    return spread_of(room, count);
}

static void print_spread(spread s)
{
    if (isnan(s.mean))
        printf("%16s", "-");
    else
        printf("   %6.2f +- %4.2f", 100 * s.mean, 100 * s.error);
}

static void print_row(const char *name, const curve *curves, long count, double *room)
{
    printf("%-8s", name);
    for (int quarter = 1; quarter <= 4; quarter++)
        print_spread(best_at(curves, count, quarter * PARTS / 4 - 1, room));
    print_spread(test_of(curves, count, room));
    printf("\n");
    fflush(stdout);
}

static void write_means(table *t, const tune_settings *s, const char *name, const curve *curves,
                        double *room)
{
    for (int i = 0; i < PARTS; i++) {
        const spread best = best_at(curves, s->seeds, i, room);
        if (!isnan(best.mean))
            table_row(t, "%s,%s,%.4f,%.6f,%.6f", s->digits.dataset, name,
                      (i + 1) * (double)s->search.trials / PARTS, best.mean, best.error);
    }
}

static void print_head(const tune_settings *s, const tune_data *data)
{
    const double n = (double)s->search.trials;
    printf("%s on %s: %lld training and %lld validation images, %ld epochs, %ld seeds\n"
           "best validation accuracy in %% after the cost of so many whole trainings, and the test "
           "accuracy of the winner;\nmean +- standard error\n        ",
           s->space_text, s->digits.dataset, (long long)tarn_data_count(data->training),
           (long long)tarn_data_count(data->validation), s->search.epochs, s->seeds);
    for (int quarter = 1; quarter <= 4; quarter++)
        printf("%16.4g", quarter * n / 4);
    printf("%16s\n", "test");
    fflush(stdout);
}

void compare_methods(const tune_settings *s, const tune_data *data)
{
    static curve *curves;
    static double *room;
    curves = calloc((size_t)s->seeds, sizeof *curves);
    room = calloc((size_t)s->seeds, sizeof *room);
    if (!curves || !room)
        die("out of memory for %ld seeds", s->seeds);
    table *means = table_in(s->out, "tune_compare.csv", "dataset,method,cost,accuracy,error");
    table *runs =
        table_in(s->out, "tune_runs.csv", "method,seed,validation_accuracy,test_accuracy");
    print_head(s, data);
    for (int m = 0; m < TUNE_METHODS; m++) {
        for (long i = 0; i < s->seeds; i++) {
            curves[i] = search_once(s, data, (tune_method)m, s->search.seed + i);
            table_row(runs, "%s,%ld,%.6f,%.6f", tune_methods[m], s->search.seed + i,
                      curves[i].best[PARTS - 1], curves[i].test);
        }
        print_row(tune_methods[m], curves, s->seeds, room);
        write_means(means, s, tune_methods[m], curves, room);
    }
    table_end(runs);
    table_end(means);
    free(room);
    free(curves);
    draw_plots("tune_compare", s->out,
               (drawing[]){{"tune_compare", "the best so far over the cost, by method"}, {0}});
}
