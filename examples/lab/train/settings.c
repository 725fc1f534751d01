#include "examples/lab/train/settings.h"

#include <math.h>
#include <stdio.h>

#include "examples/lab/lib/networks.h"
#include "examples/lab/lib/optimizers.h"
#include "examples/lab/lib/table.h"

/* Gradient descent: sgd on the whole training set at once. */
static const char *const gd = "gd";

/* What tries something on mini-batches instead of training goes with no option for training. */
static void check_instead(const settings *s, const char *what, const char *why)
{
    const char *const other = s->tape && s->find_lr      ? "--find-lr"
                              : s->save                  ? "--save"
                              : s->log                   ? "--log"
                              : s->watch                 ? "--watch"
                              : s->anomaly && s->find_lr ? "--anomaly"
                              : s->lr > 0 && s->find_lr  ? "--lr"
                              : s->schedule              ? "--schedule"
                              : s->epochs > 0            ? "--epochs"
                              : s->seeds > 1             ? "--seeds"
                                                         : NULL;
    if (other)
        die("%s: does not go with %s; it %s, and keeps nothing of the network", what, other, why);
    if (is(s->optimizer, gd) || s->batch_size == 0)
        die("%s: takes steps on mini-batches, expects a --batch-size and another optimizer than gd",
            what);
}

/* Fills in what depends on the optimizer, and refuses what does not go with it. */
static void settle_defaults(settings *s)
{
    const bool full = is(s->optimizer, gd);
    const double lr = optimizer_rate(full ? "sgd" : s->optimizer);
    if (s->tape)
        check_instead(s, "--tape", "shows what a step computes");
    else if (s->find_lr)
        check_instead(s, "--find-lr", "tries rates until training diverges");
    if (s->lr == 0)
        s->lr = lr;
    if (s->batch_size < 0)
        s->batch_size = full ? 0 : 64;
    if (full && s->batch_size != 0)
        die("--batch-size %ld: gd takes the whole training set at once, expects all (sgd is the "
            "one for mini-batches)",
            s->batch_size);
    if (!s->epochs)
        s->epochs = full ? 20 : 2;
    if (s->schedule && isnan(tarn_schedule_by_name(s->schedule, 0, 1)))
        die("--schedule %s: %s", s->schedule, tarn_error());
    if (s->watch && s->seeds > 1)
        die("--watch: does not go with --seeds; it draws one training, and %ld are asked for",
            s->seeds);
    if (s->save && s->seeds > 1)
        die("--save: does not go with --seeds; it keeps one network, and %ld are trained",
            s->seeds);
    if (s->log && s->save && is(s->log, s->save))
        die("--log %s: is the file to --save to as well", s->log);
}

static const char *const precisions[] = {"float", "bf16", NULL};

settings read_settings(int argc, char **argv)
{
    /* Negative: not given. */
    static settings s = {.model = "lenet",
                         .optimizer = "adam",
                         .precision = "float",
                         .batch_size = -1,
                         .seed = 1,
                         .seeds = 1,
                         .out = OUTPUT_FOLDER};
    char optimizers[640];
    snprintf(optimizers, sizeof optimizers,
             "gd, %s, with options behind a colon, such as adam:beta1=0.8,eps=1e-7; default adam",
             optimizer_names());
    const option options[] = {
        DIGITS_OPTIONS(&s.digits),
        OPTION_CHOICE_AT(&s.model, "model", "lenet|cnn|resnet|mlp", "default: lenet",
                         network_names),
        OPTION_TEXT_AT(&s.optimizer, "optimizer", "NAME[:OPTIONS]", optimizers),
        OPTION_NUMBER_AT(&s.lr, "lr", "X", "rate (default: one that suits the optimizer)", 1e-20,
                         1e20),
        OPTION_TEXT_AT(
            &s.schedule, "schedule", "NAME[:OPTIONS]",
            "how the rate changes over the steps, as tarn_schedule_by_name() has it, such "
            "as warmup:steps=100*cosine; default linear, which falls to 0"),
        OPTION_COUNT_AT(&s.epochs, "epochs", "N", "default 2; gd: 20", 1, 1e6),
        OPTION_WORD_OR_COUNT_AT(&s.batch_size, "batch-size", "N|all", "default 64; gd: all", 1, 1e6,
                                "all"),
        OPTION_SEED_AT(&s.seed),
        OPTION_COUNT_AT(&s.seeds, "seeds", "N",
                        "train so many times, with seeds from --seed on; default 1", 1, MAX_SEEDS),
        OPTION_THREADS_AT(&s.threads),
        OPTION_CHOICE_AT(&s.precision, "precision", "float|bf16",
                         "of what convolutions and matrix products multiply; default float",
                         precisions),
        OPTION_TEXT_AT(&s.log, "log", "FILE.csv",
                       "write a line for each epoch there, and draw them: FILE.png, and "
                       "FILE-layers.png; FILE.jsonl: as JSON, without pictures"),
        OPTION_FLAG_AT(&s.watch, "watch",
                       "write what the optimizer saw and did, layer by layer, to tables, and draw "
                       "it: angles between gradients, effective rates, updates"),
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
        OPTIONS_END};
    parse_options(
        argc, argv,
        "Trains a network on images of digits (or clothes) and tests it. On pictures of your "
        "own: train FOLDER, with other options; train FOLDER --help lists them.",
        options);
    settle_defaults(&s);
    return s;
}
