#include "examples/lab/tune/settings.h"

#include <stdio.h>
#include <string.h>

#include "examples/lab/lib/options.h"
#include "examples/lab/lib/table.h"
#include "examples/lab/tune/names.h"

/* Parts may stand in one argument or in several. */
static void join_space(tune_settings *s, const files *parts)
{
    size_t used = 0;
    if (parts->count == 0)
        die("expects a space of hyperparameters, such as 'lr=log:1e-4..1e-1' or "
            "'optimizer=adam|momentum,lr=log:1e-4..1e-1'");
    for (int i = 0; i < parts->count; i++) {
        used += (size_t)snprintf(s->space_text + used, sizeof s->space_text - used, "%s%s",
                                 i ? "," : "", parts->paths[i]);
        if (used >= sizeof s->space_text)
            die("%.40s...: is too long for a space, expects at most %zu letters", s->space_text,
                sizeof s->space_text - 1);
    }
    space_of(&s->space, s->space_text);
}

static tune_method method_of(const char *name)
{
    int method = 0;
    while (!is(tune_methods[method], name))
        method++;
    return (tune_method)method;
}

/* Fills in what depends on the rest, and refuses what does not go with it. */
static void settle(tune_settings *s, const files *parts, const char *method)
{
    join_space(s, parts);
    if (s->compare && (s->resume || method))
        die("--%s: does not go with --compare", s->resume ? "resume" : "method");
    s->search.method = method ? method_of(method) : TUNE_RANDOM;
    if (s->search.threads == 0)
        s->search.threads = tarn_threads();
    tarn_set_threads((int)s->search.threads);
    digits_choose(&s->digits);
}

static const char about[] =
    "Searches hyperparameters: trains a network on digits with each of many settings, compares "
    "them\n"
    "on images held out of training, and tells which settings are best and what mattered:\n"
    "    tune 'optimizer=adam|momentum,lr=log:1e-4..1e-1,batch=16|64|256'";

tune_settings *read_tune_settings(int argc, char **argv)
{
    static tune_settings s = {
        .search = {.trials = 24, .epochs = 3, .eta = 3, .rungs = 3, .seed = 1},
        .out = OUTPUT_FOLDER,
        .images = 10000,
        .seeds = 5,
        .validation = 0.2};
    search_settings *const how = &s.search;
    const char *method = NULL;
    static files parts;
    const option options[] = {
        OPTION_FILES_AT(&parts, "SPACE",
                        "names with choices a|b|c, a range low..high, log:low..high, or "
                        "1-log:low..high, and commas between them. Names: optimizer, model, batch, "
                        "schedule, seed, and what optimizers have: lr, beta1, weight_decay, ..."),
        OPTION_CHOICE_AT(&method, "method", "random|grid|halving", "default random", tune_methods),
        OPTION_COUNT_AT(&how->trials, "trials", "N",
                        "all may cost as much as N whole trainings; default 24. halving begins "
                        "more and stops most early; a grid has at most N points",
                        1, MAX_TRIALS),
        OPTION_COUNT_AT(&how->epochs, "epochs", "N", "of a whole training; default 3", 1, 1e6),
        OPTION_COUNT_AT(&s.images, "images", "N",
                        "of the training images, to train and to validate on; default 10000", 20,
                        1e9),
        OPTION_NUMBER_AT(&s.validation, "validation", "X",
                         "the part of them that trials are compared on; default 0.2", 0.01, 0.9),
        OPTION_COUNT_AT(&how->eta, "eta", "N", "halving: one of N goes on; default 3", 2, 100),
        OPTION_COUNT_AT(&how->rungs, "rungs", "N",
                        "halving: from 1/eta^(N-1) of a training up to all of it; default 3", 2,
                        MAX_RUNGS),
        OPTION_FLAG_AT(&s.resume, "resume", "go on with a run that was stopped"),
        OPTION_FLAG_AT(&s.compare, "compare",
                       "compare the three methods at equal cost, each with several seeds"),
        OPTION_COUNT_AT(&s.seeds, "seeds", "N", "--compare: default 5", 2, 1000),
        OPTION_SEED_AT(&how->seed),
        OPTION_COUNT_AT(&how->threads, "threads", "N",
                        "trials side by side, each in one thread; default: all cores", 1, 1024),
        DIGITS_OPTIONS(&s.digits),
        OUTPUT_OPTION(&s.out),
        OPTIONS_END};
    parse_options(argc, argv, about, options);
    settle(&s, &parts, method);
    return &s;
}

/* Replaces a set by a part of it: the second of two. */
static tarn_dataset *part_of(tarn_dataset *whole, double fraction, uint64_t seed)
{
    tarn_dataset *rest, *part;
    check(tarn_data_split(whole, fraction, seed, &rest, &part));
    tarn_dataset_free(whole);
    tarn_dataset_free(rest);
    return part;
}

tune_data read_tune_data(const tune_settings *s)
{
    static tune_data data; /* no leak where the program ends with a sentence */
    const uint64_t seed = (uint64_t)s->search.seed;
    tarn_dataset *all = digits_read(&s->digits, TARN_TRAIN);
    if (s->images < tarn_data_count(all))
        all = part_of(all, (double)s->images / (double)tarn_data_count(all), seed);
    check(tarn_data_split(all, s->validation, seed, &data.training, &data.validation));
    tarn_dataset_free(all);
    if (tarn_data_count(data.training) == 0 || tarn_data_count(data.validation) == 0)
        die("--images %ld: too few to train and to validate on", s->images);
    return data;
}

void free_tune_data(tune_data *data)
{
    tarn_dataset_free(data->training);
    tarn_dataset_free(data->validation);
}

command_text tune_command(const tune_settings *s)
{
    command_text t;
    const search_settings *how = &s->search;
    char halving[64] = "";
    if (how->method == TUNE_HALVING)
        snprintf(halving, sizeof halving, " --eta %ld --rungs %ld", how->eta, how->rungs);
    snprintf(t.text, sizeof t.text,
             "./run tune '%s' --method %s --trials %ld --epochs %ld%s --dataset %s --images %ld "
             "--validation %g --seed %ld",
             s->space_text, tune_methods[how->method], how->trials, how->epochs, halving,
             s->digits.dataset, s->images, s->validation, how->seed);
    return t;
}

double test_accuracy(const tune_settings *s, const tune_data *data, const trial *t)
{
    static const volatile sig_atomic_t never;
    static trial again;
    outcome result;
    again = *t;
    again.training = (training){0};
    trial_train(&again, data, s->search.epochs, 1, &never, &result);
    tarn_dataset *test = digits_read(&s->digits, TARN_TEST);
    tarn_loader *loader = tarn_loader_new(test, EVALUATION_BATCH);
    check(loader);
    const double accuracy = evaluate(again.training.model, loader, CLASSES).accuracy;
    tarn_loader_free(loader);
    tarn_dataset_free(test);
    trial_drop(&again);
    return accuracy;
}
