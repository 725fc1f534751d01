/* Searches, on a part of the sample and with few trials. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/examples/support.h"

TestSuite(tune, .init = make_folder, .fini = remove_folder, .timeout = 600);

#define SPACE "'optimizer=adam|momentum,lr=log:1e-4..1e-1,beta1=0.8..0.99,batch=16|32'"
#define SMALL "lab/tune --dataset sample --images 600 --epochs 1 "
#define COLUMNS                                                                                    \
    "dataset,method,trial,rung,epochs,optimizer,lr,beta1,batch,validation_loss,"                   \
    "validation_accuracy,diverged,cost,best_accuracy,seconds"
/* All columns but the last, the seconds. */
#define RESULTS(out) "sed 's/,[^,]*$//' " out "/tune.csv"

static char output[32768];

static void search(const char *options)
{
    char command[512];
    snprintf(command, sizeof command, "%s%s", SMALL, options);
    cr_assert_eq(run(command, output, sizeof output), 0, "%s: %s", options, output);
}

static void assert_said(const char *words)
{
    cr_assert(strstr(output, words), "\"%s\" does not hold \"%s\"", output, words);
}

Test(tune, random_search)
{
    search("--trials 12 " SPACE);
    assert_said("random search on sample: 12 trials, 481 training and 119 validation images");
    assert_said("trial  accuracy    loss  epochs  optimizer         lr");
    assert_said("What mattered: the part of the variance");
    assert_said("several together");
    const double validation = number_after(output, "validation accuracy ");
    cr_expect_gt(validation, 40);
    cr_expect_gt(number_after(output, "test accuracy "), 40);
    cr_expect_eq(assert_csv("pictures/tune.csv", COLUMNS), 12);
    assert_csv("pictures/tune_importance.csv", "hyperparameter,importance,deviation");
    in_folder("grep -q ,momentum,.*,,.*$ pictures/tune.csv"); /* it has no beta1 */
    assert_picture("pictures/tune", 800, 600);
    assert_picture("pictures/tune_parallel", 800, 600);
    assert_picture("pictures/tune_importance", 1040, 350);
}

/* The command at the end is one that train takes. */
Test(tune, the_command_trains)
{
    char command[512];
    search(
        "--trials 2 'lr=log:1e-3..1e-2,beta1=0.8..0.9,schedule=warmup:steps=3*cosine,model=mlp'");
    const char *words = "on all images: ./run ", *at = strstr(output, words);
    cr_assert(at);
    at += strlen(words);
    snprintf(command, sizeof command, "lab/%.*s --threads 1", (int)strcspn(at, "\n"), at);
    cr_assert(strstr(command, "--schedule 'warmup:steps=3*cosine'"), "%s", command);
    cr_expect_eq(run(command, output, sizeof output), 0, "%s: %s", command, output);
}

Test(tune, same_results_with_any_number_of_threads)
{
    search("--trials 4 --method halving --threads 1 --out one model=mlp " SPACE);
    search("--trials 4 --method halving --threads 4 --out four model=mlp " SPACE);
    in_folder(RESULTS("one") " >1 && " RESULTS("four") " | cmp - 1");
    in_folder("cmp one/tune_importance.csv four/tune_importance.csv");
    search("--trials 4 --method halving --seed 2 --out other model=mlp " SPACE);
    in_folder("! " RESULTS("other") " | cmp -s - 1");
}

/* What halving trains to the end is what random search trains: the same bits. Dropout is drawn from
   the generator of a thread, between other trials. */
Test(tune, halving_goes_on_where_it_stood)
{
    search(
        "--trials 3 --method halving --threads 2 --out h --images 200 model=cnn lr=log:1e-4..1e-2");
    assert_said("rung 1: 13 trials, up to 0.111 epochs\nrung 2: 4 trials, up to 0.333 epochs\n"
                "rung 3: 1 trials, up to 1 epochs\n");
    search("--trials 13 --threads 1 --out r --images 200 model=cnn lr=log:1e-4..1e-2");
    in_folder("grep ',[0-9]*,3,1,' h/tune.csv | cut -d, -f3,6-10 >last");
    in_folder("cut -d, -f3,6-10 r/tune.csv | grep -qxF -f last");
    cr_expect_leq(number_after(output, "validation accuracy "), 100);
}

