/* The studies of gradient descent on the sample, batches, schedules, noise and escape: what each
   claims holds in its tables. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <tarn.h>

#include "tests/examples/support.h"

TestSuite(studies_descent, .init = make_folder, .fini = remove_folder, .timeout = 900);

/* On a busy machine threads that wait for each other in steps this short wait for long. */
static void study(const char *name)
{
    char command[128], output[8192];
    snprintf(command, sizeof command, "lab/study --dataset sample --threads 1 %s", name);
    cr_assert_eq(run(command, output, sizeof output), 0, "%s: %s", name, output);
}

/* A column of the line of pictures/study_TABLE.csv that begins with these words. */
static double entry(const char *table, const char *words, int index)
{
    char path[64];
    snprintf(path, sizeof path, "pictures/study_%s.csv", table);
    return column(line_of(path, words), index);
}

static double spread(const char *batch)
{
    return entry("batch_spread", batch, 1);
}

/* A column of the last line of a batch size with at most so many examples. */
static double batch_column(int batch, double examples, int index)
{
    double seen, found = -1, best = -1;
    char line[128], path[128];
    snprintf(path, sizeof path, "%s/pictures/study_batch.csv", folder);
    FILE *file = fopen(path, "r");
    cr_assert(file);
    while (fgets(line, sizeof line, file))
        if (atoi(line) == batch && strchr(line, ',') && (seen = column(line, 1)) <= examples &&
            seen >= best)
            best = seen, found = column(line, index);
    fclose(file);
    cr_assert_geq(found, 0, "batch %d", batch);
    return found;
}

static double loss_of_batch(int batch, double examples)
{
    return batch_column(batch, examples, 3);
}

static double seconds_per_example(int batch)
{
    return batch_column(batch, 1e9, 2) / batch_column(batch, 1e9, 1);
}

Test(studies_descent, batch_strays_by_the_root_of_its_size_and_small_ones_start_sooner)
{
    study("batch");
    cr_expect_eq(assert_csv("pictures/study_batch_spread.csv", "batch,spread"), 5);
    cr_expect_lt(spread("256,"), 1e-4, "the whole set stays at the minimum");
    cr_expect_float_eq(spread("1,") / spread("4,"), 2, 0.3);
    cr_expect_float_eq(spread("4,") / spread("16,"), 2, 0.2);
    cr_expect_float_eq(spread("16,") / spread("64,"), 2, 0.2);

    assert_csv("pictures/study_batch.csv", "batch,examples,seconds,training_loss");
    const int sizes[] = {1, 8, 64, 512};
    for (int i = 1; i < 4; i++)
        cr_expect_lt(loss_of_batch(sizes[i - 1], 1000), loss_of_batch(sizes[i], 1000) - 0.05,
                     "after 1,000 examples %d against %d", sizes[i - 1], sizes[i]);
    cr_expect_lt(loss_of_batch(512, 20000), loss_of_batch(0, 20000) - 0.5);
    cr_expect_lt(loss_of_batch(0, 1e9), 1.5, "but the whole set gets there too");
    cr_expect_gt(seconds_per_example(1), 2 * seconds_per_example(64));
    assert_picture("pictures/study_batch_paths", 800, 800);
    assert_picture("pictures/study_batch", 800, 450);
}

static double end_of_schedule(const char *name)
{
    return entry("schedule", name, 1);
}

static double factor_at(const char *schedule, int step)
{
    char words[32];
    snprintf(words, sizeof words, "%s,1,%d,", schedule, step);
    return entry("schedule_curves", words, 3);
}

Test(studies_descent, schedule_falls_as_it_says_and_ends_lower_than_a_constant_rate)
{
    study("schedule");
    assert_csv("pictures/study_schedule_curves.csv", "schedule,seed,step,factor,training_loss");
    cr_expect_eq(factor_at("constant", 150), 1);
    cr_expect_float_eq(factor_at("cosine", 79), tarn_schedule_cosine(79, 157), 1e-5);
    cr_expect_float_eq(factor_at("one_cycle", 40), tarn_schedule_one_cycle(40, 157), 1e-5);
    cr_expect_float_eq(factor_at("exponential", 156), 0.0103, 1e-4);
    cr_expect_float_eq(factor_at("step", 156), 0.01, 1e-6);
    cr_expect_float_eq(factor_at("restarts", 53), 1, 1e-6);
    cr_expect_lt(factor_at("plateau", 156), 0.5);
    cr_expect_eq(assert_csv("pictures/study_schedule.csv",
                            "schedule,test_loss,loss_error,test_accuracy,accuracy_error"),
                 10);
    const double falling = (end_of_schedule("linear") + end_of_schedule("cosine") +
                            end_of_schedule("warmup") + end_of_schedule("one_cycle")) /
                           4;
    cr_expect_lt(falling, 0.9 * end_of_schedule("constant"));
    assert_picture("pictures/study_schedule", 800, 800);
}

