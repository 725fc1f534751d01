#include "examples/lab/train/find_lr.h"

#include <math.h>
#include <stdio.h>

#include "examples/lab/lib/options.h"
#include "examples/lab/lib/plots.h"
#include "examples/lab/lib/table.h"

enum { STEPS = 400, MEMORY = 10 /* of the average, in steps */, RUN = 300, MOST = 12 };
static const double RANGE = 1e4; /* from the optimizer's rate, down and up */
static const double SMOOTHING = 1 - 1.0 / MEMORY, TOO_MUCH = 4, HARDLY = 0.9;

typedef struct point {
    double rate, smoothed; /* the smoothed loss */
} point;

/* ---- The range test */

/* The rate grows by the same factor at each step. */
static double growing(int64_t step, int64_t steps)
{
    return pow(RANGE, 2 * (double)step / (double)(steps - 1) - 1);
}

/* Lets the rate grow until the loss explodes. Returns how many points it wrote. */
static int try_rates(training *t, table *out, point points[STEPS])
{
    double average = 0, smoothed = 0, lowest = INFINITY;
    int count = 0;
    tarn_progress bar = tarn_progress_begin("rates");
    t->schedule = growing;
    t->schedule_name = NULL;
    t->steps = STEPS;
    while (count < STEPS && smoothed <= TOO_MUCH * lowest) {
        training_step(t);
        average = SMOOTHING * average + (1 - SMOOTHING) * t->last.loss;
        smoothed = average / (1 - pow(SMOOTHING, count + 1));
        if (!isfinite(smoothed))
            break;
        const double rate = tarn_optim_lr(t->optimizer);
        points[count++] = (point){rate, smoothed};
        table_row(out, "%d,%.6g,%.6g,%.6g", count, rate, t->last.loss, smoothed);
        lowest = fmin(lowest, smoothed);
        tarn_progress_show(&bar, count, STEPS, smoothed);
    }
    tarn_progress_end(&bar);
    return count;
}

static point find_lowest(const point *points, int count)
{
    point lowest = points[0];
    for (int i = 1; i < count; i++)
        if (points[i].smoothed < lowest.smoothed)
            lowest = points[i];
    return lowest;
}

/* ---- Short runs */

/* A run at a rate, and how it ends: its mean loss over its last fifth, infinite if it diverged. */
typedef struct trial {
    double rate, loss;
} trial;

/* What the runs share. */
typedef struct search {
    training *t;
    rate_test what;
    double nothing; /* a run that ends with more has learned nothing */
    tarn_progress bar;
    int runs;
    table *out;
} search;

static trial try_run(search *s, double rate)
{
    training *t = s->t;
    bool good = true;
    training_free(t);
    *t = s->what.begin(s->what.context);
    t->lr = rate;
    t->steps = RUN;
    training_record(t);
    while (good && t->step < t->steps) {
        good = training_step(t);
        tarn_progress_show(&s->bar, t->step, RUN, t->last.loss);
    }
    s->runs++;
    const trial result = {rate, good ? smooth_loss(t) : INFINITY};
    table_add(s->out, "%.6g", rate);
    if (isfinite(result.loss))
        table_row(s->out, "%.6g", result.loss);
    else
        table_row(s->out, "%s", "");
    return result;
}

/* Goes on from the best of so far as long as that gets better, or has not learned anything yet. */
static trial climb(search *s, trial best, double factor)
{
    double rate = best.rate;
    for (int i = 0; i < MOST; i++) {
        rate *= factor;
        const trial next = try_run(s, rate);
        if (next.loss < best.loss)
            best = next;
        else if (best.loss < s->nothing)
            break;
    }
    return best;
}

/* Down from that rate, or, if that is no better, up. */
static trial find_best(search *s, double rate)
{
    s->bar = tarn_progress_begin("short runs");
    const trial first = try_run(s, rate);
    trial best = climb(s, first, 0.5);
    if (best.rate == first.rate && best.loss < s->nothing)
        best = climb(s, first, 2);
    tarn_progress_end(&s->bar);
    return best;
}

/* ---- Both */

static void write_points(const char *folder, const char *title, point lowest, trial best,
                         double suggested)
{
    const trial marked[] = {{lowest.rate, lowest.smoothed}, best, {suggested, NAN}};
    static const char *const names[] = {"lowest", "best_run", "suggested"};
    table *marks = table_in(folder, "find_lr_points.csv", "point,rate,loss,title");
    for (int i = 0; i < 3; i++) {
        table_add(marks, "%s,%.6g", names[i], marked[i].rate);
        if (isfinite(marked[i].loss))
            table_add(marks, "%.6g", marked[i].loss);
        else
            table_add(marks, "%s", "");
        table_add_text(marks, title);
        table_end_row(marks);
    }
    table_end(marks);
}

double find_lr(training *t, const rate_test *what, const char *folder)
{
    point points[STEPS];
    const double own = t->lr;
    table *out = table_in(folder, "find_lr.csv", "step,rate,loss,smoothed_loss");
    const int count = try_rates(t, out, points);
    table_end(out);
    if (count == 0)
        die("--find-lr: the loss is not a finite number before the first step");

    const double start = points[count < MEMORY ? count - 1 : MEMORY - 1].smoothed;
    const point lowest = find_lowest(points, count);
    search s = {.t = t,
                .what = *what,
                .nothing = HARDLY * start,
                .out = table_in(folder, "find_lr_runs.csv", "rate,loss")};
    const trial best = find_best(&s, lowest.rate);
    table_end(s.out);
    const double suggested = best.rate / 2;
    write_points(folder, what->title, lowest, best, suggested);
    printf("the loss fell from %.3f to %.3f at a rate of %.2g\n", start, lowest.smoothed,
           lowest.rate);
    printf("of %d runs of %d steps the best ends with a loss of %.3f, at a rate of %.2g\n", s.runs,
           RUN, best.loss, best.rate);
    if (!(best.loss < s.nothing))
        printf("it hardly fell, so take the rate for a guess; larger batches are less noisy\n");
    printf("suggested rate: %.2g; the default is %.2g\n", suggested, own);
    draw_plots("find_lr", folder, (drawing[]){{"find_lr", "the loss over the rate"}, {0}});
    return suggested;
}
