/*
 * Who leaves a local minimum, and who a saddle? Walkers on two surfaces of which all is known, 200
 * at a time: each weight of the parameters is a walker, since these optimizers move every weight by
 * its own gradient alone.
 *
 * A hump between two valleys: f(w) = w^4 / 4 - 0.42 w^2 - 0.16 w has the slope
 * f'(w) = (w + 0.8) (w + 0.2) (w - 1), a shallow valley at -0.8, a hump 0.054 above it at -0.2, and
 * a deep one at 1. The walkers start left of the hump, and the question is how many end right of
 * it. Noise is what a batch has: a normal number times the noise, added to each gradient. It climbs
 * the hump by chance, momentum by what it brought from higher up, and neither is needed to go down.
 *
 * A saddle: f(x, y) = x^2 - y^2 + y^4 / 4 (landscape/surfaces.c), from its ridge, y = 0. There the
 * gradient across is 0, and y stays what it is. Beside it gradient descent multiplies y by 1 + 2
 * eta in each step, so that a thousandth of the noise costs no more than log(1000) / log(1 + 2 eta)
 * steps.
 */
#include <math.h>
#include <stdio.h>

#include "examples/lab/landscape/surfaces.h"
#include "examples/lab/lib/optimizers.h"
#include "examples/lab/lib/options.h"
#include "examples/lab/lib/table.h"
#include "examples/lab/studies/study.h"

enum { WALKERS = 200 };
static const double LR = 0.05;

typedef struct walk {
    const char *optimizer;
    double noise;
} walk;

/* Backward through the sum of f, noise, and a step. */
static void step(tarn_optim *optimizer, tarn_tensor *f, tarn_params params, double noise)
{
    tarn_optim_zero_grad(optimizer);
    check(tarn_backward(tarn_sum(f)));
    for (int i = 0; noise > 0 && i < params.count; i++) {
        tarn_tensor *normal = tarn_randn(tarn_shape(WALKERS));
        check(normal);
        for (int k = 0; k < WALKERS; k++)
            tarn_gradients(params.tensors[i])[k] += (tarn_real)noise * tarn_values(normal)[k];
        tarn_free(normal);
    }
    tarn_optim_step(optimizer);
}

/* ---- Two valleys */

enum { STEPS = 4000, SHOWN = 1000, SHOWN_WALKER = 20 };
static const double HUMP = -0.2;
static const walk over_the_hump[] = {{"sgd", 0},      {"sgd", 0.3},      {"sgd", 1},
                                     {"momentum", 0}, {"momentum", 0.3}, {"nesterov", 0},
                                     {"adam", 0},     {"adam", 1}};

static double start_of(int walker)
{
    return -1.6 + 1.3 * walker / (WALKERS - 1);
}

static tarn_tensor *valleys(tarn_tensor *w)
{
    tarn_tensor *square = tarn_square(w);
    return tarn_sub(tarn_sub(tarn_scale(tarn_square(square), 0.25), tarn_scale(square, 0.42)),
                    tarn_scale(w, 0.16));
}

static void cross(const walk *how, table *paths, table *shares)
{
    tarn_tensor *w = tarn_requires_grad(tarn_zeros(tarn_shape(WALKERS)), true);
    check(w);
    tarn_params params = tarn_params_of(w);
    tarn_optim *optimizer = optimizer_new(how->optimizer, params, LR);
    int over = 0;
    for (int i = 0; i < WALKERS; i++)
        tarn_values(w)[i] = (tarn_real)start_of(i);
    for (int t = 0; t < STEPS; t++) {
        if (t <= SHOWN)
            table_row(paths, "%s,%g,%d,%.5g", how->optimizer, how->noise, t,
                      (double)tarn_values(w)[SHOWN_WALKER]);
        tarn_tape *tape = tarn_tape_begin();
        step(optimizer, valleys(w), params, how->noise);
        tarn_tape_end(tape);
    }
    for (int i = 0; i < WALKERS; i++)
        over += (double)tarn_values(w)[i] > HUMP;
    table_row(shares, "%s,%g,%.4f", how->optimizer, how->noise, over / (double)WALKERS);
    printf("%-10s %6g %10.1f%%\n", how->optimizer, how->noise, 100.0 * over / WALKERS);
    tarn_optim_free(optimizer);
    tarn_free(w);
}

