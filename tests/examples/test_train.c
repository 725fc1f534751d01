/* ./run train as a user runs it: its messages, its files, and the same bits at any number of
   threads. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "tests/examples/support.h"

TestSuite(train, .init = make_folder, .fini = remove_folder, .timeout = 240);

static bool has_gnuplot(void)
{
    return system("command -v gnuplot >/dev/null") == 0;
}

/* Runs it with these options. */
static int train(const char *options, char *output, size_t size)
{
    char command[480];
    snprintf(command, sizeof command, "lab/train %s", options);
    return run(command, output, size);
}

/* Asserts exit code 1, one line that holds the words, and no new file. */
static void assert_options_refused(const char *options, const char *words)
{
    char output[4096];
    int status = train(options, output, sizeof output);
    cr_expect_eq(status, 1, "%s: exit code %d", options, status);
    cr_expect(strstr(output, words), "%s: \"%s\" does not hold \"%s\"", options, output, words);
    cr_expect_eq(strchr(output, '\n'), output + strlen(output) - 1, "%s: more than one line: %s",
                 options, output);
    cr_expect(folder_is_empty(), "%s: left a file behind", options);
}

Test(train, refuses_bad_options)
{
    assert_options_refused("--sed 1", "--sed: unknown option");
    assert_options_refused("5", "5: cannot be read");
    assert_options_refused("--lr", "--lr: expects X behind it");
    assert_options_refused("--lr nan", "--lr nan: expects a number from");
    assert_options_refused("--lr abc", "--lr abc: expects a number from");
    assert_options_refused("--lr 0", "--lr 0: expects a number from");
    assert_options_refused("--lr -1", "--lr -1: expects a number from");
    assert_options_refused("--lr 1e999", "--lr 1e999: expects a number from");
    assert_options_refused("--lr=0.1x", "--lr 0.1x: expects a number from");
    assert_options_refused("--epochs 0", "--epochs 0: expects a whole number from 1");
    assert_options_refused("--epochs -3", "--epochs -3: expects a whole number from 1");
    assert_options_refused("--batch-size 0", "--batch-size 0: expects a whole number from 1");
    assert_options_refused("--batch-size some", "or all");
    assert_options_refused("--precision half", "--precision half: expects one of float, bf16");
    assert_options_refused("--threads 0", "--threads 0: expects a whole number from 1");
    assert_options_refused("--threads 99999999999999999999", "expects a whole number from 1");
    assert_options_refused("--optimizer adamm", "expects one of sgd, adagrad");
    assert_options_refused("--optimizer gd --batch-size 64", "expects all");
    assert_options_refused("--dataset sample --optimizer adam:beta=0.5", "beta");
    assert_options_refused("--dataset sample --optimizer adam:beta1=1", "beta1");
    assert_options_refused("--dataset sample --optimizer lion:momentum=0.5", "momentum");
    assert_options_refused("--schedule steps", "--schedule steps: schedule_by_name: there is no");
    assert_options_refused("--schedule step", "--schedule step: ");
    assert_options_refused("--anomaly=1", "--anomaly=1: expects no value");
}

Test(train, refuses_what_does_not_go_with_the_range_test)
{
    assert_options_refused("--find-lr --save model", "--find-lr: does not go with --save");
    assert_options_refused("--find-lr --log log.csv", "--find-lr: does not go with --log");
    assert_options_refused("--find-lr --seeds 2", "--find-lr: does not go with --seeds");
    assert_options_refused("--save model --seeds 2", "--save: does not go with --seeds");
    assert_options_refused("--watch --seeds 2", "--watch: does not go with --seeds");
    assert_options_refused("--find-lr --lr 0.1", "--find-lr: does not go with --lr");
    assert_options_refused("--find-lr --schedule cosine", "--find-lr: does not go with --schedule");
    assert_options_refused("--find-lr --epochs 2", "--find-lr: does not go with --epochs");
    assert_options_refused("--find-lr --anomaly", "--find-lr: does not go with --anomaly");
    assert_options_refused("--find-lr --optimizer gd", "another optimizer than gd");
    assert_options_refused("--find-lr --batch-size all", "expects a --batch-size");
}

Test(train, refuses_what_does_not_go_with_the_tape)
{
    assert_options_refused("--tape t.dot --find-lr", "--tape: does not go with --find-lr");
    assert_options_refused("--tape t.dot --save model", "--tape: does not go with --save");
    assert_options_refused("--tape t.dot --log log.csv", "--tape: does not go with --log");
    assert_options_refused("--tape t.dot --epochs 2", "--tape: does not go with --epochs");
    assert_options_refused("--tape t.dot --optimizer gd", "another optimizer than gd");
    assert_options_refused("--tape t.dot --batch-size all", "expects a --batch-size");
}

