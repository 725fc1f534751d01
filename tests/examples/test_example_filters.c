/* A network that is trained shortly on the sample, looked into by examples/lab/filters.c. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/examples/support.h"

enum { IMAGES = 2000, CLASSES = 10 }; /* of the sample's test digits */

static char training[4096]; /* what was printed by it */

static void make_network(void)
{
    make_folder();
    cr_assert_eq(run("lab/train --dataset sample --epochs 1 --save net.safetensors", training,
                     sizeof training),
                 0, "%s", training);
}

TestSuite(example_filters, .init = make_network, .fini = remove_folder, .timeout = 600);

static void look(const char *options, char *output, size_t size)
{
    char command[256];
    snprintf(command, sizeof command, "lab/filters --load net.safetensors %s", options);
    cr_assert_eq(run(command, output, size), 0, "%s: %s", options, output);
}

static FILE *open_table(const char *name)
{
    char path[256], line[256];
    snprintf(path, sizeof path, "%s/pictures/%s", folder, name);
    FILE *file = fopen(path, "r");
    cr_assert(file && fgets(line, sizeof line, file), "%s", path);
    return file;
}

static bool exists(const char *name)
{
    char path[256];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "r");
    if (file)
        fclose(file);
    return file != NULL;
}

/* What the test digits of the sample are. */
static void read_labels(int *labels)
{
    FILE *file = fopen(TARN_SOURCE_DIR "/data/samples/test-labels.txt", "r");
    cr_assert(file);
    int count = 0;
    for (int c; (c = fgetc(file)) != EOF;)
        if (!isspace(c) && count < IMAGES)
            labels[count++] = c - '0';
    fclose(file);
    cr_assert_eq(count, IMAGES);
}

Test(example_filters, the_confusion_matrix_counts_every_image)
{
    char output[16384];
    int labels[IMAGES], of_class[CLASSES] = {0};
    read_labels(labels);
    for (int i = 0; i < IMAGES; i++)
        of_class[labels[i]]++;
    look("--dataset sample", output, sizeof output);
    cr_expect_eq(assert_csv("pictures/confusion.csv", "model,dataset,truth,guess,count"), 100);

    FILE *file = open_table("confusion.csv");
    int right = 0;
    for (int truth = 0; truth < CLASSES; truth++) {
        int sum = 0;
        for (int guess = 0; guess < CLASSES; guess++) {
            int t, g, count;
            cr_assert_eq(fscanf(file, " lenet,sample,%d,%d,%d", &t, &g, &count), 3);
            cr_expect(t == truth && g == guess && count >= 0);
            sum += count;
            right += t == g ? count : 0;
        }
        cr_expect_eq(sum, of_class[truth], "%d", truth);
    }
    fclose(file);
    const double accuracy = 100.0 * right / IMAGES;
    cr_expect_gt(accuracy, 85);
    cr_expect_float_eq(accuracy, number_after(training, "test accuracy: "), 0.006);
    cr_expect_eq(number_after(output, "most confident of "), IMAGES - right, "%s", output);
    cr_expect(strstr(output, "truth \\ guess"), "%s", output);
    cr_expect(strstr(output, "precision"), "%s", output);
}

Test(example_filters, mistakes_are_wrong_and_sorted)
{
    char output[16384];
    int labels[IMAGES];
    read_labels(labels);
    look("--dataset sample --count 13", output, sizeof output);
    const int mistakes =
        assert_csv("pictures/mistakes.csv", "index,truth,guess,probability,probability_of_truth");
    cr_expect_eq(mistakes, number_after(output, "the 13 most confident of "));

    FILE *file = open_table("mistakes.csv");
    char seen[IMAGES] = {0};
    double last = 1;
    int first_index = 0, first_guess = 0;
    double first_probability = 0;
    for (int i = 0; i < mistakes; i++) {
        int index, truth, guess;
        double probability, of_truth;
        cr_assert_eq(
            fscanf(file, "%d,%d,%d,%lf,%lf", &index, &truth, &guess, &probability, &of_truth), 5);
        cr_assert(index >= 0 && index < IMAGES && !seen[index]++);
        cr_expect_eq(truth, labels[index]);
        cr_expect(guess != truth && guess >= 0 && guess < CLASSES);
        cr_expect(probability <= last && probability >= 0.1 && of_truth <= probability);
        cr_expect_leq(probability + of_truth, 1 + 1e-6);
        last = probability;
        if (i == 0) {
            first_index = index;
            first_guess = guess;
            first_probability = probability;
        }
    }
    fclose(file);

    /* Layer by layer the network says the same. */
    char options[64];
    snprintf(options, sizeof options, "--dataset sample --digit %d", first_index);
    look(options, output, sizeof output);
    cr_expect_eq(number_after(output, "makes of it; guess "), first_guess, "%s", output);
    const char *guess = strstr(output, "makes of it; guess ");
    cr_assert(guess && strchr(guess, ','));
    cr_expect_float_eq(strtod(strchr(guess, ',') + 1, NULL), 100 * first_probability, 1e-3);
}

Test(example_filters, pictures_are_drawn)
{
    char output[16384];
    look("--dataset sample --count 13", output, sizeof output);
    if (system("command -v gnuplot >/dev/null") != 0)
        return;
    assert_picture("pictures/confusion", 800, 720);
    assert_picture("pictures/filters", 1000, 681);
    assert_picture("pictures/feature_maps", 1200, 675);
    assert_picture("pictures/mistakes", 1200, 359); /* in two lines */
}

