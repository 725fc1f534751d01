#include "examples/lab/find_lr.h"

#include <math.h>
#include <stdio.h>

#include "examples/lab/lib/options.h"
#include "examples/lab/lib/plots.h"
#include "examples/lab/lib/table.h"

enum { STEPS = 400, MEMORY = 10 /* of the average, in steps */, REACH = 5 };
static const double RANGE = 1e4; /* from the optimizer's rate, down and up */
static const double SMOOTHING = 1 - 1.0 / MEMORY, TOO_MUCH = 4, HARDLY = 0.9;

typedef struct point {
    double rate, smoothed; /* the smoothed loss */
} point;

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
    progress bar = progress_begin("rates");
    t->schedule = growing;
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
        progress_show(&bar, count, STEPS, smoothed);
    }
    progress_end(&bar);
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

/* Before the lowest. The slope is over the logarithm of the rate, where all steps are as long, and
   across some of them, lest it be that of the noise; the first averages are of too few losses. */
static point find_steepest(const point *points, int count, point lowest)
{
    point steepest = points[0];
    double slope = 0;
    for (int i = MEMORY + REACH; i + REACH < count && points[i].rate < lowest.rate; i++) {
        const double here = points[i + REACH].smoothed - points[i - REACH].smoothed;
        if (here < slope) {
            slope = here;
            steepest = points[i];
        }
    }
    return steepest;
}

static void write_points(const char *folder, const char *title, point steepest, point lowest,
                         double suggested)
{
    table *marks = table_in(folder, "find_lr_points.csv", "point,rate,smoothed_loss,title");
    table_row(marks, "steepest,%.6g,%.6g,%s", steepest.rate, steepest.smoothed, title);
    table_row(marks, "lowest,%.6g,%.6g,%s", lowest.rate, lowest.smoothed, title);
    table_row(marks, "suggested,%.6g,,%s", suggested, title);
    table_end(marks);
}

double find_lr(training *t, const char *title, const char *folder)
{
    point points[STEPS];
    table *out = table_in(folder, "find_lr.csv", "step,rate,loss,smoothed_loss");
    const int count = try_rates(t, out, points);
    table_end(out);
    if (count == 0)
        die("--find-lr: the loss is not a finite number before the first step");

    const double start = points[count < MEMORY ? count - 1 : MEMORY - 1].smoothed;
    const point lowest = find_lowest(points, count);
    const point steepest = find_steepest(points, count, lowest);
    const double suggested = sqrt(steepest.rate * lowest.rate);
    write_points(folder, title, steepest, lowest, suggested);
    printf("the loss fell from %.3f, most steeply at a rate of %.2g, to %.3f at %.2g\n", start,
           steepest.rate, lowest.smoothed, lowest.rate);
    if (lowest.smoothed > HARDLY * start)
        printf("it hardly fell, so take the rate for a guess; larger batches are less noisy\n");
    printf("suggested rate: %.2g; the default is %.2g\n", suggested, t->lr);
    draw_plots("find_lr", folder, (drawing[]){{"find_lr", "the loss over the rate"}, {0}});
    return suggested;
}