Test(train, refuses_bad_files)
{
    assert_options_refused("--dataset sample --save /nowhere/model",
                           "/nowhere/model: cannot be written");
    assert_options_refused("--dataset sample --save /dev/full", "/dev/full: cannot be written");
    assert_options_refused("--dataset sample --load /nowhere/model",
                           "/nowhere/model: cannot be read");
    assert_options_refused("--dataset sample --load /etc/hostname --log log.csv",
                           "/etc/hostname: ");
    assert_options_refused("--dataset sample --log /nowhere/log.csv",
                           "/nowhere/log.csv: cannot be written");
    char output[4096];
    cr_expect_eq(train("--dataset sample --tape /nowhere/t.dot", output, sizeof output), 1);
    cr_expect(strstr(output, "train: --tape /nowhere/t.dot: cannot be written: No such"), "%s",
              output);
    cr_expect_eq(train("--dataset sample --tape /dev/full", output, sizeof output), 1);
    cr_expect(strstr(output, "train: --tape /dev/full: tape_dot: cannot write: No space"), "%s",
              output);
    assert_options_refused("--data /nowhere --save model --log log.csv", "/nowhere: has no file");
}

static long file_size(const char *name)
{
    char path[128];
    struct stat status;
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return stat(path, &status) == 0 ? (long)status.st_size : -1;
}

Test(train, stops_when_training_diverges)
{
    char output[4096];
    cr_expect_eq(train("--dataset sample --epochs 3 --lr 1e9", output, sizeof output), 1);
    cr_expect(strstr(output, "train: the loss is nan: training has diverged"), "%s", output);
    cr_expect(strstr(output, "--anomaly names the operation"), "%s", output);
    cr_expect_null(strstr(output, "epoch 2"), "%s", output);
}

/* It would end with a network that guesses. */
Test(train, stops_when_the_loss_is_beyond_sense)
{
    char output[4096];
    cr_expect_eq(train("--dataset sample --epochs 3 --lr 4", output, sizeof output), 1);
    cr_expect(strstr(output, "epoch 1/3  loss "), "%s", output);
    cr_expect(strstr(output, "train: the loss is "), "%s", output);
    cr_expect(strstr(output, ": training has diverged; a smaller --lr may help"), "%s", output);
    cr_expect_null(strstr(output, "epoch 2"), "%s", output);
}

/* Training that diverges in its first epoch leaves a log of column names alone. */
Test(train, draws_no_log_without_epochs)
{
    char output[4096];
    cr_expect_eq(train("--dataset sample --lr 1e9 --log log.csv", output, sizeof output), 1);
    if (shell("command -v gnuplot", output, sizeof output) != 0)
        return;
    cr_expect_neq(shell("gnuplot -c " TARN_SOURCE_DIR "/examples/lab/plots/log.gp log.csv", output,
                        sizeof output),
                  0);
    cr_expect(strstr(output, "log.csv: has no epoch to draw"), "%s", output);
    cr_expect(file_size("log.png") < 0);
}

Test(train, gives_the_same_bits_with_any_number_of_threads)
{
    char output[4096], options[256];
    for (int threads = 1; threads <= 4; threads++) {
        snprintf(options, sizeof options,
                 "--dataset sample --epochs 1 --seed 3 --threads %d --save threads-%d", threads,
                 threads);
        cr_assert_eq(train(options, output, sizeof output), 0, "%s", output);
    }
    cr_expect_gt(file_size("threads-1"), 4 * 61706);
    cr_expect_eq(
        shell("cmp threads-1 threads-2 && cmp threads-1 threads-3 && cmp threads-1 threads-4",
              output, sizeof output),
        0, "%s", output);
    cr_assert_eq(train("--dataset sample --epochs 1 --seed 3 --save again", output, sizeof output),
                 0);
    cr_expect_eq(shell("cmp threads-1 again", output, sizeof output), 0, "%s", output);
}

Test(train, rounds_to_bfloat16)
{
    char output[4096], options[256];
    static const char *const kinds[] = {"--save float", "--precision bf16 --threads 1 --save one",
                                        "--precision bf16 --threads 3 --save three",
                                        "--precision float --save again"};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        snprintf(options, sizeof options, "--dataset sample --epochs 1 %s", kinds[i]);
        cr_assert_eq(train(options, output, sizeof output), 0, "%s", output);
    }
    cr_expect_eq(
        shell("cmp one three && cmp float again && ! cmp -s float one", output, sizeof output), 0,
        "%s", output);
}

