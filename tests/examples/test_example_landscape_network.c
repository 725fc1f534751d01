/* ./run landscape --network on small settings: what it prints and leaves, and what it refuses. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/examples/support.h"

TestSuite(example_landscape_network, .init = make_folder, .fini = remove_folder, .timeout = 1200);

#define SMALL                                                                                      \
    "lab/landscape --network --dataset sample --epochs 1 --images 100 --grid 5 --points 4 "        \
    "--optimizers sgd,muon "

static bool has_gnuplot(void)
{
    return system("command -v gnuplot >/dev/null") == 0;
}

/* Reads the numbers behind these words at the beginning of a line, separated by commas. */
static int numbers_of(const char *name, const char *begin, double *numbers, int most)
{
    char path[256], line[4096];
    int count = 0;
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "r");
    cr_assert(file, "%s", path);
    while (fgets(line, sizeof line, file))
        if (strncmp(line, begin, strlen(begin)) == 0)
            for (char *at = line + strlen(begin); count < most && *at && *at != '\n';) {
                numbers[count++] = strtod(at, &at);
                at += *at == ',';
            }
    fclose(file);
    return count;
}

/* Which it would be without its decay. */
Test(example_landscape_network, adamw_is_not_adam)
{
    char output[8192];
    double adam[1], adamw[1];
    cr_assert_eq(run("lab/landscape --network --dataset sample --epochs 1 --images 100 --grid 3 "
                     "--points 2 --optimizers adam,adamw",
                     output, sizeof output),
                 0, "%s", output);
    const char *table = "pictures/landscape_network_optimizers.csv";
    cr_assert_eq(numbers_of(table, "adam,", adam, 1), 1);
    cr_assert_eq(numbers_of(table, "adamw,", adamw, 1), 1);
    cr_expect_neq(adam[0], adamw[0]);
}

Test(example_landscape_network, leaves_tables_and_pictures)
{
    char output[8192];
    cr_assert_eq(run(SMALL, output, sizeof output), 0, "%s", output);
    cr_expect_eq(assert_csv("pictures/landscape_network.csv", "x,y,loss,error"), 25);
    cr_expect_eq(assert_csv("pictures/landscape_network_trained.csv",
                            "dataset,images,loss,error,test_accuracy"),
                 1);
    cr_expect_eq(assert_csv("pictures/landscape_network_paths.csv", "optimizer,step,x,y,loss"), 10);
    cr_expect_eq(assert_csv("pictures/landscape_network_planes.csv", "optimizer,x,y,loss"), 18);
    cr_expect_eq(assert_csv("pictures/landscape_network_optimizers.csv",
                            "optimizer,loss,test_accuracy,share_x,share_y,travelled,straight"),
                 2);

    /* In the middle of the surface are the trained weights, and the ridges are higher. */
    double middle[2], corner[2], trained[4];
    cr_assert_eq(numbers_of("pictures/landscape_network.csv", "0.0000,0.0000,", middle, 2), 2);
    cr_assert_eq(numbers_of("pictures/landscape_network.csv", "1.0000,-1.0000,", corner, 2), 2);
    cr_assert_eq(numbers_of("pictures/landscape_network_trained.csv", "sample,100,", trained, 3),
                 3);
    cr_expect_eq(middle[0], trained[0]);
    cr_expect_eq(middle[1], trained[1]);
    cr_expect_float_eq(number_after(output, "trained weights: loss "), middle[0], 1e-6);
    cr_expect_gt(corner[0], 2 * middle[0]);

    /* Paths go from the same weights, on the left, to their own end. */
    double sgd[5 * 4], muon[5 * 4], row[6];
    const char *paths = "pictures/landscape_network_paths.csv";
    cr_assert_eq(numbers_of(paths, "sgd,", sgd, 20), 20);
    cr_assert_eq(numbers_of(paths, "muon,", muon, 20), 20);
    cr_expect_eq(sgd[0], 0);
    cr_expect_eq(sgd[16], 157);
    cr_expect_lt(sgd[1], 0);
    cr_expect_eq(sgd[17], 0);
    cr_expect_eq(sgd[18], 0);
    cr_expect_eq(sgd[3], muon[3]);
    cr_expect_float_eq(sgd[3], log(10), 0.1);
    cr_expect_lt(sgd[19], 1);

    /* The last loss; what two directions explain; no way is shorter than the straight one. */
    const char *optimizers = "pictures/landscape_network_optimizers.csv";
    cr_assert_eq(numbers_of(optimizers, "sgd,", row, 6), 6);
    cr_expect_eq(row[0], sgd[19]);
    cr_expect_gt(row[1], 0.8);
    cr_expect_gt(row[2], row[3]);
    cr_expect_leq(row[2] + row[3], 1 + 1e-6);
    cr_expect_gt(row[4], row[5]);
    cr_expect_geq(row[5] * row[5], (sgd[1] * sgd[1] + sgd[2] * sgd[2]) * (1 - 1e-4));
    if (has_gnuplot()) {
        assert_picture("pictures/landscape_network", 1200, 600);
        assert_picture("pictures/landscape_network_paths", 800, 385);
    }
}

