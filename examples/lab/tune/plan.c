/* Which trials a search makes, see search.h. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "examples/lab/lib/optimizers.h"
#include "examples/lab/lib/options.h"
#include "examples/lab/tune/search.h"

const char *const tune_methods[] = {"random", "grid", "halving", NULL};

static void make_trials(search *s, int count)
{
    s->count = count;
    s->trials = calloc((size_t)count, sizeof *s->trials);
    if (!s->trials)
        die("out of memory for %d trials", count);
}

/* Uniform numbers in [0, 1), of the thread's generator. */
static void draw(double *numbers, int count)
{
    tarn_tensor *drawn = tarn_rand(tarn_shape(count));
    check(drawn);
    for (int i = 0; i < count; i++)
        numbers[i] = (double)tarn_values(drawn)[i];
    tarn_free(drawn);
}

/* Trial after trial, so that more of them begin with the same ones. */
static void draw_trials(search *s, int count)
{
    make_trials(s, count);
    tarn_seed((uint64_t)s->settings.seed);
    for (int i = 0; i < count; i++)
        draw(s->trials[i].places, s->space->count);
}

/* ---- Grid */

static int points_of(const axis *a, int per_range)
{
    return a->scale == SCALE_CHOICES ? a->count : per_range;
}

/* How many combinations there are; MAX_TRIALS + 1 for more than that. */
static int grid_size(const space *s, int per_range)
{
    int count = 1;
    for (int i = 0; i < s->count && count <= MAX_TRIALS; i++)
        count *= points_of(&s->axes[i], per_range);
    return count < MAX_TRIALS ? count : MAX_TRIALS + 1;
}

static bool has_ranges(const space *s)
{
    for (int i = 0; i < s->count; i++)
        if (s->axes[i].scale != SCALE_CHOICES)
            return true;
    return false;
}

static void shuffle(trial *trials, int count)
{
    for (int i = count - 1; i > 0; i--) {
        double number;
        draw(&number, 1);
        const int other = (int)(number * (i + 1));
        const trial t = trials[i];
        trials[i] = trials[other];
        trials[other] = t;
    }
}

static void lay_grid(search *s)
{
    int per_range = 1;
    while (has_ranges(s->space) && grid_size(s->space, per_range + 1) <= s->settings.trials)
        per_range++;
    const int count = grid_size(s->space, per_range);
    if (count > s->settings.trials)
        die("--method grid: the choices alone make more than %ld combinations, expects a larger "
            "--trials or fewer choices",
            s->settings.trials);
    make_trials(s, count);
    for (int i = 0; i < count; i++)
        for (int a = 0, rest = i; a < s->space->count; a++) {
            const int points = points_of(&s->space->axes[a], per_range);
            s->trials[i].places[a] = (rest % points + 0.5) / points;
            rest /= points;
        }
    tarn_seed((uint64_t)s->settings.seed);
    shuffle(s->trials, count);
}

/* ---- Halving */

static int largest(int a, int b)
{
    return a > b ? a : b;
}

/* Sizes of the rungs that begin with so many trials; returns what they cost, in whole trainings. */
static double lay_rungs(search *s, int first)
{
    double cost = 0, before = 0;
    for (int r = 0; r < s->rungs; r++) {
        s->sizes[r] = r == 0 ? first : largest(1, s->sizes[r - 1] / (int)s->settings.eta);
        s->parts[r] = pow((double)s->settings.eta, r - s->rungs + 1);
        cost += s->sizes[r] * (s->parts[r] - before);
        before = s->parts[r];
    }
    return cost;
}

static void lay_halving(search *s)
{
    int first = 1;
    s->rungs = (int)s->settings.rungs;
    while (first < MAX_TRIALS && lay_rungs(s, first + 1) <= (double)s->settings.trials + 1e-9)
        first++;
    lay_rungs(s, first);
    if (first < 2)
        die("--method halving: %ld whole trainings are too few to choose among trials, expects "
            "--trials 2 or more",
            s->settings.trials);
    draw_trials(s, first);
}

/* ---- All three */

/* Finds the trials that train as an earlier one does. */
static void find_same(search *s)
{
    recipe_text *texts = malloc((size_t)s->count * sizeof *texts);
    if (!texts)
        die("out of memory for %d trials", s->count);
    for (int i = 0; i < s->count; i++) {
        texts[i] = recipe_options(&s->trials[i].recipe);
        for (int j = 0; j < i && !s->trials[i].same_as; j++)
            if (strcmp(texts[i].text, texts[j].text) == 0)
                s->trials[i].same_as = j + 1;
    }
    free(texts);
}

/* Lets the library see the options of an optimizer together, before anything is trained. */
static void check_optimizer(const recipe *r)
{
    tarn_tensor *weights = tarn_requires_grad(tarn_zeros(tarn_shape(2, 2)), true);
    check(weights);
    tarn_optim_free(optimizer_new(r->optimizer, tarn_params_of(weights), strtod(r->lr.text, NULL)));
    tarn_free(weights);
}

void search_plan(search *s, const search_settings *settings, const space *over,
                 const tune_data *data)
{
    *s = (search){.settings = *settings, .space = over, .data = data, .rungs = 1, .parts = {1}};
    if (settings->method == TUNE_GRID)
        lay_grid(s);
    else if (settings->method == TUNE_HALVING)
        lay_halving(s);
    else
        draw_trials(s, (int)settings->trials);
    s->sizes[0] = s->count;
    for (int i = 0; i < s->count; i++) {
        trial *t = &s->trials[i];
        t->number = i + 1;
        for (int a = 0; a < over->count; a++)
            t->values[a] = axis_value(&over->axes[a], t->places[a]);
        t->recipe = recipe_of(over, t->values, settings->seed);
        check_optimizer(&t->recipe);
    }
    find_same(s);
}

void search_free(search *s)
{
    for (int i = 0; i < s->count; i++)
        trial_drop(&s->trials[i]);
    free(s->trials);
    *s = (search){0};
}