/* What happens without one is a schedule too. */
Test(train, takes_a_schedule_by_name)
{
    char output[4096];
    const char *const commands[] = {"--save plain", "--schedule linear --save linear",
                                    "--schedule linear:end=1 --save constant"};
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        char options[128];
        snprintf(options, sizeof options, "--dataset sample --epochs 1 --model mlp %s",
                 commands[i]);
        cr_assert_eq(train(options, output, sizeof output), 0, "%s", output);
    }
    cr_expect_eq(shell("cmp plain linear && ! cmp -s plain constant", output, sizeof output), 0,
                 "%s", output);
}

Test(train, continues_from_a_saved_model)
{
    char output[4096];
    double accuracy = 0;
    cr_assert_eq(train("--dataset sample --epochs 2 --save model", output, sizeof output), 0);
    cr_assert_eq(
        train("--dataset sample --epochs 1 --load model --log log.csv", output, sizeof output), 0);
    const char *line = strstr(output, "test accuracy: ");
    cr_assert(line && sscanf(line, "test accuracy: %lf%%", &accuracy) == 1, "%s", output);
    cr_expect_gt(accuracy, 95.0);
    cr_assert_eq(shell("cat log.csv", output, sizeof output), 0);
    cr_expect(strstr(output, "seed,epoch,loss,accuracy,test_loss,test_accuracy,seconds,"
                             "images_per_second,"
                             "update_ratio:0 Conv2d,update_ratio:3 Conv2d,update_ratio:7 Linear,"
                             "update_ratio:9 Linear,update_ratio:11 Linear,"
                             "gradient_norm:0 Conv2d,gradient_norm:3 Conv2d,gradient_norm:7 Linear,"
                             "gradient_norm:9 Linear,gradient_norm:11 Linear\n1,1,"),
              "%s", output);
}

/* The log of a short run: its lines, and the least and the largest of some columns. */
static void assert_log(const char *name, int lines, const char *columns, double least, double most)
{
    char command[512], output[4096];
    snprintf(
        command, sizeof command,
        "awk -F, 'NR == 1 {n = NF; for (i = 1; i <= n; i++) use[i] = $i ~ /^%s:/} NF != n {exit 2} "
        "NR > 1 {for (i = 1; i <= n; i++) if (use[i]) {c++; if (!($i > %g && $i < %g)) exit 3}} "
        "END {print NR - 1, c}' %s",
        columns, least, most, name);
    int is_lines = 0, values = 0;
    cr_assert_eq(shell(command, output, sizeof output), 0, "%s, %s", name, columns);
    cr_assert_eq(sscanf(output, "%d %d", &is_lines, &values), 2, "%s", output);
    cr_expect(is_lines == lines && values == 5 * lines, "%s: %s", name, output);
}

Test(train, logs_how_much_each_layer_moves)
{
    char output[4096];
    cr_assert_eq(train("--dataset sample --epochs 2 --log log.csv", output, sizeof output), 0);
    assert_log("log.csv", 2, "update_ratio", 3e-4, 0.1);
    assert_log("log.csv", 2, "gradient_norm", 0.01, 10);
    /* At ten times the rate each layer moves ten times as far: it moves by the gradient alone. */
    /* It is one step, of which a network need not learn what can be told. */
    cr_assert_leq(train("--dataset sample --optimizer gd --epochs 1 --lr 0.01 --log gd.csv", output,
                        sizeof output),
                  1);
    cr_assert_leq(train("--dataset sample --optimizer gd --epochs 1 --lr 0.1 --log ten.csv", output,
                        sizeof output),
                  1);
    cr_expect_eq(shell("paste -d, gd.csv ten.csv | awk -F, 'NR == 2 {for (i = 9; i <= 13; i++) "
                       "if ($(i + 18) / $i < 9.99 || $(i + 18) / $i > 10.01 || "
                       "$(i + 23) != $(i + 5)) exit 1}'",
                       output, sizeof output),
                 0);
    if (has_gnuplot())
        assert_picture("log-layers", 800, 800);
}

