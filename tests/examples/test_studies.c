/* The studies on the sample: what each claims holds in its tables. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "tests/examples/support.h"

TestSuite(studies, .init = make_folder, .fini = remove_folder, .timeout = 600);

static void study(const char *name, char *output, size_t size)
{
    char command[128];
    snprintf(command, sizeof command, "lab/study --dataset sample %s", name);
    cr_assert_eq(run(command, output, size), 0, "%s: %s", name, output);
}

Test(studies, one_is_asked_for_by_name)
{
    char output[8192];
    cr_expect_eq(run("lab/study --help", output, sizeof output), 0);
    cr_expect(strstr(output, "  rate  "), "%s", output);
    assert_refused("lab/study", "which study? --help lists them");
    assert_refused("lab/study rate none", "none: no study has that name; --help lists them");
    cr_expect(folder_is_empty());
}

static double parabola(const char *part, int step)
{
    char words[32];
    snprintf(words, sizeof words, "%s,%d,", part, step);
    return column(line_of("pictures/study_rate_parabola.csv", words), 2);
}

/* By (1 - eta h)^t. */
Test(studies, rate_meets_the_edge_where_it_is)
{
    char output[8192];
    study("rate", output, sizeof output);
    assert_csv("pictures/study_rate_parabola.csv", "part_of_edge,step,w,f");
    cr_expect_eq(parabola("0.5", 1), 0);
    cr_expect_float_eq(parabola("0.95", 20), pow(0.9, 20), 1e-6);
    cr_expect_eq(parabola("1", 19), -1);
    cr_expect_float_eq(parabola("1.05", 20), pow(1.1, 20), 1e-4);

    const char *table = "pictures/study_rate.csv";
    cr_expect_eq(assert_csv(table, "rate,test_loss,test_accuracy,verdict"), 7);
    const double right = column(line_of(table, "0.1,"), 2);
    cr_expect_gt(right, 0.8);
    cr_expect_lt(column(line_of(table, "0.001,"), 2), right - 0.3, "too small");
    const double edge = column(line_of(table, "1,"), 2);
    cr_expect(edge < right - 0.3, "too large: %g", edge);
    assert_picture("pictures/study_rate", 800, 450);
}

static double of_row(const char *table, const char *words, int at)
{
    return column(line_of(table, words), at);
}

/* By (1 - beta1^t) / sqrt(1 - beta2^t). */
Test(studies, bias_correction_shortens_the_first_steps)
{
    char output[8192];
    study("bias-correction", output, sizeof output);
    const char *weight = "pictures/study_bias-correction_weight.csv";
    cr_expect_eq(assert_csv(weight, "step,with,without"), 100);
    for (int step = 1; step <= 100; step++) {
        char words[16];
        snprintf(words, sizeof words, "%d,", step);
        const double without = (1 - pow(0.9, step)) / sqrt(1 - pow(0.999, step));
        cr_expect_float_eq(of_row(weight, words, 1), 1, 1e-4);
        cr_expect_float_eq(of_row(weight, words, 2), without, 1e-3);
    }
    cr_expect_float_eq(of_row(weight, "1,", 2), 3.1623, 1e-4);
    cr_expect_float_eq(of_row(weight, "13,", 2), 6.56, 0.01);

    const char *steps = "pictures/study_bias-correction_steps.csv";
    cr_expect_eq(assert_csv(steps, "correction,rate,step,loss,moved"), 600);
    cr_expect_float_eq(of_row(steps, "without,0.001,1,", 4) / of_row(steps, "with,0.001,1,", 4),
                       3.1623, 0.05);
    const char *ends = "pictures/study_bias-correction.csv";
    assert_csv(ends, "correction,rate,first_step,longest_step,worst_loss,test_accuracy");
    cr_expect_gt(of_row(ends, "with,0.01,", 5), 0.8);
    cr_expect_lt(of_row(ends, "without,0.01,", 5), of_row(ends, "with,0.01,", 5) - 0.1);
    assert_picture("pictures/study_bias-correction", 1100, 400);
}

Test(studies, sparse_moves_rare_weights_further_with_adagrad)
{
    char output[8192];
    study("sparse", output, sizeof output);
    const char *table = "pictures/study_sparse.csv";
    cr_expect_eq(assert_csv(table, "share,sgd,adagrad,adam"), 6);
    cr_expect_gt(of_row(table, "0.01,", 2), 1.5 * of_row(table, "0.01,", 1));
    cr_expect_gt(of_row(table, "0.02,", 2), 1.5 * of_row(table, "0.02,", 1));
    cr_expect_float_eq(of_row(table, "0.5,", 2), of_row(table, "0.5,", 1), 0.1, "common");
    assert_picture("pictures/study_sparse", 1000, 420);
}

Test(studies, objective_moves_weights_as_penalties_say)
{
    char output[8192];
    study("objective", output, sizeof output);
    const char *ends = line_of("pictures/study_objective_ends.csv", "0");
    cr_expect_float_eq(column(ends, 0), 0.4, 1e-3);
    cr_expect_float_eq(column(ends, 1), 0.4 / 1.5, 1e-3);
    cr_expect_float_eq(column(ends, 2), 0, 0.01);

    enum { NORM = 6, NEAR_ZERO, TRAINING, TEST };
    const char *table = "pictures/study_objective.csv";
    cr_expect_eq(assert_csv(table, "optimizer,penalty,strength,cost,penalty_value,objective,norm,"
                                   "near_zero,training_accuracy,test_accuracy"),
                 9);
    cr_expect_gt(of_row(table, "sgd,L1,", NEAR_ZERO), 0.5);
    cr_expect_gt(of_row(table, "adam,L1,", NEAR_ZERO), 0.5);
    cr_expect_lt(of_row(table, "sgd,none,", NEAR_ZERO), 0.05);
    cr_expect_lt(of_row(table, "sgd,L2,", NEAR_ZERO), 0.2);

    const double coupled = of_row(table, "sgd,L2,0.06", NORM);
    cr_expect_float_eq(of_row(table, "sgd,decoupled,0.06", NORM), coupled, 0.03 * coupled);
    cr_expect_gt(of_row(table, "adam,decoupled,0.03", NORM),
                 1.5 * of_row(table, "adam,L2,0.03", NORM));

    cr_expect_gt(of_row(table, "sgd,none,", TRAINING), 0.9, "by heart, wrong labels and all");
    cr_expect_gt(of_row(table, "sgd,L2,", TEST), of_row(table, "sgd,none,", TEST) + 0.02);
    cr_expect_gt(of_row(table, "adam,decoupled,3", TEST), of_row(table, "adam,none,", TEST) + 0.02);
    assert_picture("pictures/study_objective", 1200, 480);
    assert_picture("pictures/study_objective_curve", 800, 420);
}
