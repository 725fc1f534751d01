/*
 * Which optimizers forgive a wrong learning rate, and by how many decades? Each is trained at rates
 * of 0.01 to 100 times its own (the one of lib/optimizers.c), for fewer steps than in the
 * comparison, and then tested. Good rates are those whose accuracy is at most 2 percentage points
 * below that of the best, as far as they follow each other in the grid, from the best down and up,
 * without a gap. The decades (powers of ten) from the lowest good rate to the highest are what the
 * optimizer forgives.
 */
#include <math.h>
#include <stdio.h>

#include "examples/lab/lib/table.h"
#include "examples/lab/optimizers/settings.h"

static const double tolerance = 0.02;

enum { MAX_RATES = 99 };

/* Rate i of the grid: how many decades it is above the optimizer's own, and as its multiple. */
static double decades_of(const settings *s, int i)
{
    return s->decades * (2.0 * i / (double)(s->rates - 1) - 1);
}

static double factor_of(const settings *s, int i)
{
    return s->factor * pow(10, decades_of(s, i));
}

static double rate_of(const settings *s, const char *name, int i)
{
    return factor_of(s, i) * optimizer_rate(name);
}

/* The score on the test images after training at that rate. Where that diverged the loss is not
   finite, and the accuracy 0. */
static score try_rate(const settings *s, const lessons *l, const char *name, double factor)
{
    static training t;
    score result = {.loss = NAN};
    lesson_begin(&t, l, name, factor * optimizer_rate(name), s->sweep_steps);
    while (t.step < t.steps && training_step(&t))
        if (t.step == t.steps)
            result = evaluate(t.model, l->test_loader, CLASSES);
    training_free(&t);
    if (!isfinite(result.loss))
        result.accuracy = 0;
    return result;
}

static bool diverged(score s)
{
    return !isfinite(s.loss);
}

/* The good rates of the grid. */
typedef struct range {
    int lowest, best, highest;
} range;

static range good_rates(const score *scores, int count)
{
    range r = {0};
    for (int i = 1; i < count; i++)
        if (scores[i].accuracy > scores[r.best].accuracy)
            r.best = i;
    const double good = scores[r.best].accuracy - tolerance;
    r.lowest = r.highest = r.best;
    while (r.lowest > 0 && scores[r.lowest - 1].accuracy >= good)
        r.lowest--;
    while (r.highest < count - 1 && scores[r.highest + 1].accuracy >= good)
        r.highest++;
    return r;
}

/* ---- Tables */

/* The optimizer's own rate lies in the middle of the grid, at 0 decades. */
static void print_head(const settings *s)
{
    printf("\nTest accuracy in %% after %ld steps, at rates so many decades (powers of ten) from "
           "the optimizer's\nown; inf: the loss diverged\n%*s       good rates\n%-13s",
           s->sweep_steps, (int)(21 + 6 * s->rates), "best", "optimizer");
    for (int i = 0; i < s->rates; i++)
        printf("%+6.1f", decades_of(s, i));
    printf("%8s%8s%8s decades\n", "rate", "from", "to");
}

static void print_line(const settings *s, const char *name, const score *scores, range r)
{
    printf("%-13s", name);
    for (int i = 0; i < s->rates; i++)
        if (diverged(scores[i]))
            printf("%6s", "inf");
        else
            printf("%6.1f", 100 * scores[i].accuracy);
    if (diverged(scores[r.best]))
        printf("%8s%8s%8s%7s\n", "-", "-", "-", "-");
    else /* a + where the grid ends before the good rates may */
        printf("%8.2g%8.2g%8.2g%7.1f%s\n", rate_of(s, name, r.best), rate_of(s, name, r.lowest),
               rate_of(s, name, r.highest), decades_of(s, r.highest) - decades_of(s, r.lowest),
               r.lowest == 0 || r.highest == s->rates - 1 ? "+" : "");
    fflush(stdout);
}

static void write_rows(const settings *s, table *all, table *best, const char *name,
                       const score *scores, range r)
{
    const char *dataset = s->digits.dataset;
    for (int i = 0; i < s->rates; i++) {
        table_add(all, "%s,%s,%.6g,%.6g", dataset, name, rate_of(s, name, i), factor_of(s, i));
        if (diverged(scores[i]))
            table_row(all, ",,1,0");
        else
            table_row(all, "%.6f,%.6f,0,%d", scores[i].accuracy, scores[i].loss,
                      i >= r.lowest && i <= r.highest);
    }
    if (!diverged(scores[r.best]))
        table_row(best, "%s,%s,%.6g,%.6g,%.6f,%.6g,%.6g,%g", dataset, name, optimizer_rate(name),
                  rate_of(s, name, r.best), scores[r.best].accuracy, rate_of(s, name, r.lowest),
                  rate_of(s, name, r.highest), decades_of(s, r.highest) - decades_of(s, r.lowest));
}

/* ---- The sweep */

void sweep(const settings *s, const lessons *l)
{
    table *all = table_in(s->folder, "sweep.csv",
                          "dataset,optimizer,rate,factor,test_accuracy,test_loss,diverged,good");
    table *best = table_in(s->folder, "sweep_best.csv",
                           "dataset,optimizer,own_rate,best_rate,test_accuracy,good_from,good_to,"
                           "good_decades");
    print_head(s);
    tarn_progress bar = tarn_progress_begin("");
    for (int o = 0; o < s->count; o++) {
        const char *name = s->optimizers[o];
        score scores[MAX_RATES];
        bar.label = name;
        for (int i = 0; i < s->rates; i++) {
            scores[i] = try_rate(s, l, name, factor_of(s, i));
            tarn_progress_show(&bar, o * s->rates + i + 1, s->count * s->rates, NAN);
        }
        tarn_progress_end(&bar);
        const range r = good_rates(scores, (int)s->rates);
        print_line(s, name, scores, r);
        write_rows(s, all, best, name, scores, r);
    }
    table_end(all);
    table_end(best);
    printf(
        "\nGood rates give an accuracy within %g points of the best. The more decades they span, "
        "the more an\noptimizer forgives; a + says that the grid ends among them. About 10%% is "
        "guessing.\n\n",
        100 * tolerance);
}
