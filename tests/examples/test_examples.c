/* The examples as a user runs them: what they print, the files they leave, and their exit codes. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/examples/support.h"

TestSuite(examples, .init = make_folder, .fini = remove_folder, .timeout = 600);

Test(examples, regression_finds_the_line)
{
    char output[8192];
    cr_assert_eq(run("regression", output, sizeof output), 0, "%s", output);
    cr_expect_float_eq(number_after(output, "y = "), 3, 0.05);
    cr_expect_float_eq(number_after(output, " x "), -2, 0.05);
    cr_expect_lt(number_after(output, "loss "), 0.02);
    cr_expect(folder_is_empty());
}

Test(examples, spirals_are_told_apart)
{
    char output[8192];
    cr_assert_eq(run("spirals", output, sizeof output), 0, "%s", output);
    cr_expect(strstr(output, "100.0% right"), "%s", output);
    cr_expect(strstr(output, "::::"), "%s", output);
    cr_expect(folder_is_empty());
}

Test(examples, mnist_trains_the_same_at_any_number_of_threads)
{
    char output[8192];
    for (int threads = 1; threads <= 3; threads++) {
        char command[256];
        snprintf(command, sizeof command,
                 "OMP_NUM_THREADS=%d TARN_DATA=/nowhere '%s'/mnist --epochs 1 --seed 3 --save m%d",
                 threads, TARN_EXAMPLES, threads);
        cr_assert_eq(shell(command, output, sizeof output), 0, "%s", output);
        cr_expect(strstr(output, "taking the sample of MNIST\nepoch 1/1  loss "), "%s", output);
        cr_expect_gt(number_after(output, "test accuracy "), 93);
    }
    in_folder("cmp m1 m2 && cmp m1 m3");
}

Test(examples, mnist_refuses_what_it_cannot_do)
{
    char output[8192];
    cr_expect_eq(run("mnist --help", output, sizeof output), 0);
    cr_expect_eq(strncmp(output, "Usage: mnist [OPTION]... ", 25), 0, "%s", output);
    cr_expect_eq(run("mnist --epoch 1 picture", output, sizeof output), 1);
    assert_refused("mnist --epochs 0", "mnist: 0: expects a whole number from 1 to a million");
    assert_refused("mnist --seed 1x", "mnist: 1x: expects a whole number from 0");
    assert_refused("mnist --data /nowhere", "mnist: /nowhere: has no file");
    cr_expect(folder_is_empty());
    in_folder("ln -s /dev/full full");
    char command[256];
    snprintf(command, sizeof command, "TARN_DATA=/nowhere '%s'/mnist --epochs 1 --save full",
             TARN_EXAMPLES);
    cr_expect_eq(shell(command, output, sizeof output), 1);
    cr_expect(strstr(output, "mnist: "), "%s", output);
}

/* Written to a full disk, what a program prints is lost, and it says so. */
Test(examples, check_their_output)
{
    static const char *const commands[] = {
        "regression",       "backprop",
        "spirals",          "custom_op",
        "custom_module",    "custom_optimizer",
        "mnist --epochs 1", "lab/train --dataset sample --epochs 1"};
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        char line[256], output[4096];
        snprintf(line, sizeof line, "TARN_DATA=/nowhere '%s'/%s >/dev/full", TARN_EXAMPLES,
                 commands[i]);
        cr_expect_eq(shell(line, output, sizeof output), 1, "%s: %s", commands[i], output);
        cr_expect(strstr(output, "standard output cannot be written"), "%s: %s", commands[i],
                  output);
    }
}

Test(examples, check_their_help)
{
    static const char *const programs[] = {
        "mnist",       "lab/train",     "lab/optimizers",         "lab/filters",
        "lab/predict", "lab/landscape", "lab/landscape --network"};
    for (size_t i = 0; i < sizeof programs / sizeof *programs; i++) {
        char command[64], output[8192];
        snprintf(command, sizeof command, "%s --help", programs[i]);
        cr_expect_eq(run(command, output, sizeof output), 0, "%s: %s", command, output);
        cr_expect_eq(strncmp(output, "Usage: ", 7), 0, "%s: %s", command, output);
        strcat(command, " >/dev/full");
        cr_expect_eq(run(command, output, sizeof output), 1, "%s: %s", command, output);
    }
}

/* The header of an IDX file: bytes, in so many dimensions. */
static void write_idx(const char *name, int dimensions, int count, int pixels)
{
    char path[128];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "wb");
    cr_assert(file);
    const int sizes[] = {count, 28, 28};
    fwrite((const char[]){0, 0, 8, (char)dimensions}, 1, 4, file);
    for (int i = 0; i < dimensions; i++)
        fwrite((const char[]){0, 0, (char)(sizes[i] >> 8), (char)sizes[i]}, 1, 4, file);
    for (int i = 0; i < count * pixels; i++)
        fputc(pixels > 1 ? 0 : i % 10 < 5 ? 3 : i % 5, file);
    fclose(file);
}

