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