/* The squares of the tables are the numbers, map by map, and every map is there. */
Test(example_filters, sheets_hold_the_numbers)
{
    char output[16384], options[64];
    int labels[IMAGES], one = 0;
    read_labels(labels);
    while (labels[one] != 1)
        one++;
    snprintf(options, sizeof options, "--dataset sample --digit %d --count 13", one);
    look(options, output, sizeof output);
    /* A 1 is twice as high as wide. */
    in_folder("awk -F, '$1 == 1 && $5 > 1 {x[$2]; y[$3]} END {exit !(length(y) > 2 * length(x))}' "
              "pictures/feature_maps.csv");
    in_folder("test $(wc -l <pictures/feature_maps_panels.csv) = 13");
    in_folder("grep -qx '12,\"Linear(84, 10)\",10,1,1,0,0,4,.*' pictures/feature_maps_panels.csv");
    in_folder("grep -q '^1,\"Filters .*: Conv2d(1, 6, 5, .padding = 2)\",6,5,5,1,1,3,' "
              "pictures/filters_panels.csv");
    assert_csv("pictures/feature_maps.csv", "panel,column,row,map,value");
    /* Of the first ReLU: what was above 0 in the layer before, in the same squares. */
    in_folder("awk -F, '$1 == 2 {v[$2, $3] = $5} $1 == 3 {n += $4 != \"\"; "
              "if ($5 != (v[$2, $3] > 0 ? v[$2, $3] : 0)) exit 1} "
              "END {exit n != 6 * 28 * 28}' pictures/feature_maps.csv");
    /* The largest of four neighbours: map 5 is the last of the second line of three. */
    in_folder(
        "awk -F, '$1 == 3 && $4 == 5 {x = $2 - 64; y = $3 - 32; k = int(x / 2) \" \" int(y / 2); "
        "if ($5 > m[k]) m[k] = $5} $1 == 4 && $4 == 5 {k = ($2 - 32) \" \" ($3 - 16); n++; "
        "if ($5 != m[k] + 0) exit 1} END {exit n != 196}' pictures/feature_maps.csv");
    in_folder("awk -F, 'NR > 1 && $4 != \"\" {n[$4]++; m += $5 < 0} "
              "END {for (i = 0; i < 13; i++) if (n[i] != 784) exit 1; exit m > 0}' "
              "pictures/mistakes_images.csv");
    in_folder("awk -F, 'NR > 1 {p += $2} END {exit !(p > 0.99999 && p < 1.00001)}' "
              "pictures/feature_maps_classes.csv");
}

Test(example_filters, tables_are_there_without_gnuplot)
{
    char output[16384];
    char *path = strdup(getenv("PATH"));
    setenv("PATH", "/nowhere", 1);
    look("--dataset sample --out other", output, sizeof output);
    setenv("PATH", path, 1);
    free(path);
    cr_expect(strstr(output, "gnuplot is not installed"), "%s", output);
    cr_expect_eq(assert_csv("other/confusion.csv", "model,dataset,truth,guess,count"), 100);
    cr_expect(exists("other/filters.csv") && !exists("other/filters.png"));
}

/* Three empty images that are said to be of a class. */
static void write_empty_images(int class)
{
    char command[400];
    snprintf(command, sizeof command,
             "mkdir -p empty && "
             "{ printf '\\0\\0\\10\\3\\0\\0\\0\\3\\0\\0\\0\\34\\0\\0\\0\\34'; "
             "head -c 2352 /dev/zero; } >empty/t10k-images-idx3-ubyte && "
             "printf '\\0\\0\\10\\1\\0\\0\\0\\3\\%o\\%o\\%o' >empty/t10k-labels-idx1-ubyte",
             (unsigned)class, (unsigned)class, (unsigned)class);
    in_folder(command);
}

Test(example_filters, few_mistakes_and_none)
{
    char output[16384];
    int guess = 0;
    write_empty_images(0);
    look("--dataset mnist --data empty", output, sizeof output);
    if (strstr(output, "taken for"))
        guess = (int)number_after(output, "0 taken for ");
    write_empty_images((guess + 1) % CLASSES);
    look("--dataset mnist --data empty", output, sizeof output);
    cr_expect(strstr(output, "the 3 most confident of 3 mistakes in 3 images"), "%s", output);
    if (system("command -v gnuplot >/dev/null") == 0)
        assert_picture("pictures/mistakes", 1200, 207);

    write_empty_images(guess);
    look("--dataset mnist --data empty", output, sizeof output);
    cr_expect(strstr(output, "None of the 3 test images"), "%s", output);
    cr_expect(!exists("pictures/mistakes.png"));
    cr_expect_eq(
        assert_csv("pictures/mistakes.csv", "index,truth,guess,probability,probability_of_truth"),
        0);
}

Test(example_filters, bad_input_gets_a_sentence)
{
    assert_refused("lab/filters --dataset sample", "--load: lenet.safetensors: ");
    assert_refused("lab/filters --dataset sample --load net.safetensors --model cnn",
                   "net.safetensors: has no tensor 2.weight");
    in_folder("head -c 1000 net.safetensors >cut.safetensors");
    assert_refused("lab/filters --dataset sample --load cut.safetensors", "cut.safetensors");
    assert_refused("lab/filters --dataset sample --load net.safetensors --digit 2000",
                   "--digit 2000: there are 2000 test images, expects 0 to 1999");
    assert_refused("lab/filters --dataset sample --load net.safetensors --digit -1", "--digit -1");
    assert_refused("lab/filters --dataset sample --load net.safetensors --count 0", "--count 0");
    assert_refused("lab/filters --data /nowhere --dataset mnist --load net.safetensors",
                   "/nowhere");
    assert_refused("lab/filters --dataset sample --load net.safetensors --out /nowhere/pictures",
                   "/nowhere/pictures: cannot be made");
    in_folder("mkdir full && ln -s /dev/full full/filters.csv");
    assert_refused("lab/filters --dataset sample --load net.safetensors --out full",
                   "full/filters.csv: cannot be written: No space");
}