/* Of black images there is nothing to learn but which class is the most common, 3: such a network
   is as one whose units have died. Its loss is finite. */
Test(examples, say_when_nothing_was_learned)
{
    char output[8192];
    write_idx("train-images-idx3-ubyte", 3, 640, 784);
    write_idx("train-labels-idx1-ubyte", 1, 640, 1);
    write_idx("t10k-images-idx3-ubyte", 3, 200, 784);
    write_idx("t10k-labels-idx1-ubyte", 1, 200, 1);
    cr_expect_eq(run("mnist --data . --save saved", output, sizeof output), 1, "%s", output);
    cr_expect(strstr(output, "mnist: test accuracy 60.00%: the network has learned nothing"), "%s",
              output);
    cr_expect_eq(run("lab/train --dataset mnist --data . --save saved", output, sizeof output), 1,
                 "%s", output);
    cr_expect(strstr(output, "train: the network has learned nothing: a test accuracy of 60.00% is "
                             "no better than always answering class 3 (60.00%)"),
              "%s", output);
    in_folder("test ! -e saved");
}

Test(examples, backprop_agrees_with_numeric_derivatives)
{
    char output[16384];
    cr_assert_eq(run("backprop --dot tape.dot", output, sizeof output), 0, "%s", output);
    cr_expect(strstr(output, "the gradients agree with the numeric derivatives"), "%s", output);
    /* By hand: z = (0, 1), h = (1/2, 1 / (1 + 1/e)), y = 1 - h[1] + 1/4, loss = (y - 1)^2. */
    cr_expect_float_eq(number_after(output, "    h        0.50000000"), 0.73105858, 1e-8);
    cr_expect_float_eq(number_after(output, "    y     "), 0.51894142, 1e-8);
    cr_expect_float_eq(number_after(output, "    loss  "), 0.23141736, 1e-8);
    /* dy = 2 (y - 1), dz[0] = dy 2 / 4, dW1[2] = x[1] dz[0]. */
    cr_expect_float_eq(number_after(output, "out  dy  "), -0.96211716, 1e-8);
    cr_expect_float_eq(number_after(output, "out  dW1[1,0] "), -0.96211716, 1e-8);
    cr_expect(strstr(output, "rule dz = dh h (1 - h)"), "%s", output);
    cr_expect(strstr(output, "rule da = dz, db1 = dz"), "%s", output);
    char command[160];
    snprintf(command, sizeof command, "grep -q 'label=\"W1' %s/tape.dot", folder);
    cr_expect_eq(system(command), 0);
    assert_refused("backprop --dot /nowhere/tape.dot",
                   "nothing: --dot /nowhere/tape.dot: No such file");
    assert_refused("backprop --dot /dev/full", "--dot /dev/full: tape_dot: cannot write");
}

Test(examples, custom_op_passes_its_gradient_check)
{
    char output[8192];
    cr_assert_eq(run("custom_op", output, sizeof output), 0, "%s", output);
    cr_expect(strstr(output, "gradient check: the gradients agree"), "%s", output);
    cr_expect(strstr(output, "channel 1: learned slope -0.500, truth -0.500"), "%s", output);
}

Test(examples, custom_module_is_like_any_other)
{
    char output[8192];
    cr_assert_eq(run("custom_module", output, sizeof output), 0, "%s", output);
    cr_expect(strstr(output, "SqueezeExcite(32, 8)  (1,11,11,32)          32"), "%s", output);
    const double trained = number_after(output, "test accuracy: ");
    cr_expect_gt(trained, 95);
    cr_expect_eq(number_after(output, "rebuilt from its file: "), trained);
    cr_expect(folder_is_empty());
}

Test(examples, rows_are_read_by_recurrent_networks)
{
    char output[8192];
    cr_assert_eq(run("rows", output, sizeof output), 0, "%s", output);
    cr_expect_gt(number_after(output, "LSTM of 64: 24458 parameters, test accuracy "), 80);
    cr_expect_gt(number_after(output, "GRU of 64: 18698 parameters, test accuracy "), 80);
    cr_expect(folder_is_empty());
}

Test(examples, vit_learns)
{
    char output[8192];
    cr_assert_eq(run("vit", output, sizeof output), 0, "%s", output);
    cr_expect_gt(number_after(output, "test accuracy: "), 75);
    cr_expect(folder_is_empty());
}

Test(examples, custom_optimizer_learns)
{
    char output[8192];
    cr_assert_eq(run("custom_optimizer", output, sizeof output), 0, "%s", output);
    cr_expect(strstr(output, "signum  epoch 3"), "%s", output);
    cr_expect_gt(number_after(output, "test accuracy "), 85);
}

/* What a reader needs is in the one file. */
Test(examples, are_one_short_file_each)
{
    in_folder("for file in '" TARN_SOURCE_DIR "'/examples/*.c; do "
              "test $(wc -l <$file) -le 150 && ! grep '#include \"' $file || exit 1; done");
}
