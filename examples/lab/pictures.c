/* Trains a network on a folder of pictures. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "examples/lab/lib/networks.h"
#include "examples/lab/lib/optimizers.h"
#include "examples/lab/lib/options.h"
#include "examples/lab/pictures.h"

static picture_settings read_settings(int argc, char **argv)
{
    static picture_settings s = {.label = "-1",
                                 .optimizer = "adam",
                                 .augment = "light",
                                 .out = "trained",
                                 .validation = 0.2,
                                 .size = 32,
                                 .epochs = 20,
                                 .patience = 10,
                                 .batch_size = 64,
                                 .seed = 1,
                                 .workers = 1};
    files folders = {0};
    char optimizers[640];
    snprintf(optimizers, sizeof optimizers, "%s; default adam", optimizer_names());
    const option options[] = {
        OPTION_FILES_AT(&folders, "FOLDER", "pictures, a folder for each class"),
        OPTION_TEXT_AT(&s.source, "data", "SOURCE",
                       "instead of FOLDER: list:FILE, a table of path,label; csv:FILE, a table of "
                       "numbers; cifar10:DIR, cifar100:DIR, mnist:DIR"),
        OPTION_CHOICE_AT(&s.model, "model", "lenet|cnn|resnet|mlp",
                         "default resnet; mlp for numbers", network_names),
        OPTION_TEXT_AT(&s.label, "label", "COLUMN",
                       "of csv:FILE: the name of the one with the classes, or its place from 0; "
                       "default -1, the last"),
        OPTION_COUNT_AT(&s.size, "size", "N", "pictures are scaled to N x N pixels; default 32", 1,
                        1024),
        OPTION_FLAG_AT(&s.gray, "gray", "without colours"),
        OPTION_CHOICE_AT(&s.augment, "augment", "none|shift|light|strong",
                         "small changes of the training pictures: light (default) shifts and "
                         "mirrors; shift does not mirror, for letters and digits; strong also "
                         "turns, scales, lights, erases",
                         augmentations),
        OPTION_NUMBER_AT(&s.validation, "validation", "SHARE",
                         "of each class, to validate on; default 0.2", 0, 0.9),
        OPTION_COUNT_AT(&s.epochs, "epochs", "N", "at most; default 20", 1, 1e6),
        OPTION_COUNT_AT(&s.patience, "patience", "N",
                        "stop after so many epochs without a better one; default 10", 1, 1e6),
        OPTION_TEXT_AT(&s.optimizer, "optimizer", "NAME[:OPTIONS]", optimizers),
        OPTION_NUMBER_AT(&s.lr, "lr", "X",
                         "rate at the start, falling to 0 (default: one that suits the optimizer)",
                         1e-20, 1e20),
        OPTION_COUNT_AT(&s.batch_size, "batch-size", "N", "default 64", 1, 1e6),
        OPTION_SEED_AT(&s.seed),
        OPTION_COUNT_AT(&s.workers, "workers", "N",
                        "threads that prepare pictures ahead; default 1", 0, TARN_WORKERS_MAX),
        OPTION_THREADS_AT(&s.threads),
        OPTION_TEXT_AT(&s.out, "out", "DIR",
                       "for network, checkpoint, log and report; default trained"),
        OPTION_FLAG_AT(&s.resume, "resume", "go on with the run in --out that was stopped"),
        OPTIONS_END};
    parse_options(
        argc, argv,
        "Trains a network on pictures of your own: on 80% of each class, and validates it "
        "on the rest.",
        options);
    if (folders.count + (s.source != NULL) != 1)
        die("expects one FOLDER of pictures, or --data");
    if (folders.count == 1)
        s.source = folders.paths[0];
    if (!s.model)
        s.model = strncmp(s.source, "csv:", 4) == 0 ? "mlp" : "resnet";
    const double lr = optimizer_rate(s.optimizer);
    if (s.lr == 0)
        s.lr = lr;
    return s;
}

bool wants_pictures(int argc, char **argv)
{
    static const char *const sources[] = {"list:", "csv:", "mnist:", "cifar10:", "cifar100:"};
    for (int i = 1; i < argc; i++) {
        if (argv[i][0] != '-' && i == 1)
            return true;
        for (size_t k = 0; k < sizeof sources / sizeof *sources; k++)
            if (strstr(argv[i], sources[k]))
                return true;
        if (is(argv[i], "--resume"))
            return true;
    }
    return false;
}

int train_pictures(int argc, char **argv)
{
    const picture_settings s = read_settings(argc, argv);
    if (s.threads)
        tarn_set_threads((int)s.threads);
    check_out(&s);
    /* Static, so that what they hold is no leak where the program ends with a sentence. */
    static picture_data d;
    static picture_training t;
    d = read_pictures(&s);
    t = begin_training(&s, &d);
    printf("%s with %lld parameters, %s, seed %ld, %d thread%s\n", s.model,
           (long long)tarn_nn_parameter_count(t.base.model), s.optimizer, s.seed, tarn_threads(),
           tarn_threads() == 1 ? "" : "s");
    fflush(stdout);
    train_pictures_to_end(&t, &s);
    write_outcome(&t, &s, &d);
    free_training(&t);
    free_pictures(&d);
    check_stdout();
    return 0;
}
