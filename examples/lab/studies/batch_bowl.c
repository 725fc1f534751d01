/*
 * The first part of the study batch: the paths of batch sizes on a cost of which all is known.
 *
 * The cost of a line w x + b through 256 points, the mean of the squares (w x + b - y)^2, is a bowl
 * over w and b. At the same rate gradient descent on all points, and on k of them, drawn anew for
 * each step, goes down to its minimum, where the whole set stays. The others wander about there:
 * the spread is the root of the mean square of the distance from the minimum over 4,000 steps, and
 * falls as 1/sqrt(k).
 */
#include <math.h>
#include <stdio.h>

#include "examples/lab/lib/options.h"
#include "examples/lab/lib/table.h"
#include "examples/lab/studies/study.h"

enum { POINTS = 256, SHOWN_STEPS = 60, SHOWN_RUNS = 4, ARRIVED = 200, STEPS = 4200, GRID = 61 };
static const double LR = 0.05;

static tarn_tensor *x, *y; /* (POINTS,2): a point's x, and 1 for b; (POINTS,1) */
static double lowest[2];   /* where the walk of the whole set ended */

static void make_points(void)
{
    x = tarn_randn(tarn_shape(POINTS, 2)), y = tarn_randn(tarn_shape(POINTS, 1));
    check(x && y);
    for (int i = 0; i < POINTS; i++) {
        tarn_values(x)[2 * i + 1] = 1;
        tarn_values(y)[i] += tarn_values(x)[2 * i] - (tarn_real)0.5;
    }
}

/* Of so many points drawn at random, or of all. */
static tarn_tensor *cost(tarn_tensor *theta, int k)
{
    int32_t drawn[POINTS];
    if (k == POINTS)
        return tarn_mse(tarn_matmul(x, theta), y);
    tarn_tensor *numbers = tarn_rand(tarn_shape(k));
    check(numbers);
    for (int i = 0; i < k; i++)
        drawn[i] = (int32_t)(POINTS * tarn_values(numbers)[i]);
    tarn_free(numbers);
    const tarn_labels rows = tarn_labels_of(k, drawn);
    return tarn_mse(tarn_matmul(tarn_gather_rows(x, rows), theta), tarn_gather_rows(y, rows));
}

/* Returns how far from the minimum it stays: the root of the mean square after ARRIVED steps. */
static double walk(table *paths, int k, int run, int steps)
{
    tarn_tensor *theta = tarn_requires_grad(tarn_full(tarn_shape(2, 1), -2), true);
    check(theta);
    tarn_optim *optimizer = tarn_optim_sgd(tarn_params_of(theta), .lr = LR);
    const tarn_real *at = tarn_values(theta);
    double squares = 0;
    for (int step = 0; step < steps; step++) {
        if (step <= SHOWN_STEPS)
            table_row(paths, "%d,%d,%d,%.6g,%.6g", k, run, step, (double)at[0], (double)at[1]);
        if (step >= ARRIVED)
            squares += pow((double)at[0] - lowest[0], 2) + pow((double)at[1] - lowest[1], 2);
        tarn_tape *tape = tarn_tape_begin();
        tarn_optim_zero_grad(optimizer);
        check(tarn_backward(cost(theta, k)));
        tarn_optim_step(optimizer);
        tarn_tape_end(tape);
    }
    if (k == POINTS)
        lowest[0] = (double)at[0], lowest[1] = (double)at[1];
    tarn_optim_free(optimizer);
    tarn_free(theta);
    return sqrt(squares / (steps - ARRIVED));
}

/* Half the second derivatives of the cost, which is all that its bowl is, beside where it is. */
static void write_bowl(const char *folder)
{
    table *bowl = table_in(folder, "study_batch_bowl.csv", "w,b,ww,wb,bb");
    tarn_tape *tape = tarn_tape_begin_no_grad();
    const tarn_real *h = tarn_values(tarn_matmul(tarn_permute(x, tarn_axes(1, 0)), x));
    table_row(bowl, "%.6g,%.6g,%.6g,%.6g,%.6g", lowest[0], lowest[1], (double)h[0] / POINTS,
              (double)h[1] / POINTS, (double)h[3] / POINTS);
    tarn_tape_end(tape);
    table_end(bowl);
}

void batch_on_a_bowl(const study_settings *s)
{
    table *paths = table_in(s->folder, "study_batch_paths.csv", "batch,run,step,w,b");
    table *out = table_in(s->folder, "study_batch_spread.csv", "batch,spread");
    tarn_seed((uint64_t)s->seed);
    make_points();
    printf("a line through %d points, rate %g: how far from the minimum it stays\n%10s %10s %10s\n",
           POINTS, LR, "batch", "spread", "* sqrt(k)");
    walk(paths, POINTS, -1, ARRIVED + 1); /* to the minimum */
    for (int k = POINTS; k > 0; k /= 4) {
        const double spread = walk(paths, k, 0, STEPS);
        for (int run = 1; run < SHOWN_RUNS; run++)
            walk(paths, k, run, SHOWN_STEPS + 1);
        table_row(out, "%d,%.6g", k, spread);
        printf("%10d %10.4f %10.4f%s\n", k, spread, spread * sqrt(k), k == POINTS ? "  (all)" : "");
    }
    table_end(paths);
    table_end(out);
    write_bowl(s->folder);
    tarn_free(x), tarn_free(y);
}
