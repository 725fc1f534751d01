/* Optimizers on surfaces whose minima are known: the way there, the tables and the pictures. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/examples/support.h"

TestSuite(test_example_landscape, .init = make_folder, .fini = remove_folder, .timeout = 600);

static const char *const surfaces[] = {"rosenbrock", "beale", "himmelblau", "ravine", "saddle"};

/* The surfaces in plain C. */
static double height(int surface, double x, double y)
{
    switch (surface) {
    case 0:
        return pow(1 - x, 2) + 100 * pow(y - x * x, 2);
    case 1:
        return pow(1.5 - x + x * y, 2) + pow(2.25 - x + x * y * y, 2) +
               pow(2.625 - x + x * y * y * y, 2);
    case 2:
        return pow(x * x + y - 11, 2) + pow(x + y * y - 7, 2);
    case 3:
        return (x * x + 100 * y * y) / 2;
    default:
        return x * x - y * y + pow(y, 4) / 4;
    }
}

static int find_surface(const char *name)
{
    int i = 0;
    while (i < 5 && strcmp(surfaces[i], name) != 0)
        i++;
    cr_assert_lt(i, 5, "%s", name);
    return i;
}

/* A file of the folder, behind its first line. */
static FILE *open_table(const char *name)
{
    char path[256], line[4096];
    snprintf(path, sizeof path, "%s/pictures/%s", folder, name);
    FILE *file = fopen(path, "r");
    cr_assert(file, "%s", path);
    cr_assert(fgets(line, sizeof line, file));
    return file;
}

typedef struct minimum {
    char surface[16];
    double x, y, f, gradient;
} minimum;

static int read_minima(minimum *minima)
{
    FILE *file = open_table("landscape_minima.csv");
    int count = 0;
    for (minimum *m = minima; count < 9 && fscanf(file, " %15[^,],%lf,%lf,%lf,%lf", m->surface,
                                                  &m->x, &m->y, &m->f, &m->gradient) == 5;
         m++)
        count++;
    fclose(file);
    return count;
}

typedef struct result {
    char surface[16], optimizer[16];
    double rate;
    int reached;
    long steps, evaluations;
    double x, y, f;
} result;

static int read_results(result *results)
{
    FILE *file = open_table("landscape.csv");
    int count = 0;
    for (result *r = results;
         count < 60 &&
         fscanf(file, " %15[^,],%15[^,],%lf,%d,%ld,%ld,%lf,%lf,%lf", r->surface, r->optimizer,
                &r->rate, &r->reached, &r->steps, &r->evaluations, &r->x, &r->y, &r->f) == 9;
         r++)
        count++;
    fclose(file);
    return count;
}

/* The rate is the one that the search chooses for Adam on Rosenbrock's valley. */
Test(test_example_landscape, adam_reaches_rosenbrocks_minimum)
{
    char output[16384];
    result results[60];
    cr_assert_eq(run("lab/landscape --lr 1 --steps 1000", output, sizeof output), 0, "%s", output);
    cr_assert_eq(read_results(results), 60);
    for (int i = 0; i < 12; i++)
        if (strcmp(results[i].optimizer, "adam") == 0) {
            cr_expect_eq(results[i].reached, 1);
            cr_expect_lt(results[i].steps, 800);
            cr_expect_lt(hypot(results[i].x - 1, results[i].y - 1), 1.001e-3);
        }
}

Test(test_example_landscape, tables_agree)
{
    char output[16384];
    result results[60];
    minimum minima[9];
    cr_assert_eq(run("lab/landscape --steps 300", output, sizeof output), 0, "%s", output);
    cr_expect_eq(assert_csv("pictures/landscape.csv",
                            "surface,optimizer,rate,reached,steps,evaluations,x,y,f"),
                 60);
    cr_expect_gt(assert_csv("pictures/landscape_paths.csv", "surface,optimizer,step,x,y,f"), 1000);
    cr_expect_eq(assert_csv("pictures/landscape_minima.csv", "surface,x,y,f,gradient"), 9);
    cr_assert_eq(read_results(results), 60);
    cr_assert_eq(read_minima(minima), 9);
    for (const minimum *m = minima; m < minima + 9; m++) {
        const int surface = find_surface(m->surface);
        cr_expect_float_eq(m->f, surface == 4 ? -1 : 0, 1e-5, "%s", m->surface);
        cr_expect_lt(m->gradient, 1e-3, "%s: %g", m->surface, m->gradient);
    }
    int reached = 0;
    const char *at = output;
    for (const result *r = results; r < results + 60; r++) {
        char line[64];
        if (r->reached)
            snprintf(line, sizeof line, "  %-9s  %6g  %8ld  %11ld", r->optimizer, r->rate, r->steps,
                     r->evaluations);
        else
            snprintf(line, sizeof line, "  %-9s  %6g   did not  %11ld", r->optimizer, r->rate,
                     r->evaluations);
        cr_assert((at = strstr(at, line)), "%s, %s", r->surface, line);
        cr_expect_eq(r->evaluations, r->steps + 1);
        cr_expect_float_eq(r->f, height(find_surface(r->surface), r->x, r->y), 1e-3, "%s, %s",
                           r->surface, r->optimizer);
        double nearest = INFINITY;
        for (const minimum *m = minima; m < minima + 9; m++)
            if (strcmp(m->surface, r->surface) == 0)
                nearest = fmin(nearest, hypot(r->x - m->x, r->y - m->y));
        cr_expect_eq(r->reached, nearest < 1.001e-3, "%s, %s: %g", r->surface, r->optimizer,
                     nearest);
        reached += r->reached;
    }
    cr_expect_gt(reached, 20);
    cr_expect(strstr(output, "on the ridge itself: 0 of 12 leave it"));
    if (strstr(output, "gnuplot is not installed"))
        return;
    assert_picture("pictures/landscape", 800, 1080);
    for (int i = 0; i < 5; i++) {
        snprintf(output, sizeof output, "pictures/landscape_%s", surfaces[i]);
        assert_picture(output, 800, 925);
    }
}

