/*
 * Optimizers on their way down: where each rule goes on surfaces of two parameters, of which all
 * is known (landscape/surfaces.c), and after how many steps it is at a minimum.
 *
 * The gradients are tarn_backward()'s. From the same start each rule takes up to --steps steps
 * (5,000) with the rate that suits it best on this surface: of 0.0001, 0.0003, 0.001, ... 1 the
 * one with the fewest steps, or, where none gets there, the lowest f at the end. A minimum is
 * reached with the first step from which on the rule stays within 0.001 of it, for 100 steps (which
 * may end after the last of --steps); to come by is not enough. Adam is at Rosenbrock's minimum
 * after 762 steps, with rate 1. Lion cannot stay: its steps are as long as its rate, and at rates
 * that are small enough 5,000 of them do not lead there.
 *
 * An evaluation is f with its gradient, and every rule here needs one a step. Counted are those
 * from the start to the minimum, of both too: one more than the steps. What the search for the
 * rate took is told apart.
 *
 * Some of the optimizers are others in disguise here. Without batches sgd is
 * gd. Without decay adamw is adam, and with it the minima would be elsewhere. momentum-ema is
 * momentum with a tenth of the rate. muon makes the directions of a matrix equal; these parameters
 * are two numbers, which it leaves to adam.
 */
#include <math.h>
#include <stdio.h>

#include <tarn.h>

#include "examples/lab/landscape/descent.h"
#include "examples/lab/landscape/network.h"
#include "examples/lab/lib/optimizers.h"
#include "examples/lab/lib/options.h"
#include "examples/lab/lib/plots.h"
#include "examples/lab/lib/table.h"

enum { RATES = 9, GRID = 201 };

/* Those of the library that are not others in disguise. */
static const char *optimizers[MAX_OPTIMIZERS];
static int optimizer_count;

static void choose_optimizers(void)
{
    const char *all[MAX_OPTIMIZERS];
    const int count = optimizers_of(NULL, all);
    for (int i = 0; i < count; i++)
        if (!is(all[i], "adamw") && !is(all[i], "momentum-ema") && !is(all[i], "muon"))
            optimizers[optimizer_count++] = all[i];
}

static const double rates[RATES] = {1e-4, 3e-4, 1e-3, 3e-3, 0.01, 0.03, 0.1, 0.3, 1};

/* ---- The best rate */

typedef struct search {
    double lr; /* for all, instead of the best of the rates; 0 if there is none */
    long steps, runs, evaluations;
    tarn_progress bar;
} search;

static outcome descend_at_best_rate(const surface *s, const char *name, search *how)
{
    if (how->lr > 0)
        return descend(s, name, how->lr, how->steps, NULL);
    outcome best = {0};
    for (int i = 0; i < RATES; i++) {
        const outcome o = descend(s, name, rates[i], how->steps, NULL);
        if (i == 0 || is_better(&o, &best))
            best = o;
        how->evaluations += o.evaluations;
        tarn_progress_show(&how->bar, ++how->runs, SURFACES * optimizer_count * RATES, NAN);
    }
    return best;
}

/* ---- Tables */

static void print_outcome(const outcome *o, bool with_below)
{
    char steps[32];
    if (o->reached)
        snprintf(steps, sizeof steps, "%ld", o->steps);
    else
        snprintf(steps, sizeof steps, "%s", isfinite(o->f) ? "did not" : "diverged");
    printf("  %-9s  %6g  %8s  %11ld  (%8.4f, %8.4f)  %9.2g", name_of(o->optimizer), o->lr, steps,
           o->steps + 1, o->end.x, o->end.y, o->f);
    if (with_below && o->below >= 0)
        printf("  %7ld", o->below);
    else if (with_below)
        printf("  %7s", "never");
    putchar('\n');
}

/* All rules on one surface. */
static void compare(const surface *s, bool is_saddle, search *how, table *results, table *paths,
                    double *chosen)
{
    outcome outcomes[MAX_OPTIMIZERS];
    for (int i = 0; i < optimizer_count; i++) {
        const outcome o = descend_at_best_rate(s, optimizers[i], how);
        descend(s, o.optimizer, o.lr, how->steps, paths);
        table_row(results, "%s,%s,%g,%d,%ld,%ld,%.6f,%.6f,%.6g", s->name, name_of(o.optimizer),
                  o.lr, o.reached, o.steps, o.steps + 1, o.end.x, o.end.y, o.f);
        outcomes[i] = o;
        chosen[i] = o.lr;
    }
    tarn_progress_end(&how->bar);
    printf("%s: %s; from (%g, %g)\n", s->name, s->text, s->start.x, s->start.y);
    printf("  optimizer    rate     steps  evaluations  at                            f%s\n",
           is_saddle ? "  f < 0 after" : "");
    for (int i = 0; i < optimizer_count; i++)
        print_outcome(&outcomes[i], is_saddle);
    fflush(stdout);
}

/* Where the gradient across is exactly 0 no rule has a side to fall to. */
static void stay_on_the_ridge(const double *chosen, long steps)
{
    const surface s = saddle_from_ridge();
    int left = 0;
    for (int i = 0; i < optimizer_count; i++)
        left += descend(&s, optimizers[i], chosen[i], steps, NULL).end.y != 0;
    printf("from (%g, 0), on the ridge itself: %d of %d leave it\n", s.start.x, left,
           optimizer_count);
}