/* The variance of the gradients of that batch size among themselves, over tr(S)/B. */
static double variance_over_prediction(int step, int batch)
{
    char words[32];
    snprintf(words, sizeof words, "%d,%d,", step, batch);
    return entry("noise_variance", words, 2) / entry("noise_variance", words, 3);
}

/* Of the rates that were tried, the one with the lowest loss. */
static double best_rate(int batch)
{
    double loss, rate, least = HUGE_VAL, best = 0;
    int size;
    char line[128], path[128];
    snprintf(path, sizeof path, "%s/pictures/study_noise_rate.csv", folder);
    FILE *file = fopen(path, "r");
    cr_assert(file);
    while (fgets(line, sizeof line, file))
        if (sscanf(line, "%d,%lf,%lf", &size, &rate, &loss) == 3 && size == batch && loss < least)
            least = loss, best = rate;
    fclose(file);
    return best;
}

Test(studies_descent, noise_falls_with_the_batch_size_and_bounds_the_rate)
{
    study("noise");
    cr_expect_eq(assert_csv("pictures/study_noise.csv", "step,loss,signal,noise,scale"), 5);
    const int steps[] = {0, 25, 50, 100, 150};
    for (int i = 0; i < 5; i++) {
        cr_expect_float_eq(variance_over_prediction(steps[i], 8), 1, 1e-4, "by its definition");
        for (int batch = 16; batch <= 128; batch *= 2)
            cr_expect_float_eq(variance_over_prediction(steps[i], batch), 1, 0.25,
                               "step %d, batch %d: %g", steps[i], batch,
                               variance_over_prediction(steps[i], batch));
    }
    const double scale = entry("noise", "50,", 4);
    cr_expect(scale > 8 && scale < 512, "%g", scale);
    cr_expect_geq(best_rate(512), 1.9 * best_rate(8), "below the scale");
    cr_expect_leq(best_rate(2048), 1.5 * best_rate(512), "beyond it");
    assert_picture("pictures/study_noise", 800, 800);
}

Test(studies_descent, escape_takes_noise_or_momentum)
{
    study("escape");
    cr_expect_eq(assert_csv("pictures/study_escape.csv", "optimizer,noise,share"), 8);
    cr_expect_eq(entry("escape", "sgd,0,", 2), 0, "it only goes down");
    cr_expect_gt(entry("escape", "momentum,0,", 2), 0.1);
    cr_expect_gt(entry("escape", "nesterov,0,", 2), 0.05);
    cr_expect_gt(entry("escape", "sgd,1,", 2), 0.8);
    cr_expect_lt(entry("escape", "sgd,0.3,", 2), 0.1, "too little noise");

    assert_csv("pictures/study_escape_saddle.csv", "optimizer,noise,share,steps");
    const char *const optimizers[] = {"sgd", "momentum", "adam"};
    for (int i = 0; i < 3; i++) {
        char words[32];
        snprintf(words, sizeof words, "%s,0,", optimizers[i]);
        cr_expect_eq(entry("escape_saddle", words, 2), 0, "%s stays on the ridge", optimizers[i]);
        snprintf(words, sizeof words, "%s,1e-06,", optimizers[i]);
        cr_expect_eq(entry("escape_saddle", words, 2), 1, "%s leaves", optimizers[i]);
    }
    /* A thousandth of the noise, y times 1.1 in each step. */
    const double longer =
        entry("escape_saddle", "sgd,1e-06,", 3) - entry("escape_saddle", "sgd,0.001,", 3);
    cr_expect_float_eq(longer, log(1000) / log(1.1), 1.5, "%g", longer);
    assert_picture("pictures/study_escape", 800, 800);
}
