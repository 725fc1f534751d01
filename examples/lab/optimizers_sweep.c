/*
 * Which optimizers forgive a wrong learning rate, and by how many decades? Each is trained at rates
 * of 0.01 to 100 times its own (the one of rules.c), for fewer steps than in the comparison, and
 * then tested. Good rates are those whose accuracy is at most 2 percentage points below that of the
 * best, as far as they follow each other in the grid, from the best down and up, without a gap. The
 * decades (powers of ten) from the lowest good rate to the highest are what the optimizer forgives.
 */
#include "examples/lab/optimizers_sweep.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "examples/lab/lib/options.h"
#include "examples/lab/lib/output.h"
#include "examples/lab/lib/progress.h"

static const double tolerance = 0.02;

enum { MAX_RATES = 99 };

/* Freed at exit. */
static struct {
    csv all, best;
    training training;
} run;

static void free_run(void)
{
    if (run.all.file)
        fclose(run.all.file);
    if (run.best.file)
        fclose(run.best.file);
    training_free(&run.training);
}

/* Rate i of the grid: how many decades it is above the optimizer's own, and as its multiple. */
static double decades_of(const settings *s, int i)
{
    return s->decades * (2.0 * i / (double)(s->rates - 1) - 1);
}

static double factor_of(const settings *s, int i)
{
    return s->factor * pow(10, decades_of(s, i));
}

/* The score on the test images after training at that rate. Where that diverged the loss is not
   finite, and the accuracy 0. */
static score try_rate(const settings *s, const lessons *l, const rule *chosen, double lr)
{
    training *t = &run.training;
    score result = {NAN, 0};
    *t = training_new(l, chosen, lr, s->sweep_steps);
    while (t->step < t->steps && training_step(t))
        if (t->step == t->steps)
            result = evaluate(t->model, l->test_loader);
    training_free(t);
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

static void print_line(const settings *s, const rule *chosen, const score *scores, range r)
{
    printf("%-13s", chosen->name);
    for (int i = 0; i < s->rates; i++)
        if (diverged(scores[i]))
            printf("%6s", "inf");
        else
            printf("%6.1f", 100 * scores[i].accuracy);
    if (diverged(scores[r.best]))
        printf("%8s%8s%8s%7s\n", "-", "-", "-", "-");
    else /* a + where the grid ends before the good rates may */
        printf("%8.2g%8.2g%8.2g%7.1f%s\n", factor_of(s, r.best) * chosen->lr,
               factor_of(s, r.lowest) * chosen->lr, factor_of(s, r.highest) * chosen->lr,
               decades_of(s, r.highest) - decades_of(s, r.lowest),
               r.lowest == 0 || r.highest == s->rates - 1 ? "+" : "");
    fflush(stdout);
}

static void write_lines(const settings *s, const rule *chosen, const score *scores, range r)
{
    for (int i = 0; i < s->rates; i++) {
        const double factor = factor_of(s, i);
        csv_add(&run.all, "%s,%s,%.6g,%.6g,", s->digits.dataset, chosen->name, factor * chosen->lr,
                factor);
        if (diverged(scores[i]))
            csv_add(&run.all, ",,1,0\n");
        else
            csv_add(&run.all, "%.6f,%.6f,0,%d\n", scores[i].accuracy, scores[i].loss,
                    i >= r.lowest && i <= r.highest);
    }
    if (!diverged(scores[r.best]))
        csv_add(&run.best, "%s,%s,%.6g,%.6g,%.6f,%.6g,%.6g,%g\n", s->digits.dataset, chosen->name,
                chosen->lr, factor_of(s, r.best) * chosen->lr, scores[r.best].accuracy,
                factor_of(s, r.lowest) * chosen->lr, factor_of(s, r.highest) * chosen->lr,
                decades_of(s, r.highest) - decades_of(s, r.lowest));
}

/* ---- The sweep */

void sweep(const settings *s, const lessons *l)
{
    const output_path all = output_in(s->folder, "sweep.csv");
    const output_path best = output_in(s->folder, "sweep_best.csv");
    atexit(free_run);
    run.all =
        csv_begin(all.text, "dataset,optimizer,rate,factor,test_accuracy,test_loss,diverged,good");
    run.best =
        csv_begin(best.text, "dataset,optimizer,own_rate,best_rate,test_accuracy,good_from,good_to,"
                             "good_decades");
    print_head(s);
    progress bar = progress_begin("");
    for (int o = 0; o < s->count; o++) {
        const rule *chosen = s->optimizers[o];
        score scores[MAX_RATES];
        bar.label = chosen->name;
        for (int i = 0; i < s->rates; i++) {
            scores[i] = try_rate(s, l, chosen, factor_of(s, i) * chosen->lr);
            progress_show(&bar, o * s->rates + i + 1, s->count * s->rates, NAN);
        }
        progress_end(&bar);
        const range r = good_rates(scores, (int)s->rates);
        print_line(s, chosen, scores, r);
        write_lines(s, chosen, scores, r);
    }
    csv_end(&run.all);
    csv_end(&run.best);
    printf(
        "\nGood rates give an accuracy within %g points of the best. The more decades they span, "
        "the more an\noptimizer forgives; a + says that the grid ends among them. About 10%% is "
        "guessing.\n\n",
        100 * tolerance);
}