Test(tune, grid)
{
    search("--method grid --trials 20 " SPACE);
    /* 2 x 2 choices leave two numbers of each range: 16, of which momentum has no use for beta1. */
    assert_said("16 trials");
    assert_said("4 of them train as an earlier one does");
    in_folder("cut -d, -f7 pictures/tune.csv | grep -c 0.0005623 | grep -qx 8");
    in_folder("cut -d, -f7 pictures/tune.csv | grep -c 0.01778 | grep -qx 8");
    in_folder("tail -1 pictures/tune.csv | grep -q ,12.0000,");
}

/* A whole run, and one that is cut off in the middle of a row. */
Test(tune, goes_on_from_what_is_there)
{
    search("--trials 4 --method halving " SPACE);
    in_folder(RESULTS("pictures") " >all && head -c 1200 pictures/tune.csv >part && "
                                  "mv part pictures/tune.csv");
    search("--trials 4 --method halving --threads 1 --resume " SPACE);
    in_folder(RESULTS("pictures") " | cmp - all");
    search("--trials 4 --method halving --resume " SPACE);
    in_folder(RESULTS("pictures") " | cmp - all");
    assert_refused(SMALL "--trials 5 --method halving --resume " SPACE,
                   "--resume: the run in there was begun as ./run tune 'optimizer=adam|momentum,");
    in_folder("sed -i '3s/,adam,/,sgd,/' pictures/tune.csv");
    assert_refused(SMALL "--trials 4 --method halving --resume " SPACE,
                   "--resume: row 3 of pictures/tune.csv is none of this search");
    in_folder("echo trial >pictures/tune.csv");
    assert_refused(SMALL "--trials 4 --method halving --resume " SPACE,
                   "pictures/tune.csv does not begin with the columns dataset,");
    assert_refused(SMALL "--out elsewhere --resume " SPACE, "there is no run to go on with");
}

Test(tune, stops_at_a_signal)
{
    shell("'" TARN_EXAMPLES "/lab/tune' --dataset sample --epochs 100 model=cnn lr=1e-3 >said & "
          "until test -e pictures/tune_command.txt; do sleep 0.1; done; kill -INT $!; wait $!; "
          "echo status $?",
          output, sizeof output);
    assert_said("status 130");
    in_folder("grep -q 'stopped; 0 results are in pictures/tune.csv. To go on: ./run tune "
              "'\"'\"'model=cnn,lr=1e-3'\"'\"' --method random --trials 24' said");
    in_folder("test $(wc -l <pictures/tune.csv) = 1");
}

/* A rate that takes the loss to infinity is a result, and the worst. */
Test(tune, what_diverges_is_last)
{
    search("--trials 10 --threads 1 optimizer=sgd 'lr=1e-2|1e9|2e9|3e9|4e9'");
    assert_said("  diverged       -");
    cr_expect_gt(number_after(output, "What mattered"), -1);
    in_folder("grep -q ',,,1,' pictures/tune.csv");
    assert_picture("pictures/tune", 800, 600);
    search("--trials 2 optimizer=sgd 'lr=1e9|2e9'");
    assert_said("all trials diverged: smaller rates may help");
    assert_said("(at least 10 trials are needed to say)");
    in_folder("rm pictures/*_importance.*");
    search("--trials 10 lr=log:1e-9..1e-8 model=mlp");
    assert_said("What mattered");
}

Test(tune, compares_the_methods)
{
    search("--compare --seeds 2 --trials 4 --images 300 lr=log:1e-4..1e-1");
    assert_said("               1               2               3               4            test");
    assert_said("\nhalving ");
    cr_expect_eq(
        assert_csv("pictures/tune_runs.csv", "method,seed,validation_accuracy,test_accuracy"), 6);
    cr_expect_gt(assert_csv("pictures/tune_compare.csv", "dataset,method,cost,accuracy,error"), 20);
    assert_picture("pictures/tune_compare", 800, 600);
}

