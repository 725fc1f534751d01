#include <stdio.h>

#include "examples/lab/lib/networks.h"
#include "examples/lab/lib/optimizers.h"
#include "examples/lab/lib/options.h"
#include "examples/lab/pictures/pictures.h"

static void parse(picture_settings *s, files *folders, int argc, char **argv)
{
    char optimizers[640];
    snprintf(optimizers, sizeof optimizers, "%s; default adam", optimizer_names());
    const option options[] = {
        OPTION_FILES_AT(folders, "FOLDER", "pictures, a folder for each class"),
        OPTION_TEXT_AT(&s->data, "data", "SOURCE",
                       "instead of FOLDER: list:FILE, a table of path,label; csv:FILE, a table of "
                       "numbers; cifar10:DIR, cifar100:DIR, mnist:DIR"),
        OPTION_CHOICE_AT(&s->model, "model", "lenet|cnn|resnet|mlp",
                         "default resnet; mlp for numbers", network_names),
        OPTION_TEXT_AT(&s->label, "label", "COLUMN",
                       "of csv:FILE: the name of the one with the classes, or its place from 0; "
                       "default -1, the last"),
        OPTION_COUNT_AT(&s->size, "size", "N", "pictures are scaled to N x N pixels; default 32", 1,
                        1024),
        OPTION_FLAG_AT(&s->gray, "gray", "without colours"),
        OPTION_CHOICE_AT(&s->augment, "augment", "none|shift|light|strong",
                         "small changes of the training pictures: light (default) shifts and "
                         "mirrors; shift does not mirror, for letters and digits; strong also "
                         "turns, scales, lights, erases",
                         augmentations),
        OPTION_NUMBER_AT(&s->validation, "validation", "SHARE",
                         "of each class, to validate on; default 0.2", 0, 0.9),
        OPTION_COUNT_AT(&s->epochs, "epochs", "N", "at most; default 20", 1, 1e6),
        OPTION_COUNT_AT(&s->patience, "patience", "N",
                        "stop after so many epochs without a better one; default 10", 1, 1e6),
        OPTION_TEXT_AT(&s->optimizer, "optimizer", "NAME[:OPTIONS]", optimizers),
        OPTION_NUMBER_AT(&s->lr, "lr", "X",
                         "rate at the start, falling to 0 (default: one that suits the optimizer)",
                         1e-20, 1e20),
        OPTION_COUNT_AT(&s->batch_size, "batch-size", "N", "default 64", 1, 1e6),
        OPTION_SEED_AT(&s->seed),
        OPTION_COUNT_AT(&s->workers, "workers", "N",
                        "threads that prepare pictures ahead; default 1", 0, TARN_WORKERS_MAX),
        OPTION_THREADS_AT(&s->threads),
        OPTION_TEXT_AT(&s->out, "out", "DIR",
                       "for network, checkpoint, log and report; default trained"),
        OPTION_FLAG_AT(&s->resume, "resume",
                       "go on with the run in --out that was stopped, with its options"),
        OPTION_FLAG_AT(&s->overwrite, "overwrite", "remove the run that is in --out"),
        OPTIONS_END};
    parse_options(
        argc, argv,
        "Trains a network on pictures of your own: on 80% of each class, and validates it "
        "on the rest.",
        options);
}

static void count_default(long *count, long value)
{
    *count = *count < 0 ? value : *count;
}

/* What the source does not use stays as it is. */
static void fill_defaults(picture_settings *s)
{
    const bool numbers = source_has_numbers(s);
    s->model = s->model ? s->model : numbers ? "mlp" : "resnet";
    s->optimizer = s->optimizer ? s->optimizer : "adam";
    s->lr = s->lr > 0 ? s->lr : optimizer_rate(s->optimizer);
    if (numbers)
        s->label = s->label ? s->label : "-1";
    else
        s->augment = s->augment ? s->augment : "light";
    if (source_is_scaled(s))
        count_default(&s->size, 32);
    if (!source_has_test(s) && s->validation < 0)
        s->validation = 0.2;
    count_default(&s->epochs, 20);
    count_default(&s->patience, 10);
    count_default(&s->batch_size, 64);
    count_default(&s->seed, 1);
    count_default(&s->workers, 1);
}

picture_settings read_picture_settings(int argc, char **argv)
{
    static picture_settings s = {.out = "trained",
                                 .lr = -1,
                                 .validation = -1,
                                 .size = -1,
                                 .epochs = -1,
                                 .patience = -1,
                                 .batch_size = -1,
                                 .seed = -1,
                                 .workers = -1};
    files folders = {0};
    parse(&s, &folders, argc, argv);
    const int sources = folders.count + (s.data != NULL);
    if (sources > 1 || (sources == 0 && !s.resume))
        die("expects one FOLDER of pictures, or --data");
    if (folders.count == 1)
        s.folder = folders.paths[0];
    if (s.resume && s.overwrite)
        die("--resume: does not go with --overwrite");
    if (s.resume)
        recall_settings(&s);
    check_source(&s);
    if (s.optimizer && is(s.optimizer, "gd"))
        die("--optimizer gd: takes the whole training set at once, expects one for mini-batches, "
            "such as sgd");
    fill_defaults(&s);
    optimizer_check(s.optimizer, s.lr);
    return s;
}
