/* The example as a user runs it: its messages, its files, and the same bits at any number of
 * threads. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <criterion/criterion.h>

static char folder[64];

static void make_folder(void)
{
    strcpy(folder, "/tmp/tarn-test-XXXXXX");
    cr_assert(mkdtemp(folder));
}

static void remove_folder(void)
{
    char command[128];
    snprintf(command, sizeof command, "rm -r %s", folder);
    cr_assert_eq(system(command), 0);
}

TestSuite(mnist, .init = make_folder, .fini = remove_folder);

/* Runs a command in the folder; gives its exit code and what it printed. */
static int shell(const char *command, char *output, size_t size)
{
    char line[640];
    snprintf(line, sizeof line, "cd %s && { %s; } 2>&1", folder, command);
    FILE *pipe = popen(line, "r");
    cr_assert(pipe);
    size_t length = fread(output, 1, size - 1, pipe);
    output[length] = '\0';
    int status = pclose(pipe);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* The same for the example with these options. */
static int run(const char *options, char *output, size_t size)
{
    char command[512];
    snprintf(command, sizeof command, "'%s' %s", TARN_MNIST, options);
    return shell(command, output, size);
}

/* Asserts exit code 1, one line that holds the words, and no new file. */
static void assert_refused(const char *options, const char *words)
{
    char output[4096];
    int status = run(options, output, sizeof output);
    cr_expect_eq(status, 1, "%s: exit code %d", options, status);
    cr_expect(strstr(output, words), "%s: \"%s\" does not hold \"%s\"", options, output, words);
    cr_expect_eq(strchr(output, '\n'), output + strlen(output) - 1, "%s: more than one line: %s",
                 options, output);
    cr_expect_eq(shell("test -z \"$(ls -A)\"", output, sizeof output), 0, "%s: left a file behind",
                 options);
}

Test(mnist, refuses_bad_options)
{
    assert_refused("--sed 1", "--sed: unknown option");
    assert_refused("5", "5: unexpected argument");
    assert_refused("--lr", "--lr: expects X behind it");
    assert_refused("--lr nan", "--lr nan: expects a number from");
    assert_refused("--lr abc", "--lr abc: expects a number from");
    assert_refused("--lr 0", "--lr 0: expects a number from");
    assert_refused("--lr -1", "--lr -1: expects a number from");
    assert_refused("--lr 1e999", "--lr 1e999: expects a number from");
    assert_refused("--lr=0.1x", "--lr 0.1x: expects a number from");
    assert_refused("--epochs 0", "--epochs 0: expects a whole number from 1");
    assert_refused("--epochs -3", "--epochs -3: expects a whole number from 1");
    assert_refused("--batch-size 0", "--batch-size 0: expects a whole number from 1");
    assert_refused("--batch-size some", "or all");
    assert_refused("--threads 0", "--threads 0: expects a whole number from 1");
    assert_refused("--threads 99999999999999999999", "expects a whole number from 1");
    assert_refused("--optimizer adamm", "expects one of gd, sgd, momentum");
    assert_refused("--optimizer gd --batch-size 64", "expects all");
    assert_refused("--optimizer adam --momentum 0.5", "adam has no momentum");
    assert_refused("--optimizer lion --momentum 0.5", "lion has no momentum");
    assert_refused("--optimizer muon --momentum 0", "expects more than 0");
    assert_refused("--optimizer nesterov --momentum 0", "expects more than 0");
    assert_refused("--momentum 1", "--momentum 1: expects a number from 0");
}

Test(mnist, refuses_bad_files)
{
    assert_refused("--dataset sample --save /nowhere/model", "/nowhere/model: cannot be written");
    assert_refused("--dataset sample --save /dev/full", "/dev/full: cannot be written");
    assert_refused("--dataset sample --load /nowhere/model", "/nowhere/model: cannot be read");
    assert_refused("--dataset sample --load /etc/hostname --log log.csv", "/etc/hostname: ");
    assert_refused("--dataset sample --log /nowhere/log.csv", "/nowhere/log.csv: cannot be written");
    assert_refused("--data /nowhere --save model --log log.csv", "/nowhere: has no file");
}

static long file_size(const char *name)
{
    char path[128];
    struct stat status;
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return stat(path, &status) == 0 ? (long)status.st_size : -1;
}

Test(mnist, stops_when_training_diverges)
{
    char output[4096];
    cr_expect_eq(run("--dataset sample --epochs 3 --lr 1e9", output, sizeof output), 1);
    cr_expect(strstr(output, "mnist: the loss is nan: training has diverged"), "%s", output);
    cr_expect_null(strstr(output, "epoch 2"), "%s", output);
}

Test(mnist, gives_the_same_bits_with_any_number_of_threads, .timeout = 240)
{
    char output[4096], options[256];
    for (int threads = 1; threads <= 4; threads++) {
        snprintf(options, sizeof options,
                 "--dataset sample --epochs 1 --seed 3 --threads %d --save threads-%d", threads,
                 threads);
        cr_assert_eq(run(options, output, sizeof output), 0, "%s", output);
    }
    cr_expect_gt(file_size("threads-1"), 4 * 61706);
    cr_expect_eq(
        shell("cmp threads-1 threads-2 && cmp threads-1 threads-3 && cmp threads-1 threads-4",
              output, sizeof output),
        0, "%s", output);
    cr_assert_eq(run("--dataset sample --epochs 1 --seed 3 --save again", output, sizeof output),
                 0);
    cr_expect_eq(shell("cmp threads-1 again", output, sizeof output), 0, "%s", output);
}

Test(mnist, continues_from_a_saved_model, .timeout = 240)
{
    char output[4096];
    double accuracy = 0;
    cr_assert_eq(run("--dataset sample --epochs 2 --save model", output, sizeof output), 0);
    cr_assert_eq(
        run("--dataset sample --epochs 1 --load model --log log.csv", output, sizeof output), 0);
    const char *line = strstr(output, "test accuracy: ");
    cr_assert(line && sscanf(line, "test accuracy: %lf%%", &accuracy) == 1, "%s", output);
    cr_expect_gt(accuracy, 95.0);
    cr_assert_eq(shell("cat log.csv", output, sizeof output), 0);
    cr_expect(strstr(output, "epoch,loss,test_accuracy,seconds,images_per_second\n1,"), "%s",
              output);
}

Test(mnist, gradient_descent_lowers_the_loss_at_every_step, .timeout = 240)
{
    char output[8192];
    double before = 1e9, loss;
    int steps = 0;
    cr_assert_eq(run("--dataset sample --optimizer gd --epochs 6", output, sizeof output), 0);
    for (const char *at = output; (at = strstr(at, "  loss ")); at++, steps++) {
        cr_assert_eq(sscanf(at, "  loss %lf", &loss), 1);
        cr_expect_lt(loss, before);
        before = loss;
    }
    cr_expect_eq(steps, 6);
}