Test(example_landscape_network, does_not_depend_on_threads)
{
    char output[8192];
    cr_assert_eq(run(SMALL "--threads 1 --out one", output, sizeof output), 0, "%s", output);
    cr_assert_eq(run(SMALL "--threads 3 --out three", output, sizeof output), 0, "%s", output);
    in_folder("for i in one/*.csv; do cmp $i three/${i#one/} || exit 1; done");
}

Test(example_landscape_network, looks_around_the_weights_it_is_given)
{
    char output[8192], words[64];
    cr_assert_eq(run("lab/train --dataset sample --epochs 1 --save lenet", output, sizeof output),
                 0, "%s", output);
    snprintf(words, sizeof words, "images, test accuracy %.2f%%\n",
             number_after(output, "\ntest accuracy: "));
    cr_assert_eq(run(SMALL "--load lenet --optimizers=lion", output, sizeof output), 0, "%s",
                 output);
    cr_expect(strstr(output, words), "%s", output);
    cr_expect(!strstr(output, "\nsgd"), "%s", output);
}

Test(example_landscape_network, does_without_gnuplot)
{
    char output[8192];
    setenv("PATH", folder, 1); /* where there is none */
    cr_assert_eq(run("lab/landscape --network --dataset sample --epochs 1 --images 10 --grid 3 "
                     "--points 1 --optimizers adagrad",
                     output, sizeof output),
                 0, "%s", output);
    cr_expect(strstr(output, "gnuplot is not installed; to draw the tables in pictures later: "
                             "gnuplot -c "),
              "%s", output);
    cr_expect(strstr(output, "/landscape_network.gp pictures\n"), "%s", output);
    setenv("PATH", "/bin:/usr/bin", 1);
    cr_expect_eq(assert_csv("pictures/landscape_network_paths.csv", "optimizer,step,x,y,loss"), 2);
}

Test(example_landscape_network, refuses_what_it_cannot_do)
{
    assert_refused(SMALL "--load /nowhere/lenet", "--load: /nowhere/lenet");
    /* A file of one parameter, w. */
    in_folder("{ printf '\\070\\0\\0\\0\\0\\0\\0\\0'; printf '%-56s' "
              "'{\"w\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}'; "
              "printf '\\0\\0\\0\\0'; } >other");
    assert_refused(SMALL "--load other", "--load: other");
    assert_refused(SMALL "--out /nowhere/pictures", "/nowhere/pictures: cannot be made");
    assert_refused(SMALL "--out other", "cannot be");
    assert_refused(SMALL "--grid 4", "--grid 4: expects an odd number");
    assert_refused(SMALL "--images 10001", "--images 10001: there are 10000");
    assert_refused(SMALL "--optimizers=adam,adem", "--optimizers: \"adem\" is none of those");
    assert_refused(SMALL "--optimizers=gd", "--optimizers gd: takes the whole");
    assert_refused(SMALL "--optimizers=adam,", "--optimizers: \"\" is none of those");
    assert_refused(SMALL "--optimizers=adam,sgd,adam", "--optimizers: adam is named twice");
    assert_refused(SMALL "--dataset mnist --data /nowhere", "/nowhere");
}
