/* Importance by functional analysis of variance: by hand, and of functions that are known. */
#include <math.h>
#include <stdlib.h>

#include <criterion/criterion.h>

#include <tarn.h>

#include "examples/lab/tune/forest.h"

/* The square in four quarters, as in docs/book/10-tuning.md: m = 93.5, V = 8.75. */
Test(tune_forest, by_hand)
{
    const forest_box boxes[] = {{{0, 0}, {0.5, 0.5}, 90},
                                {{0, 0.5}, {0.5, 1}, 92},
                                {{0.5, 0}, {1, 0.5}, 94},
                                {{0.5, 0.5}, {1, 1}, 98}};
    double v[FOREST_AXES];
    cr_expect_float_eq(forest_variances(boxes, 4, 2, v), 8.75, 1e-12);
    cr_expect_float_eq(v[0], 6.25, 1e-12);
    cr_expect_float_eq(v[1], 2.25, 1e-12);
}

/* Boxes of unequal sides: y = 1 where x < 1/4, and -1/3 elsewhere, cut once more along the other
   axis, which explains nothing. */
Test(tune_forest, unequal_boxes)
{
    const forest_box boxes[] = {
        {{0, 0}, {0.25, 1}, 1}, {{0.25, 0}, {1, 0.7}, -1.0 / 3}, {{0.25, 0.7}, {1, 1}, -1.0 / 3}};
    double v[FOREST_AXES];
    cr_expect_float_eq(forest_variances(boxes, 3, 2, v), 1.0 / 3, 1e-12);
    cr_expect_float_eq(v[0], 1.0 / 3, 1e-12);
    cr_expect_float_eq(v[1], 0, 1e-12);
}

enum { COUNT = 400, AXES = 3 };
static double x[COUNT * AXES], y[COUNT];

static void draw_places(void)
{
    tarn_seed(5);
    tarn_tensor *drawn = tarn_rand(tarn_shape(COUNT * AXES));
    cr_assert(drawn);
    for (int i = 0; i < COUNT * AXES; i++)
        x[i] = (double)tarn_values(drawn)[i];
    tarn_free(drawn);
}

static importance importance_here(int count, int choices)
{
    const forest_samples samples = {count, AXES, x, y, {0, 0, choices}};
    return forest_importance(&samples, 1);
}

/* Of 2 a + b, with a and b uniform, 4/5 and 1/5 of the variance. */
Test(tune_forest, a_sum)
{
    draw_places();
    for (int i = 0; i < COUNT; i++)
        y[i] = 2 * x[AXES * i] + x[AXES * i + 1];
    const importance m = importance_here(COUNT, 0);
    cr_expect_eq(m.trees, 100);
    cr_expect_float_eq(m.mean[0], 0.8, 0.04, "%g", m.mean[0]);
    cr_expect_float_eq(m.mean[1], 0.2, 0.04, "%g", m.mean[1]);
    cr_expect_lt(m.mean[2], 0.01, "%g", m.mean[2]);
    cr_expect_lt(m.together, 0.05, "%g", m.together);
    /* Averaged over b: 2 a + 1/2, but for the ends, where boxes are wide. */
    for (int i = 6; i < FOREST_STEPS - 6; i++)
        cr_expect_float_eq(m.effect[0][i], 2 * (i + 0.5) / FOREST_STEPS + 0.5, 0.12, "%d: %g", i,
                           m.effect[0][i]);
    cr_expect_gt(m.deviation[0], 0);
    cr_expect_lt(m.deviation[0], 0.1);
}

/* Of the product of two signs neither explains anything by itself. */
Test(tune_forest, only_together)
{
    draw_places();
    for (int i = 0; i < COUNT; i++)
        y[i] = ((x[AXES * i] < 0.5) == (x[AXES * i + 1] < 0.5)) ? 1 : -1;
    const importance m = importance_here(COUNT, 0);
    cr_expect_gt(m.together, 0.85, "%g", m.together);
}

/* Three choices, of which the one in the middle is another, at a third of the space: all of the
   variance, whatever numbers stand for them. */
Test(tune_forest, choices)
{
    draw_places();
    for (int i = 0; i < COUNT; i++) {
        double *choice = &x[AXES * i + 2];
        *choice = (floor(3 * *choice) + 0.5) / 3;
        y[i] = fabs(*choice - 0.5) < 0.1 ? 1 : 0;
    }
    const importance m = importance_here(COUNT, 3);
    cr_expect_gt(m.mean[2], 0.999, "%g", m.mean[2]);
}

Test(tune_forest, nothing_to_explain)
{
    draw_places();
    for (int i = 0; i < COUNT; i++)
        y[i] = 0.1;
    const importance m = importance_here(COUNT, 0);
    cr_expect_eq(m.trees, 0);
    cr_expect_eq(m.mean[0], 0);
    cr_expect_eq(m.together, 0);
    y[0] = 1;
    cr_expect_eq(importance_here(5, 0).trees, 0, "too few for a cut");
}
