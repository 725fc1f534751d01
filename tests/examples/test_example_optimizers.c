/* The optimizers side by side, on the sample and with small settings. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/examples/support.h"

TestSuite(example_optimizers, .init = make_folder, .fini = remove_folder, .timeout = 600);

static const char curve_columns[] = "dataset,optimizer,step,training_loss,test_loss,test_accuracy";
static const char summary_columns[] =
    "dataset,optimizer,rate,epoch,test_loss,test_accuracy,steps_to_97,steps_to_98,step_us,rule_us,"
    "state_bytes_per_parameter,diverged";
static const char sweep_columns[] =
    "dataset,optimizer,rate,factor,test_accuracy,test_loss,diverged,good";
static const char best_columns[] =
    "dataset,optimizer,own_rate,best_rate,test_accuracy,good_from,good_to,good_decades";

/* Compares on the sample, in one epoch of 157 steps. */
static void compare(const char *options, char *output, size_t size)
{
    char command[320];
    snprintf(command, sizeof command, "lab/optimizers --dataset sample --epochs 1 --every 80 %s",
             options);
    cr_assert_eq(run(command, output, size), 0, "%s: %s", options, output);
}

Test(example_optimizers, one_learns_and_the_table_says_so)
{
    char output[16384];
    compare("--optimizers adam,adagrad", output, sizeof output);
    cr_expect(strstr(output, "optimizer       rate  accuracy    loss    97%    98%    step"), "%s",
              output);
    cr_expect_gt(number_after(output, "adam           0.004 "), 90);
    cr_expect(strstr(output, "The fewer steps to 98% (found by a test every 80 steps;"), "%s",
              output);

    cr_expect_eq(assert_csv("pictures/optimizers.csv", summary_columns), 2);
    const char *line = line_of("pictures/optimizers.csv", "sample,adam,0.004,1,");
    cr_expect_lt(column(line, 4), 0.4);
    cr_expect_gt(column(line, 5), 0.9);
    cr_expect_gt(column(line, 8), column(line, 9));
    cr_expect_gt(column(line, 9), 0);
    cr_expect_eq(column(line, 10), 8);
    cr_expect_eq(column(line, 11), 0);

    cr_expect_gt(assert_csv("pictures/optimizers_curves.csv", curve_columns), 60);
    line = line_of("pictures/optimizers_curves.csv", "sample,adam,80,");
    cr_expect_gt(column(line, 5), 0.7);
    line = line_of("pictures/optimizers_curves.csv", "sample,adam,157,");
    cr_expect_gt(column(line, 5), 0.9);
    cr_expect_lt(column(line, 3), 0.4);
    static const char *const pictures[] = {"optimizers", "optimizers_test_loss",
                                           "optimizers_test_accuracy", "optimizers_first"};
    for (int i = 0; i < 4; i++) {
        char name[64];
        snprintf(name, sizeof name, "pictures/%s", pictures[i]);
        assert_picture(name, 800, 600);
    }
    cr_expect(strstr(output, "pictures/optimizers.png"), "%s", output);
}

/* Adam's first step is one rate for each weight that has a gradient, as Adagrad's is; without its
   correction it is sqrt(0.001) / 0.1 of that. */
Test(example_optimizers, bias_correction_shows_in_the_first_steps)
{
    char output[16384];
    compare("--optimizers adam,adagrad", output, sizeof output);
    const char *table = "pictures/optimizers_first.csv";
    cr_expect_eq(assert_csv(table, "dataset,optimizer,step,loss,length"), 30);
    const double corrected = column(line_of(table, "sample,adam,1,"), 4);
    const double uncorrected = column(line_of(table, "sample,adam-uncorrected,1,"), 4);
    cr_expect(corrected > 0.5 && corrected <= 1, "%g", corrected);
    cr_expect_float_eq(corrected, column(line_of(table, "sample,adagrad,1,"), 4), 0.01);
    cr_expect_float_eq(uncorrected / corrected, 3.162, 0.1, "%g", uncorrected);
    cr_expect_eq(column(line_of(table, "sample,adam,1,"), 3),
                 column(line_of(table, "sample,adagrad,1,"), 3));
}