/* Each run of several is the run of its seed alone, and the band is drawn of all. */
Test(train, trains_from_several_seeds)
{
    char output[8192], lines[2][512];
    cr_assert_eq(
        train("--dataset sample --epochs 1 --seed 4 --log four.csv", output, sizeof output), 0);
    cr_assert_eq(train("--dataset sample --epochs 1 --seed 3 --seeds 3 --log log.csv", output,
                       sizeof output),
                 0, "%s", output);
    cr_expect(strstr(output, "\nseed 3\n") && strstr(output, "\nseed 5\n"), "%s", output);
    cr_assert_eq(shell("cut -d, -f1-6,9- four.csv | tail -n 1", lines[0], sizeof *lines), 0);
    cr_assert_eq(shell("cut -d, -f1-6,9- log.csv | sed -n 3p", lines[1], sizeof *lines), 0);
    cr_expect(strncmp(lines[1], "4,1,0.", 6) == 0, "%s", lines[1]);
    cr_expect_str_eq(lines[0], lines[1]);

    char summary[128];
    cr_assert_eq(
        shell("cut -d, -f6 log.csv | tail -n 3 | sort | awk '{a[NR] = 100 * $1} END {printf "
              "\"test accuracy of 3 seeds: median %.2f%%, from %.2f to %.2f%%\", a[2], a[1], "
              "a[3]}'",
              summary, sizeof summary),
        0);
    cr_expect(strstr(output, summary), "%s: %s", summary, output);
    cr_expect(strstr(output, "log.png (and .svg): loss and accuracy") || !has_gnuplot());
    if (!has_gnuplot())
        return;
    assert_picture("log", 800, 400);
    cr_expect_eq(shell("grep -q 'median of 3 runs' log.svg", output, sizeof output), 0);
}

/* The training images' numbers are those of the network as it learns: of untrained weights with a
   rate of almost 0 those of guessing, and as many as the test's. */
Test(train, logs_loss_and_accuracy_of_both_splits)
{
    char output[4096];
    cr_assert_eq(train("--dataset sample --epochs 1 --save model", output, sizeof output), 0);
    cr_assert_eq(train("--dataset sample --epochs 1 --load model --lr 1e-12 --log log.csv", output,
                       sizeof output),
                 0);
    cr_assert_eq(shell("tail -n 1 log.csv | cut -d, -f3-6 | tr , ' '", output, sizeof output), 0);
    double loss, accuracy, test_loss, test_accuracy;
    cr_assert_eq(sscanf(output, "%lf %lf %lf %lf", &loss, &accuracy, &test_loss, &test_accuracy),
                 4);
    cr_expect_float_eq(loss, test_loss, 0.05, "%s", output);
    cr_expect_float_eq(accuracy, test_accuracy, 0.02, "%s", output);
    cr_expect_gt(accuracy, 0.9);
}

/* By the rules: Adam moves every weight by its rate at first, and gradient descent at one rate,
   which falls in a straight line. */
Test(train, watches_the_optimizer)
{
    char output[8192];
    const char *table = "pictures/watch.csv";
    cr_assert_eq(train("--dataset sample --epochs 1 --lr 0.001 --watch --log log.csv", output,
                       sizeof output),
                 0, "%s", output);
    const int rows =
        assert_csv(table, "step,layer,name,cosine,rate_5,rate_25,rate_50,rate_75,rate_95");
    cr_expect(rows >= 5 * 50 && rows <= 5 * 130, "%d", rows);
    assert_csv("pictures/watch_updates.csv", "step,layer,from,share");
    cr_expect_eq(shell("grep -q '^1,0,\"0 Conv2d\",,' pictures/watch.csv && "
                       "grep -q '^2,0,\"0 Conv2d\",-*[01][.]' pictures/watch.csv",
                       output, sizeof output),
                 0);
    cr_expect_eq(shell("awk -F, '$1 == 1 && $2 == 4 && $3 == 0.0009766 {share = $4} "
                       "END {exit !(share > 0.5)}' pictures/watch_updates.csv",
                       output, sizeof output),
                 0, "Adam's first step");
    assert_log("log.csv", 1, "update_ratio", 3e-4, 0.1); /* both look on */
    assert_picture("pictures/watch", 1000, 760);

    cr_assert_eq(train("--dataset sample --epochs 1 --optimizer sgd --lr 0.1 --watch", output,
                       sizeof output),
                 0, "%s", output);
    cr_expect_float_eq(column(line_of(table, "1,0,"), 4), 0.1, 0.02);
    cr_expect_float_eq(column(line_of(table, "1,0,"), 8), 0.1, 0.02);
    assert_refused("lab/train --watch --find-lr", "--find-lr: does not go with --watch");
}

