/*
 * Recipes: ./run mnist --recipe fast. Each trains a network from several seeds, tests it once, when
 * it is ready, and says how long that took. docs/records.md tells what is in them and what they
 * reach; recipes/fast.c is the one to read first.
 */
#include <math.h>
#include <stdio.h>

#include <tarn.h>

#include "examples/lab/lib/clock.h"
#include "examples/lab/lib/options.h"
#include "examples/lab/lib/training.h"
#include "examples/lab/recipes/recipe.h"

static const recipe *const recipes[] = {&recipe_fast, &recipe_small, &recipe_best, &recipe_fashion,
                                        &recipe_color};
enum { RECIPES = sizeof recipes / sizeof *recipes };
static const char *const recipe_names[] = {"fast", "small", "best", "fashion", "color", NULL};

/* ---- What is asked for */

typedef struct settings {
    const char *name, *data;
    source from;
    long seed, seeds, threads;
    double epochs;
} settings;

static const recipe *recipe_of(const char *name)
{
    for (int i = 0; i < RECIPES; i++)
        if (is(recipes[i]->name, name))
            return recipes[i];
    die("which recipe? expects --recipe fast, small, best, fashion or color; --help says what they "
        "are");
}

/* What --help says first. */
static const char *about(void)
{
    static char text[2048];
    int length = snprintf(text, sizeof text,
                          "Trains by a recipe, from several seeds, and says how well and how fast. "
                          "The recipes:\n");
    for (int i = 0; i < RECIPES; i++)
        length += snprintf(text + length, sizeof text - (size_t)length, "  %-7s %s\n",
                           recipes[i]->name, recipes[i]->goal);
    text[length - 1] = '\0';
    return text;
}

static settings read_settings(int argc, char **argv)
{
    settings s = {.name = "", .seed = 1};
    const option options[] = {
        OPTION_CHOICE_AT(&s.name, "recipe", "NAME", "which", recipe_names),
        OPTION_COUNT_AT(&s.seeds, "seeds", "N", "how many; default: as its goal says", 1, 10000),
        OPTION_COUNT_AT(&s.seed, "seed", "N", "the first of them; default 1", 0, 1e15),
        OPTION_CHOICE_AT(&s.from.digits.dataset, "dataset", "mnist|fashion|sample",
                         "default: fashion for fashion, else mnist if it is there, else sample",
                         digits_datasets),
        OPTION_TEXT_AT(&s.data, "data", "DIR",
                       "folder with the data; for color CIFAR-10 in its binary version, or "
                       "pictures, a folder for each class"),
        OPTION_FLAG_AT(&s.from.holdout, "holdout",
                       "test on 5,000 of the training pictures instead: to choose settings by"),
        OPTION_NUMBER_AT(&s.epochs, "epochs", "X", "parts of one too; default: the recipe's", 1e-6,
                         1e6),
        OPTION_THREADS_AT(&s.threads),
        OPTIONS_END};
    parse_options(argc, argv, about(), options);
    return s;
}

/* Where the pictures of this recipe are. */
static void choose_data(settings *s, const recipe *r)
{
    if (r->color && s->from.digits.dataset)
        die("--dataset %s: are digits, and the recipe color is for pictures; expects --data DIR",
            s->from.digits.dataset);
    if (r->color) {
        s->from.folder = s->data;
        return;
    }
    if (!s->from.digits.dataset)
        s->from.digits.dataset = r->dataset;
    s->from.digits.folder = s->data;
    digits_choose(&s->from.digits);
}

/* ---- What came of it */

/* Mean and standard error; the latter is NaN for one. */
typedef struct spread {
    double mean, error;
} spread;

static spread spread_of(long count, double sum, double squares)
{
    const double n = (double)count, mean = sum / n;
    return (spread){mean, sqrt(fmax(0, squares / n - mean * mean) / (n - 1))};
}

static void describe(const settings *s, const recipe *r, const ingredients *all)
{
    printf("recipe %s on %s: %lld pictures to train on, %lld %s to test on; threads %d\n", r->name,
           r->color ? s->from.folder : s->from.digits.dataset,
           (long long)tarn_data_count(all->training), (long long)tarn_data_count(all->test),
           s->from.holdout ? "held out of them" : "others", tarn_threads());
    printf("%8s %10s %12s %12s\n", "seed", "accuracy", "training", "from start");
}

/* The seconds from the start of the program are those of a run of this seed alone. */
static void run(const settings *s, const recipe *r, const ingredients *all, double reading)
{
    double sum = 0, squares = 0, seconds = 0;
    outcome o = {0};
    for (long i = 0; i < s->seeds; i++) {
        o = recipe_follow(r, all, (uint64_t)(s->seed + i));
        sum += o.accuracy, squares += o.accuracy * o.accuracy, seconds += o.seconds;
        printf("%8ld %9.2f%% %10.2f s %10.2f s\n", s->seed + i, 100 * o.accuracy, o.seconds,
               reading + o.end - o.begin);
        fflush(stdout);
    }
    const spread mean = spread_of(s->seeds, sum, squares);
    printf("%8s %9.3f%% %10.3f s", "mean", 100 * mean.mean, seconds / (double)s->seeds);
    if (s->seeds > 1)
        printf("   accuracy +- %.3f%%, its standard error", 100 * mean.error);
    printf("\n%lld parameters, %lld steps of %d pictures\n", (long long)o.parameters,
           (long long)o.steps, r->batch);
}

int main(int argc, char **argv)
{
    const double start = seconds_now();
    settings s = read_settings(argc, argv);
    recipe r = *recipe_of(s.name);
    if (s.epochs > 0)
        r.epochs = s.epochs;
    if (s.seeds == 0)
        s.seeds = r.seeds;
    if (s.threads)
        tarn_set_threads((int)s.threads);
    choose_data(&s, &r);
    static ingredients all; /* no leak where the program ends with a sentence */
    all = ingredients_new(&r, &s.from);
    const double reading = seconds_now() - start;
    describe(&s, &r, &all);
    run(&s, &r, &all, reading);
    ingredients_free(&all);
    check_stdout();
    return 0;
}