/* All begin with the same weights on the same batch: their first losses are the same to the bit.
   And what one does depends neither on those before it nor on the number of threads. */
Test(example_optimizers, all_get_the_same_weights_and_batches)
{
    char output[16384];
    compare("--optimizers muon,sgd,adadelta,lion", output, sizeof output);
    in_folder("grep -c ',1,[0-9.]*,,$' pictures/optimizers_curves.csv | grep -qx 4");
    in_folder("test $(grep ',1,[0-9.]*,,$' pictures/optimizers_curves.csv | cut -d, -f4 | sort -u "
              "| wc -l) = 1");
    in_folder("grep ,lion, pictures/optimizers_curves.csv > lion");
    compare("--optimizers lion,muon --threads 1 --out other", output, sizeof output);
    in_folder("grep ,lion, other/optimizers_curves.csv | cmp - lion");
    compare("--optimizers lion --seed 2 --out third", output, sizeof output);
    in_folder("! grep ,lion, third/optimizers_curves.csv | cmp -s - lion");
}

Test(example_optimizers, state_is_asked_of_the_optimizer)
{
    static const struct {
        const char *line;
        double bytes;
    } expected[] = {
        {"sample,sgd,", 0}, {"sample,momentum,", 4}, {"sample,adamw,", 8}, {"sample,amsgrad,", 12}};
    char output[16384];
    compare("--optimizers sgd,momentum,adamw,amsgrad", output, sizeof output);
    for (int i = 0; i < 4; i++)
        cr_expect_eq(column(line_of("pictures/optimizers.csv", expected[i].line), 10),
                     expected[i].bytes, "%s", expected[i].line);
}

/* 1e9 times the rate of sgd takes the loss to infinity. That is a result. */
Test(example_optimizers, what_diverges_is_shown)
{
    char output[16384];
    compare("--optimizers sgd,adadelta --factor 1e9", output, sizeof output);
    cr_expect(strstr(output, "sgd            1e+08  diverged       -      -      -"), "%s", output);
    cr_expect_eq(assert_csv("pictures/optimizers.csv", summary_columns), 2);
    cr_expect_eq(column(line_of("pictures/optimizers.csv", "sample,sgd,1e+08,1,,,,,"), 11), 1);
    assert_csv("pictures/optimizers_curves.csv", curve_columns);
    assert_picture("pictures/optimizers", 800, 600);
}

Test(example_optimizers, sweep_finds_the_good_rates)
{
    char output[16384];
    compare("--optimizers sgd,adam --sweep --rates 5 --decades 9 --sweep-steps 60", output,
            sizeof output);
    cr_expect(strstr(output, "optimizer      -9.0  -4.5  +0.0  +4.5  +9.0    rate    from      to "
                             "decades"),
              "%s", output);
    cr_expect_eq(assert_csv("pictures/sweep.csv", sweep_columns), 10);
    cr_expect_eq(assert_csv("pictures/sweep_best.csv", best_columns), 2);

    const char *line = line_of("pictures/sweep.csv", "sample,adam,0.004,1,");
    cr_expect_gt(column(line, 4), 0.5);
    cr_expect_eq(column(line, 7), 1);
    line = line_of("pictures/sweep.csv", "sample,adam,4e-12,1e-09,");
    cr_expect_lt(column(line, 4), 0.3);
    cr_expect_eq(column(line, 7), 0);
    line_of("pictures/sweep.csv", "sample,sgd,1e+08,1e+09,,,1,0");
    line = line_of("pictures/sweep_best.csv", "sample,adam,0.004,0.004,");
    cr_expect_eq(column(line, 7), 0);
    cr_expect(strstr(output, "   inf"), "%s", output);
    assert_picture("pictures/sweep", 800, 310);
}

