#include "examples/lab/find_lr.h"

#include <math.h>
#include <stdio.h>

#include "examples/lab/lib/options.h"
#include "examples/lab/lib/output.h"
#include "examples/lab/lib/progress.h"

enum { STEPS = 400, MEMORY = 10 /* of the average, in steps */, REACH = 5 };
static const double RANGE = 1e4; /* from the optimizer's rate, down and up */
static const double SMOOTHING = 1 - 1.0 / MEMORY, TOO_MUCH = 4, HARDLY = 0.9;

/* The next batch, of the next epoch if this one has ended. */
static tarn_batch next_batch(tarn_loader *loader)
{
    tarn_batch batch;
    if (!tarn_loader_next(loader, &batch) && !tarn_loader_next(loader, &batch))
        die("%s", tarn_error());
    return batch;
}

/* One step of training; returns the loss before it. */
static double train_step(tarn_module *model, tarn_optim *optimizer, const tarn_batch *batch)
{
    tarn_tape *tape = tarn_tape_begin();
    tarn_tensor *predictions = tarn_nn_forward(model, batch->images);
    tarn_tensor *loss = tarn_cross_entropy(predictions, batch->labels);
    tarn_optim_zero_grad(optimizer);
    if (!tarn_backward(loss))
        die("%s", tarn_error());
    tarn_optim_step(optimizer);
    const double value = (double)tarn_item(loss);
    tarn_tape_end(tape);
    return value;
}

typedef struct point {
    double rate, smoothed; /* the smoothed loss */
} point;

/* Lets the rate grow until the loss explodes. Returns how many points it wrote. */
static int try_rates(tarn_module *model, tarn_loader *loader, tarn_optim *optimizer, csv *table,
                     point points[STEPS])
{
    const double growth = pow(RANGE * RANGE, 1.0 / (STEPS - 1));
    double rate = tarn_optim_lr(optimizer) / RANGE, average = 0, smoothed = 0, lowest = INFINITY;
    int count = 0;
    progress bar = progress_begin("rates");
    while (count < STEPS && smoothed <= TOO_MUCH * lowest) {
        const tarn_batch batch = next_batch(loader);
        tarn_optim_set_lr(optimizer, rate);
        const double loss = train_step(model, optimizer, &batch);
        average = SMOOTHING * average + (1 - SMOOTHING) * loss;
        smoothed = average / (1 - pow(SMOOTHING, count + 1));
        if (!isfinite(smoothed))
            break;
        points[count++] = (point){rate, smoothed};
        csv_add(table, "%d,%.6g,%.6g,%.6g\n", count, rate, loss, smoothed);
        lowest = fmin(lowest, smoothed);
        rate *= growth;
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

double find_lr(tarn_module *model, tarn_loader *loader, tarn_optim *optimizer, const char *title,
               const char *folder)
{
    const output_path path = output_in(folder, "find_lr.csv");
    const output_path marks_path = output_in(folder, "find_lr_points.csv");
    const double usual = tarn_optim_lr(optimizer);
    point points[STEPS];
    csv table = csv_begin(path.text, "step,rate,loss,smoothed_loss");
    const int count = try_rates(model, loader, optimizer, &table, points);
    csv_end(&table);
    if (count == 0)
        die("--find-lr: the loss is not a finite number before the first step");

    const double start = points[count < MEMORY ? count - 1 : MEMORY - 1].smoothed;
    const point lowest = find_lowest(points, count);
    const point steepest = find_steepest(points, count, lowest);
    const double suggested = sqrt(steepest.rate * lowest.rate);
    csv marks = csv_begin(marks_path.text, "point,rate,smoothed_loss,title");
    csv_add(&marks, "steepest,%.6g,%.6g,%s\n", steepest.rate, steepest.smoothed, title);
    csv_add(&marks, "lowest,%.6g,%.6g,%s\n", lowest.rate, lowest.smoothed, title);
    csv_add(&marks, "suggested,%.6g,,%s\n", suggested, title);
    csv_end(&marks);
    printf("the loss fell from %.3f, most steeply at a rate of %.2g, to %.3f at %.2g\n", start,
           steepest.rate, lowest.smoothed, lowest.rate);
    if (lowest.smoothed > HARDLY * start)
        printf("it hardly fell, so take the rate for a guess; larger batches are less noisy\n");
    printf("suggested rate: %.2g; the default is %.2g\n", suggested, usual);
    draw_plots("find_lr", folder, (drawing[]){{"find_lr.png", "the loss over the rate"}, {0}});
    return suggested;
}