/* ---- A saddle */

enum { SADDLE_STEPS = 500 };
static const walk off_the_ridge[] = {{"sgd", 0},  {"sgd", 1e-6},   {"sgd", 1e-3},
                                     {"sgd", 1},  {"momentum", 0}, {"momentum", 1e-6},
                                     {"adam", 0}, {"adam", 1e-6}};

/* The root mean square of y at each step, and the step with which each walker is off: |y| > 1. */
static void leave(const walk *how, table *paths, table *shares)
{
    const surface s = saddle_from_ridge();
    tarn_tensor *x = tarn_requires_grad(tarn_full(tarn_shape(WALKERS), s.start.x), true);
    tarn_tensor *y = tarn_requires_grad(tarn_full(tarn_shape(WALKERS), s.start.y), true);
    check(x && y);
    tarn_params params = tarn_params_of(x, y);
    tarn_optim *optimizer = optimizer_new(how->optimizer, params, LR);
    int left_at[WALKERS] = {0}, left = 0;
    double steps = 0;
    for (int t = 0; t <= SADDLE_STEPS; t++) {
        double squares = 0;
        for (int i = 0; i < WALKERS; i++) {
            const double distance = fabs((double)tarn_values(y)[i]);
            squares += distance * distance;
            if (distance > 1 && !left_at[i])
                left_at[i] = t, left++, steps += t;
        }
        table_row(paths, "%s,%g,%d,%.5g", how->optimizer, how->noise, t, sqrt(squares / WALKERS));
        tarn_tape *tape = tarn_tape_begin();
        step(optimizer, s.f(x, y), params, how->noise);
        tarn_tape_end(tape);
    }
    char after[32] = "";
    if (left)
        snprintf(after, sizeof after, "%.1f", steps / left);
    const double share = left / (double)WALKERS;
    table_row(shares, "%s,%g,%.4f,%s", how->optimizer, how->noise, share, after);
    printf("%-10s %6g %10.1f%% %10s\n", how->optimizer, how->noise, 100 * share, after);
    tarn_optim_free(optimizer);
    tarn_free(x), tarn_free(y);
}

static void run(const study_settings *s)
{
    table *paths = table_in(s->folder, "study_escape_paths.csv", "optimizer,noise,step,w");
    table *shares = table_in(s->folder, "study_escape.csv", "optimizer,noise,share");
    tarn_seed((uint64_t)s->seed);
    printf(
        "a hump between two valleys, rate %g, %d steps, %d starts from %g to %g:\n%-10s %6s %11s\n",
        LR, STEPS, WALKERS, start_of(0), start_of(WALKERS - 1), "optimizer", "noise", "got over");
    for (size_t i = 0; i < sizeof over_the_hump / sizeof *over_the_hump; i++)
        cross(&over_the_hump[i], paths, shares);
    table_end(paths), table_end(shares);

    paths = table_in(s->folder, "study_escape_saddle_paths.csv", "optimizer,noise,step,y");
    shares = table_in(s->folder, "study_escape_saddle.csv", "optimizer,noise,share,steps");
    printf("\na saddle, from its ridge, %d steps:\n%-10s %6s %11s %10s\n", SADDLE_STEPS,
           "optimizer", "noise", "left", "after");
    for (size_t i = 0; i < sizeof off_the_ridge / sizeof *off_the_ridge; i++)
        leave(&off_the_ridge[i], paths, shares);
    table_end(paths), table_end(shares);
}

const study study_escape = {"escape",
                            "who leaves a local minimum or a saddle: by momentum, by noise?",
                            run,
                            {{"study_escape", "over a hump, and off a saddle"}}};