Test(example_optimizers, sweep_where_all_diverges_or_the_grid_ends)
{
    char output[16384];
    compare("--optimizers sgd --factor 1e9 --sweep --rates 2 --decades 0.1 --sweep-steps 20",
            output, sizeof output);
    cr_expect(strstr(output, "   inf   inf       -       -       -"), "%s", output);
    cr_expect_null(strstr(output, "arning"), "%s", output);
    cr_expect_eq(assert_csv("pictures/sweep_best.csv", best_columns), 0);
    compare("--optimizers adam --sweep --rates 2 --decades 0.1 --sweep-steps 150", output,
            sizeof output);
    cr_expect(strstr(output, "    0.2+\n"), "%s", output);
}

Test(example_optimizers, without_gnuplot_it_says_how_to_draw)
{
    char output[16384];
    char *path = strdup(getenv("PATH"));
    cr_assert_eq(setenv("PATH", "/nonexistent", 1), 0);
    compare("--optimizers sgd", output, sizeof output);
    cr_assert_eq(setenv("PATH", path, 1), 0);
    free(path);
    cr_expect(strstr(output, "gnuplot is not installed; to draw the tables in pictures later: "
                             "gnuplot -c "),
              "%s", output);
    assert_csv("pictures/optimizers.csv", summary_columns);
    in_folder("test ! -e pictures/optimizers.png");
}

/* Runs it with a gnuplot that does no more than this line of the shell; $3 is the folder. */
static void assert_refused_with_gnuplot(const char *does, const char *words)
{
    char path[4096], line[256];
    snprintf(line, sizeof line, "printf '#!/bin/sh\n%s\n' >gnuplot && chmod +x gnuplot", does);
    in_folder(line);
    char *before = strdup(getenv("PATH"));
    snprintf(path, sizeof path, "%s:%s", folder, before);
    cr_assert_eq(setenv("PATH", path, 1), 0);
    assert_refused("lab/optimizers --dataset sample --optimizers sgd --epochs 1", words);
    cr_assert_eq(setenv("PATH", before, 1), 0);
    free(before);
}

Test(example_optimizers, looks_at_what_gnuplot_drew)
{
    assert_refused_with_gnuplot("exit 1", "optimizers.gp pictures png: failed");
    assert_refused_with_gnuplot("exit 0", "pictures/optimizers.png: cannot be written");
    assert_refused_with_gnuplot("head -c 9000 /dev/zero >$3/optimizers.png",
                                "pictures/optimizers.png: cannot be written");
}

Test(example_optimizers, refuses_bad_options)
{
    assert_refused("lab/optimizers --optimizers sgd,adan",
                   "--optimizers: \"adan\" is none of those");
    assert_refused("lab/optimizers --optimizers sgd,", "--optimizers: \"\" is none of those");
    assert_refused("lab/optimizers --optimizers gd",
                   "--optimizers gd: takes the whole training set");
    assert_refused("lab/optimizers --optimizers sgd,adam,sgd", "--optimizers: sgd is named twice");
    assert_refused("lab/optimizers --factor 0", "--factor 0: expects a number from 1e-09");
    assert_refused("lab/optimizers --epochs 0", "--epochs 0: expects a whole number from 1");
    assert_refused("lab/optimizers --every 0", "--every 0: expects a whole number from 1");
    assert_refused("lab/optimizers --rates 1", "--rates 1: expects a whole number from 2");
    assert_refused("lab/optimizers --sweep=yes", "--sweep=yes: expects no value");
    assert_refused("lab/optimizers --dataset mnist --data /nowhere", "/nowhere");
    cr_expect(folder_is_empty());
}

Test(example_optimizers, refuses_what_cannot_be_written)
{
    assert_refused("lab/optimizers --dataset sample --out /nowhere/pictures",
                   "/nowhere/pictures: cannot be made");
    in_folder("mkdir full && ln -s /dev/full full/optimizers_curves.csv");
    assert_refused("lab/optimizers --dataset sample --out full",
                   "full/optimizers_curves.csv: cannot be written: No space");
}
