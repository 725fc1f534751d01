/* The recipes for a few steps on the sample: that each trains and keeps to its size. What they
   reach on MNIST stands in docs/records.md. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/examples/photos.h"
#include "tests/examples/support.h"

TestSuite(recipe, .init = make_folder, .fini = remove_folder, .timeout = 600);

static char output[8192];

static void follow(const char *options)
{
    char command[512];
    snprintf(command, sizeof command, "lab/recipe %s", options);
    cr_assert_eq(run(command, output, sizeof output), 0, "%s: %s", options, output);
}

/* The number before the first occurrence of the words. */
static double number_before(const char *words)
{
    const char *end = strstr(output, words), *begin = end;
    cr_assert(end, "\"%s\" does not hold \"%s\"", output, words);
    while (begin > output && begin[-1] != ' ' && begin[-1] != '\n')
        begin--;
    return strtod(begin, NULL);
}

/* The accuracies, without the seconds behind them. */
static void accuracies(char *kept, size_t size)
{
    *kept = '\0';
    for (const char *line = output; line; line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL)
        snprintf(kept + strlen(kept), size - strlen(kept), "%.*s|", (int)strcspn(line, "%\n"),
                 line);
}

Test(recipe, is_asked_for_by_name)
{
    follow("--help");
    cr_expect(strstr(output, "  fast ") && strstr(output, "  color "), "%s", output);
    assert_refused("lab/recipe",
                   "which recipe? expects --recipe fast, small, best, fashion or color");
    assert_refused("lab/recipe --recipe slow", "slow");
    assert_refused("lab/recipe --recipe fast --dataset sample --epochs 0.001",
                   "10000 pictures, a batch of ");
    assert_refused("lab/recipe --recipe color", "expects --data DIR");
    assert_refused("lab/recipe --recipe color --dataset sample", "--dataset sample: are digits");
    assert_refused("lab/recipe --recipe color --data none", "none");
}

Test(recipe, fast_learns_and_repeats_at_any_number_of_threads)
{
    static char first[4096], second[4096];
    follow("--recipe fast --dataset sample --seeds 2 --seed 3 --threads 1");
    cr_expect(strstr(output, "10000 pictures to train on, 2000 others to test on; threads 1"), "%s",
              output);
    cr_expect_gt(number_after(output, "mean"), 90);
    accuracies(first, sizeof first);
    follow("--recipe fast --dataset sample --seeds 2 --seed 3 --threads 2");
    accuracies(second, sizeof second);
    cr_expect_str_eq(strchr(first, '|'), strchr(second, '|'));
}

Test(recipe, holdout_leaves_the_test_pictures_alone)
{
    follow("--recipe fast --dataset sample --holdout --seeds 1 --epochs 0.3");
    cr_expect(strstr(output, "9167 pictures to train on, 833 held out of them to test on"), "%s",
              output);
}

Test(recipe, small_best_and_fashion_keep_to_their_size)
{
    follow("--recipe small --dataset sample --seeds 1 --epochs 0.3");
    cr_expect_leq(number_before(" parameters"), 8000);
    follow("--recipe best --dataset sample --seeds 1 --epochs 0.2");
    cr_expect_leq(number_before(" parameters"), 500000);
    follow("--recipe fashion --dataset sample --seeds 1 --epochs 0.2");
    cr_expect_leq(number_before(" parameters"), 500000);
}

/* Five files of count pictures each and one for the test, of ten classes by their colour. */
static void write_cifar(int count)
{
    static uint8_t record[1 + 3 * 1024];
    uint32_t noise = 1;
    for (int f = 0; f < 6; f++) {
        char path[200];
        snprintf(path, sizeof path, f < 5 ? "%s/data_batch_%d.bin" : "%s/test_batch.bin", folder,
                 f + 1);
        FILE *file = fopen(path, "wb");
        cr_assert(file, "%s", path);
        for (int i = 0; i < count; i++) {
            record[0] = (uint8_t)(i % 10);
            for (int k = 0; k < 3 * 1024; k++) {
                noise = noise * 1664525u + 1013904223u;
                record[1 + k] = (uint8_t)((noise >> 27) + (i % 10 >> k / 1024 & 1 ? 200u : 0u));
            }
            fwrite(record, sizeof record, 1, file);
        }
        cr_assert_eq(fclose(file), 0);
    }
}

Test(recipe, color_reads_cifar_and_folders)
{
    char options[200];
    write_cifar(60);
    snprintf(options, sizeof options, "--recipe color --data %s --seeds 1 --epochs 2", folder);
    follow(options);
    cr_expect(strstr(output, "300 pictures to train on, 60 others to test on"), "%s", output);
    remove_folder();
    write_pictures();
    assert_refused("lab/recipe --recipe color --data photos --seeds 1",
                   "51 pictures, a batch of 128 and 12 epochs make no step");
}
