/*
 * What is each trick of a recipe worth? The recipe "fast" (recipes/fast.c) as it is, and once for
 * each of its tricks without that one, from the same seeds: so the weights at the start and the
 * order of the pictures are the same, and what counts is the difference of each seed from itself.
 * Behind +- stands the standard error of the mean of these; a difference of less than twice that
 * says nothing.
 *
 * All of it on 5,000 pictures that are held out of the training set (a twelfth of it): what is
 * chosen by looking at the test set says nothing any more about other pictures.
 */
#include <math.h>
#include <stdio.h>

#include "examples/lab/lib/table.h"
#include "examples/lab/recipes/recipe.h"
#include "examples/lab/studies/study.h"

enum { SEEDS = 5 };

/* ---- The tricks, each left out by a line or two */

static void nothing(recipe *r)
{
    (void)r;
}

static void without_muon(recipe *r)
{
    r->optimizer = "adam", r->lr = 0.01;
}

static void without_rise(recipe *r)
{
    r->rise = 0;
}

static void without_shifts(recipe *r)
{
    r->changes = NULL;
}

static void without_smoothing(recipe *r)
{
    r->smoothing = 0;
}

static void without_freezing(recipe *r)
{
    r->frozen = 0;
}

static void without_cutting(recipe *r)
{
    r->border = 0;
}

static const struct trick {
    const char *name, *instead;
    void (*leave_out)(recipe *r);
} tricks[] = {{"all", "the recipe as it is", nothing},
              {"muon", "Adam", without_muon},
              {"rise", "the largest rate from the first step on", without_rise},
              {"shifts", "each picture always at its place", without_shifts},
              {"smoothing", "labels of 0 and 1", without_smoothing},
              {"freezing", "the first layer learns to the end", without_freezing},
              {"cutting", "pictures with their border", without_cutting}};
enum { TRICKS = sizeof tricks / sizeof *tricks };

/* ---- Mean and standard error */

typedef struct spread {
    double mean, error;
} spread;

static spread spread_of(const double values[SEEDS])
{
    double sum = 0, squares = 0;
    for (int i = 0; i < SEEDS; i++)
        sum += values[i];
    for (int i = 0; i < SEEDS; i++)
        squares += pow(values[i] - sum / SEEDS, 2);
    return (spread){sum / SEEDS, sqrt(squares / (SEEDS - 1) / SEEDS)};
}

/* Accuracies in percent, and seconds, seed by seed. */
typedef struct outcomes {
    double accuracy[SEEDS], seconds[SEEDS];
} outcomes;

static outcomes follow(const study_settings *s, const struct trick *left_out)
{
    static ingredients all; /* no leak where the program ends with a sentence */
    recipe r = recipe_fast;
    outcomes o;
    left_out->leave_out(&r);
    all = ingredients_new(&r, &(source){.digits = s->digits, .holdout = true});
    for (int i = 0; i < SEEDS; i++) {
        const outcome now = recipe_follow(&r, &all, (uint64_t)(s->seed + i));
        o.accuracy[i] = 100 * now.accuracy, o.seconds[i] = now.seconds;
    }
    ingredients_free(&all);
    return o;
}

/* Its line, beside the recipe with all tricks. */
static void tell(table *out, const struct trick *left_out, const outcomes *now, const outcomes *all)
{
    double difference[SEEDS];
    for (int i = 0; i < SEEDS; i++)
        difference[i] = now->accuracy[i] - all->accuracy[i];
    const spread accuracy = spread_of(now->accuracy), seconds = spread_of(now->seconds);
    const spread lost = spread_of(difference);
    table_row(out, "%s,%.4f,%.4f,%.4f,%.4f,%.4f", left_out->name, accuracy.mean, accuracy.error,
              seconds.mean, lost.mean, lost.error);
    printf("%-10s %7.3f +- %.3f%% %7.2f s", left_out->name, accuracy.mean, accuracy.error,
           seconds.mean);
    if (now == all)
        printf(" %19s", "");
    else
        printf("  %+7.3f +- %.3f%%", lost.mean, lost.error);
    printf("   %s\n", left_out->instead);
    fflush(stdout);
}

static void run(const study_settings *s)
{
    static outcomes all, now;
    table *out = table_in(s->folder, "study_recipe.csv",
                          "left_out,accuracy,accuracy_error,seconds,difference,difference_error");
    printf("%d seeds each, on training pictures held out; without:\n", SEEDS);
    for (int i = 0; i < TRICKS; i++) {
        now = follow(s, &tricks[i]);
        if (i == 0)
            all = now;
        tell(out, &tricks[i], i == 0 ? &all : &now, &all);
    }
    table_end(out);
}

const study study_recipe = {
    "recipe",
    "what is each trick of a recipe worth?",
    run,
    {{"study_recipe", "what is lost, and how long it takes, without each"}}};