/* The known minima, and the gradient there, which shows that the formulas are right. */
static void write_minima(const char *folder)
{
    table *to = table_in(folder, "landscape_minima.csv", "surface,x,y,f,gradient");
    for (const surface *s = surfaces; s < surfaces + SURFACES; s++)
        for (const point *m = s->minima; m < s->minima + s->minima_count; m++) {
            tarn_tensor *x = parameter(m->x), *y = parameter(m->y);
            tarn_tape *tape = tarn_tape_begin();
            tarn_tensor *f = s->f(x, y);
            check(tarn_backward(f));
            table_row(to, "%s,%.6f,%.6f,%.6g,%.6g", s->name, m->x, m->y, (double)tarn_item(f),
                      hypot((double)tarn_gradients(x)[0], (double)tarn_gradients(y)[0]));
            tarn_tape_end(tape);
            tarn_free(x);
            tarn_free(y);
        }
    table_end(to);
}

/* The heights of a surface: a line of all x, behind their number, which gnuplot wants; then a line
   for each y. All in one forward pass. */
static void write_heights(const surface *s, const char *folder)
{
    char name[64], columns[16 * (GRID + 1)];
    snprintf(name, sizeof name, "landscape_%s.csv", s->name);
    tarn_tensor *x = tarn_zeros(tarn_shape(1, GRID)), *y = tarn_zeros(tarn_shape(GRID, 1));
    check(x && y);
    int length = snprintf(columns, sizeof columns, "%d", GRID);
    for (int i = 0; i < GRID; i++) {
        const double share = i / (GRID - 1.0), across = s->low.x + share * (s->high.x - s->low.x);
        tarn_values(x)[i] = (tarn_real)across;
        tarn_values(y)[i] = (tarn_real)(s->low.y + share * (s->high.y - s->low.y));
        length += snprintf(columns + length, sizeof columns - (size_t)length, ",%.6g", across);
    }
    tarn_tape *tape = tarn_tape_begin_no_grad();
    const tarn_real *f = tarn_values(s->f(x, y)); /* (GRID, GRID) */
    table *to = table_in(folder, name, columns);
    for (int row = 0; row < GRID; row++) {
        table_add(to, "%.6g", (double)tarn_values(y)[row]);
        for (int i = 0; i < GRID; i++)
            table_add(to, "%.6g", (double)f[row * GRID + i]);
        table_end_row(to);
    }
    table_end(to);
    tarn_tape_end(tape);
    tarn_free(x);
    tarn_free(y);
}

/* Whether it is the other landscape that was asked for; it has options of its own. */
static bool is_of_a_network(int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        if (is(argv[i], "--network"))
            return true;
    return false;
}

/* One surface as a film. */
static void animate(const char *surface_name, const char *folder)
{
    char name[64];
    table *to = table_in(folder, "landscape_animation.csv", "surface");
    table_row(to, "%s", surface_name);
    table_end(to);
    snprintf(name, sizeof name, "landscape_%s", surface_name);
    draw_animation("landscape_animation", folder, &(drawing){name, "step by step"});
}

static void surfaces_landscape(int argc, char **argv)
{
    bool network = false; /* here it is not; the line is for the help */
    const char *folder = OUTPUT_FOLDER, *animated = NULL;
    static const char *const names[] = {"rosenbrock", "beale",  "himmelblau",
                                        "ravine",     "saddle", NULL};
    search how = {.steps = 5000};
    const option options[] = {
        OUTPUT_OPTION(&folder),
        OPTION_COUNT_AT(&how.steps, "steps", "N", "at most, of each run; default 5000", 1, 1e6),
        OPTION_NUMBER_AT(&how.lr, "lr", "X",
                         "the rate of all optimizers; default: for each the best of a grid", 1e-8,
                         1e3),
        OPTION_CHOICE_AT(&animated, "animate", "SURFACE",
                         "the descent as a GIF too, and as frames, on rosenbrock, beale, "
                         "himmelblau, ravine or saddle",
                         names),
        OPTION_FLAG_AT(&network, "network",
                       "the loss of LeNet instead; --network --help lists its options"),
        OPTIONS_END};
    parse_options(argc, argv, "Sends optimizers down surfaces with known minima.", options);

    choose_optimizers();
    write_minima(folder);
    table *results =
        table_in(folder, "landscape.csv", "surface,optimizer,rate,reached,steps,evaluations,x,y,f");
    table *paths = table_in(folder, "landscape_paths.csv", "surface,optimizer,step,x,y,f");
    double chosen[MAX_OPTIMIZERS];
    how.bar = tarn_progress_begin("landscape");
    for (int i = 0; i < SURFACES; i++) {
        const bool is_saddle = i == SURFACES - 1;
        write_heights(&surfaces[i], folder);
        compare(&surfaces[i], is_saddle, &how, results, paths, chosen);
    }
    stay_on_the_ridge(chosen, how.steps);
    if (how.evaluations > 0)
        printf("choosing the rates took %ld evaluations\n", how.evaluations);
    table_end(paths);
    table_end(results);
    static const drawing pictures[] = {
        {"landscape", "all surfaces at a glance"},
        {"landscape_rosenbrock", "down Rosenbrock's valley, optimizer by optimizer"},
        {"landscape_beale", "down Beale's function"},
        {"landscape_himmelblau", "down Himmelblau's function"},
        {"landscape_ravine", "down the ravine"},
        {"landscape_saddle", "off the saddle"},
        {0}};
    draw_plots("landscape", folder, pictures);
    if (animated)
        animate(animated, folder);
}

int main(int argc, char **argv)
{
    if (is_of_a_network(argc, argv))
        network_landscape(argc, argv);
    else
        surfaces_landscape(argc, argv);
    check_stdout();
    return 0;
}