Test(tune, refuses_bad_spaces)
{
    static const struct {
        const char *space, *words;
    } bad[] = {
        {"", "expects a space of hyperparameters, such as 'lr=log:1e-4..1e-1'"},
        {"lr", "lr: expects a name and values"},
        {"=3", "=3: expects a name and values"},
        {"lr=", "lr=: a choice is empty"},
        {"lr=0.1,,batch=2", "a part of the space is empty"},
        {"lr=0.1,", "a part of the space is empty"},
        {"lr=log:0..1", "lr=log:0..1: a logarithmic range begins above 0"},
        {"lr=1..0.1", "lr=1..0.1: the range ends below its beginning"},
        {"lr=1..1", "lr=1..1: is a range of one number, expects lr=1"},
        {"lr=x..1", "lr=x..1: \"x\" is no number"},
        {"lr=0..inf", "lr=0..inf: \"inf\" is no number"},
        {"lr=1..2..3", "lr=1..2..3: \"2..3\" is no number"},
        {"'lr=log:0.1|0.2'", "lr=log:0.1|0.2: expects a range behind the colon"},
        {"'lr=0.1||2'", "lr=0.1||2: a choice is empty"},
        {"lr=0.1,lr=1", "lr=1: lr stands there twice"},
        {"lr=abc", "lr=abc: adam: lr is \"abc\", expects a number"},
        {"beta3=0.1", "beta3=0.1: beta3 is neither optimizer, model, batch, schedule or seed"},
        {"optimizer=momentum,beta1=0.9", "nor an option of momentum"},
        {"optimizer=0..1", "optimizer=0..1: expects choices, such as optimizer=adam|momentum"},
        {"'optimizer=adam|gd'", "optimizer=adam|gd: there is no optimizer gd, expects some of"},
        {"'optimizer=adam|adam'", "optimizer=adam|adam: names adam twice"},
        {"optimizer=adam:beta1=2", "optimizer=adam:beta1=2: adam: beta1 is \"2\""},
        {"optimizer=adam:lr=0.1,lr=0.2", "lr=0.2: adam: lr is set twice"},
        {"optimizer=sgd,nesterov=true", "optim_sgd: nesterov is set, but momentum is 0"},
        {"beta1=0.8..1.5", "beta1=0.8..1.5: adam: beta1 is \"1.5\", expects a number in [0, 1)"},
        {"beta2=1-log:0.9..1", "logarithmic in 1 - beta2 ends below 1"},
        {"batch=1.5", "batch=1.5: \"1.5\" is no whole number from 1 on"},
        {"'batch=0|1'", "batch=0|1: \"0\" is no whole number from 1 on"},
        {"batch=16..20.5", "batch=16..20.5: expects whole numbers from 1 on"},
        {"batch=1-log:-3..-1", "batch=1-log:-3..-1: expects whole numbers from 1 on"},
        {"model=vgg", "model=vgg: there is no network vgg, expects some of lenet"},
        {"model=1..2", "model=1..2: expects choices, such as model=lenet|cnn"},
        {"schedule=foo", "schedule=foo: schedule_by_name: there is no schedule \"foo\""},
        {"'lr=\"1\"'", "holds a quotation mark"},
    };
    char command[256];
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        snprintf(command, sizeof command, "lab/tune --dataset sample %s", bad[i].space);
        assert_refused(command, bad[i].words);
    }
    cr_expect(folder_is_empty());
}

Test(tune, refuses_bad_options)
{
    assert_refused(SMALL "--compare --resume lr=0.1", "--resume: does not go with --compare");
    assert_refused(SMALL "--compare --method grid lr=0.1", "--method: does not go with --compare");
    assert_refused(SMALL "--method annealing lr=0.1",
                   "--method annealing: expects one of random, grid, halving");
    assert_refused(SMALL "--method grid --trials 3 'batch=1|2' 'lr=0.1|0.2'",
                   "--method grid: the choices alone make more than 3 combinations");
    assert_refused(SMALL "--method halving --trials 1 lr=0.1",
                   "--method halving: 1 whole trainings are too few");
    assert_refused(SMALL "--trials 0 lr=0.1", "--trials 0: expects a whole number from 1");
    cr_expect(folder_is_empty());
    in_folder("mkdir full && ln -s /dev/full full/tune.csv");
    assert_refused(SMALL "--out full lr=0.1", "full/tune.csv: cannot be written: No space");
}
