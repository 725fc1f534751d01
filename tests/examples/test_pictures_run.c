/* ./run train FOLDER: the folder of a run, of which nobody else's is written over, and how a run
   ends and goes on. */
#include <signal.h>
#include <string.h>

#include "tests/examples/photos.h"

TestSuite(pictures_run, .init = write_pictures, .fini = remove_folder, .timeout = 240);

#define ENDLESS SMALL "--epochs 1000000 --patience 1000000 "
#define LONG SMALL "--epochs 1000 --patience 1000 "

/* Begins a run, and sends it a signal once it has a network. */
static void assert_stopped_by(const char *name, int status, const char *options)
{
    static char output[8192];
    char command[400];
    signal(SIGHUP, SIG_DFL); /* which is ignored where the tests run under nohup */
    snprintf(command, sizeof command,
             "%s/lab/train photos %s >log 2>&1 & while ! test -e trained/checkpoint.safetensors; "
             "do sleep 0.05; done; kill -%s $!; wait $!; status=$?; tail -n 3 log; exit $status",
             TARN_EXAMPLES, options, name);
    cr_assert_eq(shell(command, output, sizeof output), status, "%s", output);
    cr_expect(strstr(output, "--resume goes on"), "%s", output);
}

Test(pictures_run, a_folder_belongs_to_one_run)
{
    static char output[8192];
    assert_stopped_by("INT", 130, ENDLESS);
    assert_refused("lab/train photos " SMALL,
                   "trained: holds a run that was stopped, with which --resume goes on; "
                   "--overwrite removes it, another --out puts this one elsewhere");
    in_folder("test -s trained/checkpoint.safetensors");
    assert_refused("lab/train photos --resume --overwrite", "does not go with --overwrite");
    cr_assert_eq(
        run("lab/train photos " SMALL "--lr 0.01 --epochs 8 --overwrite", output, sizeof output), 0,
        "%s", output);
    in_folder("test ! -e trained/checkpoint.safetensors && test $(wc -l <trained/log.jsonl) = 8");
    assert_refused("lab/train photos " SMALL, "holds another run");
    assert_refused("lab/train --resume", "there is no run in trained that was stopped");
    in_folder("mkdir own && echo >own/report.html");
    assert_refused("lab/train photos --out own", "called as those of one: report.html");
}

/* A second signal, of either kind, ends it at once: both are there before it looks. */
Test(pictures_run, a_second_signal_ends_it)
{
    static char output[8192];
    char command[400];
    snprintf(command, sizeof command,
             "%s/lab/train photos " ENDLESS ">log 2>&1 & while ! test -e "
             "trained/checkpoint.safetensors; do sleep 0.05; done; kill -STOP $!; kill -INT $!; "
             "kill -TERM $!; kill -CONT $!; wait $!; status=$?; cat log; exit $status",
             TARN_EXAMPLES);
    const int status = shell(command, output, sizeof output);
    cr_expect(status == 130 || status == 143, "%d: %s", status, output);
    cr_expect_null(strstr(output, "--resume goes on"), "%s", output);
}

/* While a run writes there. */
Test(pictures_run, a_folder_belongs_to_one_program)
{
    static char output[8192];
    char command[600];
    for (int resume = 0; resume < 2; resume++) {
        snprintf(command, sizeof command,
                 "rm -rf trained; %s/lab/train photos " ENDLESS ">log 2>&1 & while ! test -e "
                 "trained/checkpoint.safetensors; do sleep 0.05; done; %s/lab/train %s; echo $?; "
                 "kill $!; wait $!",
                 TARN_EXAMPLES, TARN_EXAMPLES, resume ? "--resume" : "photos --overwrite");
        cr_expect_eq(shell(command, output, sizeof output), 143, "%s", output);
        cr_expect(strstr(output, "another run writes there at this moment"), "%s", output);
        cr_expect(strstr(output, "elsewhere\n1\n"), "%s", output);
    }
}