/* The same numbers as in CSV, a JSON object a line. */
Test(train, logs_json_lines)
{
    char output[4096];
    cr_assert_eq(train("--dataset sample --epochs 1 --log log.jsonl", output, sizeof output), 0);
    cr_assert_eq(shell("cat log.jsonl", output, sizeof output), 0);
    cr_expect_eq(strstr(output, "{\"seed\": 1, \"epoch\": 1, \"loss\": 0."), output, "%s", output);
    cr_expect(strstr(output, ", \"update_ratio:0 Conv2d\": 0."), "%s", output);
    cr_expect_str_eq(strchr(output, '}'), "}\n", "%s", output);
}

/* LeNet on four images: the first entry makes 28 x 28 x 6 sums of 25 products, adds a bias, takes
   the larger of 0 and that, and looks for the largest in windows of as many numbers. */
Test(train, shows_the_tape)
{
    static const char *const entries[] = {"conv2d+relu+max_pool", "conv2d+relu+max_pool", "flatten",
                                          "linear+relu",          "linear+relu",          "linear",
                                          "cross_entropy"};
    enum { ENTRIES = sizeof entries / sizeof *entries };
    char output[8192], words[128];
    double forward = 0, backward = 0, value = 0;
    cr_assert_eq(
        train("--dataset sample --batch-size 4 --tape 'a tape.dot'", output, sizeof output), 0,
        "%s", output);
    cr_expect(strstr(output, "dot -Tpng 'a tape.dot' -o "), "%s", output);
    const char *row = output;
    for (int i = 0; i < ENTRIES; i++) {
        snprintf(words, sizeof words, "\n%d  %s ", i + 1, entries[i]);
        row = strstr(row, words);
        cr_assert(row, "%s: %s", words, output);
        if (i == 0) {
            const char *numbers = strstr(row, " 997,248 "); /* 4 28 28 6 (2 25 + 1 + 1 + 1) */
            cr_assert(numbers, "%s", output);
            cr_expect_eq(sscanf(numbers, " 997,248 %lf %lf %lf", &forward, &backward, &value), 3);
            cr_expect(forward > 0 && backward > 0 && value > 0, "%s", numbers);
        }
    }
    cr_assert_eq(shell("cat 'a tape.dot'", output, sizeof output), 0);
    for (int i = 0; i < ENTRIES; i++) {
        snprintf(words, sizeof words, "label=\"%d %s\\n", i + 1, entries[i]);
        cr_expect(strstr(output, words), "%s: %s", words, output);
    }
    cr_expect_null(strstr(output, "label=\"8 "), "%s", output);
    cr_expect(strstr(output, "11.weight\\n(84,10)"), "%s", output);
    if (shell("command -v dot", output, sizeof output) == 0)
        cr_expect_eq(shell("dot -Tsvg 'a tape.dot' -o tape.svg", output, sizeof output), 0);
}

Test(train, names_the_operation_that_made_an_infinity)
{
    char output[4096];
    cr_expect_eq(train("--dataset sample --lr 1e9 --anomaly", output, sizeof output), 1);
    cr_expect(strstr(output, "train: anomaly: linear+relu (entry 5): the result"), "%s", output);
    cr_expect_null(strstr(output, "epoch 1"), "%s", output);
}

/* Twice, with other numbers of threads; then with the command that it prints. */
Test(train, suggests_a_rate_that_trains)
{
    char output[4096], options[256] = "";
    cr_assert_eq(train("--find-lr --dataset sample --threads 1 --out one", output, sizeof output),
                 0, "%s", output);
    cr_assert_eq(train("--find-lr --dataset sample --threads 3 --out three", output, sizeof output),
                 0);
    double lr = 0, accuracy = 0;
    const char *line = strstr(output, "suggested rate: ");
    cr_assert(line && sscanf(line, "suggested rate: %lf", &lr) == 1, "%s", output);
    cr_expect(lr > 1e-3 && lr < 2e-2, "%s", output);
    cr_expect(strstr(output, "; the default is 0.004\n"), "%s", output);
    const char *command = strstr(output, "to train with it: ./run train --lr ");
    cr_assert(command && sscanf(command, "to train with it: ./run train %200[^\n]", options) == 1,
              "%s", output);
    const bool drawn = shell("command -v gnuplot", output, sizeof output) == 0;
    for (int i = 0; i < 2; i++)
        cr_expect(drawn == (file_size(i ? "three/find_lr.png" : "one/find_lr.png") > 1000));
    cr_expect_eq(shell("cmp one/find_lr.csv three/find_lr.csv && "
                       "cmp one/find_lr_runs.csv three/find_lr_runs.csv && "
                       "cmp one/find_lr_points.csv three/find_lr_points.csv",
                       output, sizeof output),
                 0, "%s", output);
    cr_expect_eq(shell("head -n 1 one/find_lr.csv && awk -F, 'NF != 4' one/find_lr.csv && "
                       "test $(wc -l <one/find_lr.csv) -gt 150",
                       output, sizeof output),
                 0);
    cr_expect_str_eq(output, "step,rate,loss,smoothed_loss\n");
    strcat(options, " --epochs 1");
    cr_assert_eq(train(options, output, sizeof output), 0, "%s: %s", options, output);
    line = strstr(output, "test accuracy: ");
    cr_assert(line && sscanf(line, "test accuracy: %lf%%", &accuracy) == 1, "%s", output);
    cr_expect_gt(accuracy, 90.0);
}

