#include "examples/lab/train_settings.h"

#include <stdio.h>

#include "examples/lab/lib/options.h"
#include "examples/lab/lib/output.h"
#include "examples/lab/lib/rules.h"

static const char *const models[] = {"lenet", "cnn", NULL};

/* The range test trains for some hundred mini-batches at rates of its own, and then for nothing. */
static void check_find_lr(const settings *s)
{
    const char *const other = s->save         ? "--save"
                              : s->log        ? "--log"
                              : s->anomaly    ? "--anomaly"
                              : s->lr > 0     ? "--lr"
                              : s->epochs > 0 ? "--epochs"
                                              : NULL;
    if (other)
        die("--find-lr: does not go with %s; it tries rates until training diverges, and keeps "
            "nothing of the network",
            other);
    if (find_rule(s->optimizer) == find_rule("gd") || s->batch_size == 0)
        die("--find-lr: a rate for each mini-batch is what it tries, expects a --batch-size and "
            "another optimizer than gd");
}

/* A few steps on one mini-batch. */
static void check_tape(const settings *s)
{
    const char *const other = s->find_lr      ? "--find-lr"
                              : s->save       ? "--save"
                              : s->log        ? "--log"
                              : s->epochs > 0 ? "--epochs"
                                              : NULL;
    if (other)
        die("--tape: does not go with %s; it shows what a step computes, and keeps nothing of the "
            "network",
            other);
    if (find_rule(s->optimizer) == find_rule("gd") || s->batch_size == 0)
        die("--tape: a step on a mini-batch is what it shows, expects a --batch-size and another "
            "optimizer than gd");
}

/* Fills in what depends on the optimizer, and refuses what does not go with it. */
static void settle_defaults(settings *s)
{
    const bool gd = find_rule(s->optimizer) == find_rule("gd");
    const rule *chosen = find_rule(s->optimizer);
    if (!chosen)
        die("--optimizer %s: expects one of %s", s->optimizer, rule_names(true));
    if (s->tape)
        check_tape(s);
    else if (s->find_lr)
        check_find_lr(s);
    if (s->lr == 0)
        s->lr = chosen->lr;
    if (s->batch_size < 0)
        s->batch_size = gd ? 0 : 64;
    if (gd && s->batch_size != 0)
        die("--batch-size %ld: gd takes the whole training set at once, expects all (sgd is the "
            "one for mini-batches)",
            s->batch_size);
    if (!s->epochs)
        s->epochs = gd ? 20 : 2;
    if (s->log && s->save && is(s->log, s->save))
        die("--log %s: is the file to --save to as well", s->log);
}

settings read_settings(int argc, char **argv)
{
    /* Negative: not given. */
    static settings s = {
        .model = "lenet", .optimizer = "adam", .batch_size = -1, .seed = 1, .out = OUTPUT_FOLDER};
    char optimizers[640];
    snprintf(optimizers, sizeof optimizers,
             "%s, with options behind a colon, such as adam:beta1=0.8,eps=1e-7; default adam",
             rule_names(true));
    option table[] = {
        DIGITS_OPTIONS(&s.digits),
        OPTION_CHOICE_AT(&s.model, "model", "lenet|cnn", "default: lenet", models),
        OPTION_TEXT_AT(&s.optimizer, "optimizer", "NAME[:OPTIONS]", optimizers),
        OPTION_NUMBER_AT(&s.lr, "lr", "X",
                         "rate at the start, falling to 0 (default: one that suits the optimizer)",
                         1e-20, 1e20),
        OPTION_COUNT_AT(&s.epochs, "epochs", "N", "default 2; gd: 20", 1, 1e6),
        {.name = "batch-size",
         .argument = "N|all",
         .help = "default 64; gd: all",
         .kind = OPTION_COUNT,
         .value = &s.batch_size,
         .min = 1,
         .max = 1e6,
         .word = "all"},
        OPTION_COUNT_AT(&s.seed, "seed", "N", "default 1", 0, 1e15),
        OPTION_COUNT_AT(&s.threads, "threads", "N", "default: all cores", 1, 1024),
        OPTION_TEXT_AT(&s.log, "log", "FILE.csv",
                       "write a line for each epoch there; gnuplot -c examples/lab/plots/log.gp "
                       "FILE.csv draws it"),
        OPTION_TEXT_AT(&s.save, "save", "FILE", "write the trained parameters there (safetensors)"),
        OPTION_TEXT_AT(&s.load, "load", "FILE", "start from the parameters in there"),
        OPTION_FLAG_AT(&s.anomaly, "anomaly",
                       "name the first operation that makes a NaN or an infinity (slower)"),
        OPTION_FLAG_AT(&s.find_lr, "find-lr",
                       "instead of training, try growing rates and suggest one, with a picture"),
        OPTION_TEXT_AT(&s.tape, "tape", "FILE.dot",
                       "instead of training, print what a step computes, with times, and write the "
                       "graph of it there; dot -Tpng FILE.dot -o FILE.png draws it"),
        OUTPUT_OPTION(&s.out),
        {.name = NULL},
    };
    parse_options(
        argc, argv,
        "Trains a network on images of digits (or clothes) and tests it. On pictures of your "
        "own: train FOLDER, with other options; train FOLDER --help lists them.",
        table);

    settle_defaults(&s);
    return s;
}
