/* A folder of checkpoints, of which the last or the best are kept. */
#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <unistd.h>

#include "tests/nn/nn_test.h"

static char folder[] = "/tmp/tarn-test-checkpoint-keep-XXXXXX";

static tarn_module *model;
static int64_t step;
static tarn_checkpoint all;

static void begin(void)
{
    cr_assert(mkdtemp(folder));
    cr_assert_eq(chdir(folder), 0);
    model = tarn_nn_linear(2, 1);
    all = (tarn_checkpoint){.model = model, .step = &step};
}

static void end(void)
{
    DIR *here = opendir(".");
    for (struct dirent *d; (d = readdir(here));)
        unlink(d->d_name);
    closedir(here);
    cr_assert_eq(rmdir(folder), 0);
    tarn_nn_free(model);
}

TestSuite(checkpoint_keep, .init = begin, .fini = end);

/* The numbers of the files that are there, ascending: "3 4 5". */
static const char *kept(void)
{
    static char text[200];
    size_t used = 0;
    text[0] = '\0';
    for (int i = 0; i < 1000; i++) {
        char name[64];
        snprintf(name, sizeof name, "checkpoint-%08d.safetensors", i);
        if (access(name, F_OK) == 0)
            used += (size_t)snprintf(text + used, sizeof text - used, "%s%d", used ? " " : "", i);
    }
    return text;
}

static void keep_best(int number, double metric)
{
    step = number;
    cr_assert(tarn_checkpoint_keep(&all, ".", number, .keep = 2, .best = true, .metric = metric),
              "%s", tarn_error());
}

Test(checkpoint_keep, the_last)
{
    for (int i = 1; i <= 5; i++) {
        step = 100 * i;
        cr_assert(tarn_checkpoint_keep(&all, folder, i), "%s", tarn_error());
        cr_assert_str_eq(kept(), ((const char *[]){"1", "1 2", "1 2 3", "2 3 4", "3 4 5"})[i - 1]);
    }
    cr_assert(tarn_checkpoint_keep(&all, folder, 5, .keep = 1)); /* once more */
    cr_assert_str_eq(kept(), "5");
    step = 0;
    cr_assert(tarn_checkpoint_load_last(&all, folder), "%s", tarn_error());
    cr_assert_eq(step, 500);
}

Test(checkpoint_keep, the_best_and_the_last)
{
    keep_best(1, 0.5);
    keep_best(2, 0.3);
    keep_best(3, 0.4);
    cr_assert_str_eq(kept(), "2 3");
    keep_best(4, 0.9); /* to resume from */
    cr_assert_str_eq(kept(), "2 3 4");
    keep_best(5, NAN);
    cr_assert_str_eq(kept(), "2 3 5");
    keep_best(6, 0.3); /* of equal ones the later */
    cr_assert_str_eq(kept(), "2 6");
    keep_best(7, 0.3);
    cr_assert_str_eq(kept(), "6 7");
    keep_best(8, -INFINITY);
    keep_best(9, 1);
    cr_assert_str_eq(kept(), "7 8 9");
    keep_best(8, -INFINITY);
    cr_assert_str_eq(kept(), "7 8");
    cr_assert(tarn_checkpoint_load_last(&all, "."), "%s", tarn_error());
    cr_assert_eq(step, 8);
}

Test(checkpoint_keep, the_largest)
{
    for (int i = 1; i <= 6; i++)
        cr_assert(tarn_checkpoint_keep(&all, folder, i, .keep = 2, .best = true, .maximize = true,
                                       .metric = i == 2 ? 0.9 : 0.1 * i));
    cr_assert_str_eq(kept(), "2 6");
}

/* Files that are not ours, or that cannot be read, are not removed by chance. */
Test(checkpoint_keep, other_files_stay)
{
    const char *const names[] = {"checkpoint-1.safetensors", "checkpoint-00000001.safetensors.bak",
                                 "checkpoint-000000001.safetensors", "model.safetensors",
                                 "checkpoint-0000000x.safetensors"};
    for (int i = 0; i < 5; i++)
        fclose(fopen(names[i], "w"));
    for (int i = 1; i <= 5; i++)
        cr_assert(tarn_checkpoint_keep(&all, ".", i, .keep = 1));
    for (int i = 0; i < 5; i++)
        cr_assert_eq(access(names[i], F_OK), 0, "%s", names[i]);
    cr_assert_str_eq(kept(), "5");
}

Test(checkpoint_keep, what_fails)
{
    cr_assert_not(tarn_checkpoint_load_last(&all, "."));
    cr_assert_str_eq(tarn_error(), ".: holds no checkpoint, expects a file such as "
                                   "checkpoint-00000001.safetensors");
    cr_assert_not(tarn_checkpoint_load_last(&all, "nowhere"));
    cr_assert_str_eq(tarn_error(), "nowhere: cannot be read: No such file or directory");
    cr_assert_not(tarn_checkpoint_keep(&all, "nowhere", 1));
    cr_assert(strstr(tarn_error(), "nowhere/checkpoint-00000001.safetensors: cannot be written"));
    assert_mistake(tarn_checkpoint_keep(&all, ".", -1), "the number -1");
    assert_mistake(tarn_checkpoint_keep(&all, ".", 1, .keep = 0), "keep is 0");
    assert_mistake(tarn_checkpoint_keep(NULL, ".", 1), "the checkpoint is NULL");
    assert_mistake(tarn_checkpoint_keep(&all, NULL, 1), "the folder is NULL");
    assert_mistake(tarn_checkpoint_load_last(&all, NULL), "the folder is NULL");
}