Test(pictures_run, goes_on_with_its_own_options)
{
    static char output[8192];
    assert_stopped_by("HUP", 129, LONG);
    assert_refused("lab/train photos --augment none --gray --batch-size 8 --resume",
                   "the run in trained was begun with --augment light (not none), without --gray; "
                   "leave out what differs, or begin anew with --overwrite or another --out");
    assert_refused("lab/train other --resume", "begun with FOLDER photos (not other); leave");
    assert_refused("lab/train --data csv:t --resume", "begun without --data; leave");
    assert_refused("lab/train photos --model cnn --resume", "with --model lenet (not cnn); leave");
    in_folder("test -s trained/checkpoint.safetensors");
    /* A file that was changed. */
    in_folder("cp trained/settings.txt kept; sed -i 's/light/ligit/' trained/settings.txt");
    assert_refused("lab/train --resume", "trained/settings.txt: line 4 is no setting");
    in_folder("sed 's/size 12/size 1x/' kept >trained/settings.txt");
    assert_refused("lab/train --resume", "trained/settings.txt: line 3 is no setting");
    in_folder("cp kept trained/settings.txt");
    /* The same number of pictures, but one is another. */
    in_folder("mv photos/red/7.ppm photos/red/70.ppm");
    assert_refused("lab/train --resume", "photos does not hold what the run in trained was begun "
                                         "with: other classes, files or pixels; --overwrite");
    in_folder("mv photos/red/70.ppm photos/red/7.ppm; cp -r photos/red photos/white");
    assert_refused("lab/train --resume", "does not hold what the run in trained was begun with");
    in_folder("rm -r photos/white");
    run("lab/train --resume --workers 0 >log; tail -n 1 log", output, sizeof output);
    cr_expect(strstr(output, "validation accuracy: "), "%s", output);
    in_folder("test ! -e trained/checkpoint.safetensors");
}

/* What nohup ignores stays ignored. */
Test(pictures_run, hanging_up_may_be_ignored)
{
    static char output[8192];
    char command[600];
    snprintf(command, sizeof command,
             "trap '' HUP; %s/lab/train photos " SMALL "--epochs 40 --patience 40 --lr 0.01 >log "
             "2>&1 & while ! test -e trained/checkpoint.safetensors; do sleep 0.02; done; kill "
             "-HUP $!; wait $!",
             TARN_EXAMPLES);
    cr_expect_eq(shell(command, output, sizeof output), 0, "%s", output);
}

/* All of it is looked at before any picture is read: the folder holds none. */
Test(pictures_run, a_folder_is_looked_at_first)
{
    in_folder("mkdir none && echo >file");
    assert_refused("lab/train none --out file", "--out file: is no folder");
    assert_refused("lab/train none --out a/b", "--out a/b: cannot be made: No such file");
    assert_refused("lab/train none --out none", "lies among the pictures of none");
    assert_refused("lab/train . --out trained", "lies among the pictures of .");
    assert_refused("lab/train none --resume", "there is no run in trained that was stopped");
    assert_refused("lab/train none", "none: has no folder in it");
    in_folder("test ! -e trained");
}

/* A file that may not become as large is refused, and no part of it is left. */
Test(pictures_run, a_full_disk_is_told_of)
{
    static char output[8192];
    char command[400];
    snprintf(command, sizeof command, "ulimit -f 20; %s/lab/train photos " SMALL, TARN_EXAMPLES);
    cr_expect_eq(shell(command, output, sizeof output), 1, "%s", output);
    cr_expect(strstr(output, "trained/model.safetensors: cannot be written: File too large"), "%s",
              output);
    in_folder("! ls -A trained | grep tarn");
}

/* Whoever reads the output through a pipe sees each line when it is there. */
Test(pictures_run, lines_come_at_once)
{
    char command[600];
    snprintf(command, sizeof command,
             "mkfifo pipe; %s/lab/train photos " ENDLESS ">pipe & grep -m 1 '^epoch 2/' <pipe && "
             "kill $!",
             TARN_EXAMPLES);
    in_folder(command);
}