/* Every tenth number of the heights, against the formula. */
Test(test_example_landscape, heights_are_those_of_the_formulas)
{
    char output[16384];
    cr_assert_eq(run("lab/landscape --lr 0.001 --steps 1 --animate saddle", output, sizeof output),
                 0, "%s", output);
    for (int surface = 0; surface < 5; surface++) {
        char path[256];
        double x[201], y, f;
        int rows = 0;
        snprintf(path, sizeof path, "%s/pictures/landscape_%s.csv", folder, surfaces[surface]);
        FILE *file = fopen(path, "r");
        cr_assert(file);
        cr_assert_eq(fscanf(file, "%lf", &y), 1);
        cr_assert_eq(y, 201);
        for (int i = 0; i < 201; i++)
            cr_assert_eq(fscanf(file, ",%lf", &x[i]), 1);
        for (; fscanf(file, "%lf", &y) == 1; rows++)
            for (int i = 0; i < 201; i++) {
                cr_assert_eq(fscanf(file, ",%lf", &f), 1);
                const double truth = height(surface, x[i], y);
                if (rows % 10 == 0 && i % 10 == 0)
                    cr_expect_float_eq(f, truth, 2e-3 + 1e-3 * fabs(truth), "%s at %g, %g: %g",
                                       surfaces[surface], x[i], y, f);
            }
        fclose(file);
        cr_expect_eq(rows, 201);
    }
    /* Two frames of steps, and ten at rest. */
    if (strstr(output, "gnuplot is not installed"))
        return;
    cr_expect(strstr(output, "landscape_saddle.gif (and 12 frames in "), "%s", output);
    for (int i = 1; i <= 12; i++) {
        char frame[64];
        snprintf(frame, sizeof frame, "pictures/landscape_saddle_frames/%03d.png", i);
        assert_png(frame, 600, 400);
    }
    in_folder("test $(head -c 6 pictures/landscape_saddle.gif) = GIF89a && "
              "test \"$(tail -c 1 pictures/landscape_saddle.gif)\" = ';'");
}

Test(test_example_landscape, does_without_gnuplot)
{
    char output[16384];
    cr_assert_eq(setenv("PATH", "/nowhere", 1), 0);
    cr_assert_eq(run("lab/landscape --lr 10 --steps 200", output, sizeof output), 0, "%s", output);
    cr_assert_eq(setenv("PATH", "/usr/local/bin:/usr/bin:/bin", 1), 0);
    cr_expect(strstr(output, "diverged"), "%s", output);
    cr_expect(strstr(output, "gnuplot is not installed; to draw the tables in pictures later: "
                             "gnuplot -c "),
              "%s", output);
    cr_expect_eq(assert_csv("pictures/landscape.csv",
                            "surface,optimizer,rate,reached,steps,evaluations,x,y,f"),
                 60);
}

Test(test_example_landscape, refuses_what_is_wrong)
{
    assert_refused("lab/landscape --steps 0", "--steps 0: expects a whole number from 1");
    assert_refused("lab/landscape --lr 0", "--lr 0: expects a number from");
    assert_refused("lab/landscape --animate hill", "--animate hill: expects");
    assert_refused("lab/landscape downhill", "downhill: unexpected argument");
    assert_refused("lab/landscape --out /nowhere/pictures", "/nowhere/pictures: cannot be made");
    cr_expect(folder_is_empty());
    in_folder("mkdir full && ln -s /dev/full full/landscape_paths.csv");
    assert_refused("lab/landscape --steps 1 --lr 0.1 --out full",
                   "full/landscape_paths.csv: cannot be written: No space");
}
