#include "examples/lab/tune/report.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "examples/lab/lib/options.h"
#include "examples/lab/tune/records.h"

/* ---- The best */

static int by_rank(const void *a, const void *b)
{
    return trial_better(*(trial *const *)a, *(trial *const *)b) ? -1 : 1;
}

trial **ranked(const search *s)
{
    trial **list = malloc((size_t)s->count * sizeof(trial *));
    if (!list)
        die("out of memory for %d trials", s->count);
    for (int i = 0; i < s->count; i++)
        list[i] = &s->trials[i];
    qsort(list, (size_t)s->count, sizeof *list, by_rank);
    return list;
}

static const char *shown(const search *s, const trial *t, int a)
{
    const char *cell = cell_of(s, t, a);
    return *cell ? cell : "-";
}

enum { BEST = 5 };

/* The cells of the trial in that row, or the names of the axes for -1. */
static void print_cells(const search *s, trial *const *list, int count, int row)
{
    for (int a = 0; a < s->space->count; a++) {
        const char *name = s->space->axes[a].name;
        size_t width = strlen(name);
        for (int i = 0; i < count; i++)
            if (strlen(shown(s, list[i], a)) > width)
                width = strlen(shown(s, list[i], a));
        printf("  %*s", (int)width, row < 0 ? name : shown(s, list[row], a));
    }
    printf("\n");
}

void print_best(const search *s)
{
    trial **list = ranked(s);
    const int count = s->count < BEST ? s->count : BEST;
    printf("\nThe best, on the validation images\ntrial  accuracy    loss  epochs");
    print_cells(s, list, count, -1);
    for (int i = 0; i < count; i++) {
        const outcome *o = &list[i]->outcome;
        printf("%5d", list[i]->number);
        if (o->diverged)
            printf("  diverged       -");
        else
            printf("   %6.2f%%  %.4f", 100 * o->accuracy, o->loss);
        printf("  %6.3g", s->parts[list[i]->rung - 1] * (double)s->settings.epochs);
        print_cells(s, list, count, i);
    }
    free(list);
}

void print_train_command(const tune_settings *s, const trial *winner)
{
    printf("to train with it, on all images: ./run train --dataset %s %s --epochs %ld\n",
           s->digits.dataset, recipe_options(&winner->recipe).text, s->search.epochs);
}

/* ---- What mattered */

double place_of(const axis *a, double place)
{
    return a->scale == SCALE_CHOICES ? (floor(place * a->count) + 0.5) / a->count : place;
}

importance importance_of(const search *s)
{
    if (s->count < TUNE_FEW)
        return (importance){0};
    const int axes = s->space->count;
    double *x = malloc((size_t)s->count * (size_t)axes * sizeof *x);
    double *y = malloc((size_t)s->count * sizeof *y);
    if (!x || !y)
        die("out of memory for %d trials", s->count);
    forest_samples samples = {.count = s->count, .axes = axes, .x = x, .y = y};
    for (int a = 0; a < axes; a++) {
        const axis *along = &s->space->axes[a];
        samples.choices[a] = along->scale == SCALE_CHOICES ? along->count : 0;
        for (int i = 0; i < s->count; i++)
            x[i * axes + a] = place_of(along, s->trials[i].places[a]);
    }
    for (int i = 0; i < s->count; i++)
        y[i] = fmax(s->trials[i].first_accuracy, 1.0 / CLASSES);
    const importance result = forest_importance(&samples, (uint64_t)s->settings.seed);
    free(x);
    free(y);
    return result;
}

static void print_share(const char *name, double share, double deviation)
{
    char spread[32] = "";
    if (deviation >= 0)
        snprintf(spread, sizeof spread, "+- %.0f", 100 * deviation);
    printf("%-16s %5.0f%% %-6s %.*s\n", name, 100 * share, spread, (int)(40 * share + 0.5),
           "########################################");
}

void print_importance(const search *s, const importance *m)
{
    printf("\nWhat mattered%s: the part of the variance of the accuracy that each explains by "
           "itself\n",
           s->rungs > 1 ? ", after the first rung" : "");
    if (s->count < TUNE_FEW)
        printf("(at least %d trials are needed to say)\n", TUNE_FEW);
    else if (m->trees == 0)
        printf("(nothing: the trials are too alike)\n");
    for (int a = 0; a < s->space->count && m->trees > 0; a++)
        print_share(s->space->axes[a].name, m->mean[a], m->deviation[a]);
    if (m->trees > 0 && s->space->count > 1)
        print_share("several together", m->together, -1);
    printf("\n");
}