/* The losses of a trained network are mostly noise, and the first are averages of few. */
Test(train, suggests_no_rate_of_the_noise)
{
    char output[4096];
    double lr = 0;
    cr_assert_eq(train("--dataset sample --epochs 2 --save model", output, sizeof output), 0);
    cr_assert_eq(train("--find-lr --dataset sample --load model", output, sizeof output), 0);
    const char *line = strstr(output, "suggested rate: ");
    cr_assert(line && sscanf(line, "suggested rate: %lf", &lr) == 1, "%s", output);
    cr_expect(lr > 2e-5 && lr < 4e-3, "%s", output);
    cr_expect_null(strstr(output, "hardly fell"), "%s", output);
}

/* Where the weights decay faster than they learn, no rate learns. */
Test(train, says_when_a_suggestion_is_a_guess)
{
    char output[4096];
    cr_assert_eq(
        train("--find-lr --dataset sample --optimizer sgd:weight_decay=1000 --out \"it's a "
              "folder\"",
              output, sizeof output),
        0);
    cr_expect(strstr(output, "it hardly fell, so take the rate for a guess"), "%s", output);
    /* And the command is one that the shell takes. */
    cr_expect(strstr(output, "weight_decay=1000 --out 'it'\\''s a folder'\n"), "%s", output);
}

Test(train, suggests_rates_for_all_scales_of_optimizers)
{
    static const struct {
        const char *name;
        double least, most;
    } optimizers[] = {{"sgd", 0.02, 0.5}, {"adadelta", 0.1, 3}, {"lion", 2e-4, 5e-3}};
    char output[4096], options[256];
    for (int i = 0; i < 3; i++) {
        double lr = 0;
        snprintf(options, sizeof options, "--find-lr --dataset sample --optimizer %s",
                 optimizers[i].name);
        cr_assert_eq(train(options, output, sizeof output), 0, "%s", output);
        const char *line = strstr(output, "suggested rate: ");
        cr_assert(line && sscanf(line, "suggested rate: %lf", &lr) == 1, "%s", output);
        cr_expect(lr > optimizers[i].least && lr < optimizers[i].most, "%s: %g", options, lr);
    }
}

Test(train, writes_the_range_test_without_gnuplot)
{
    char output[4096];
    cr_assert_eq(shell("PATH=/nowhere '" TARN_EXAMPLES
                       "'/lab/train --find-lr --model mlp --dataset sample",
                       output, sizeof output),
                 0, "%s", output);
    cr_expect(strstr(output, "gnuplot is not installed; to draw the tables in pictures later: "
                             "gnuplot -c "),
              "%s", output);
    cr_expect(file_size("pictures/find_lr.csv") > 1000 && file_size("pictures/find_lr.png") < 0);
    cr_expect_eq(
        train("--find-lr --dataset sample --out pictures/find_lr.csv", output, sizeof output), 1);
    cr_expect(strstr(output, "train: pictures/find_lr.csv/find_lr.csv: cannot be written: Not a"),
              "%s", output);
}

Test(train, gradient_descent_lowers_the_loss_at_every_step)
{
    char output[8192];
    double before = 1e9, loss;
    int steps = 0;
    cr_assert_eq(train("--dataset sample --optimizer gd --epochs 6", output, sizeof output), 0);
    for (const char *at = output; (at = strstr(at, "  loss ")); at++, steps++) {
        cr_assert_eq(sscanf(at, "  loss %lf", &loss), 1);
        cr_expect_lt(loss, before);
        before = loss;
    }
    cr_expect_eq(steps, 6);
}
