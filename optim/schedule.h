/*
 * How the rate changes during training.
 *
 * A schedule is a function of the number t of the step (or the epoch), from 0 on: the factor by
 * which the base rate is multiplied there. It has no state, and nothing of it belongs into a
 * checkpoint but t. Two multiply, or follow one another:
 *
 *     for (int64_t t = 0; t < 1000; t++) {
 *         ...
 *         tarn_optim_set_lr(optimizer, lr * tarn_schedule_warmup(t, 100)
 *                                         * tarn_schedule_exponential(t, 0.99));
 *         tarn_optim_step(optimizer);
 *     }
 *
 *     double factor = t < 100 ? tarn_schedule_warmup(t, 100) : tarn_schedule_cosine(t - 100, 900);
 *
 * A t below 0, a number of steps below 1, a number outside of its range or NaN is a mistake, and
 * the result is NaN, which tarn_optim_set_lr() refuses too. Values are those of PyTorch's
 * schedulers where the text names no difference; what is an absolute rate there is a part of the
 * base rate here. Arguments by name: 0 means the default. The function behind X is X_with.
 */
#ifndef TARN_OPTIM_SCHEDULE_H
#define TARN_OPTIM_SCHEDULE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/api.h"

TARN_API_BEGIN

/* ---- Falls. gamma is finite and at least 0; above 1 the rate grows. */

/* gamma^(t / every), the quotient rounded down. */
double tarn_schedule_step(int64_t t, int64_t every, double gamma);

/* gamma^(how many of the milestones are at most t): tarn_schedule_multi_step(t, 0.1, 30, 60) */
#define tarn_schedule_multi_step(t, gamma, ...)                                                    \
    tarn_schedule_multi_step_of((t), (gamma),                                                      \
                                (int)(sizeof((int64_t[]){__VA_ARGS__}) / sizeof(int64_t)),         \
                                (const int64_t[]){__VA_ARGS__})
double tarn_schedule_multi_step_of(int64_t t, double gamma, int count, const int64_t *milestones);

/* gamma^t */
double tarn_schedule_exponential(int64_t t, double gamma);

/* ---- Ramps over a number of steps. */

/* From start at t = 0 in a straight line to 1 at t = steps, and 1 from there on. start is in
   [0, 1], default 0, which spends the first step on nothing (PyTorch's LinearLR has 1/3). */
typedef struct tarn_schedule_warmup_args {
    int64_t t, steps;
    double start;
    int end_;
} tarn_schedule_warmup_args;
double tarn_schedule_warmup_with(tarn_schedule_warmup_args args);
#define tarn_schedule_warmup(...)                                                                  \
    tarn_schedule_warmup_with((tarn_schedule_warmup_args){__VA_ARGS__, .end_ = 0})

/* From 1 at t = 0 in a straight line to end at t = total, and end from there on. end is in [0, 1],
   default 0. */
typedef struct tarn_schedule_linear_args {
    int64_t t, total;
    double end;
    int end_;
} tarn_schedule_linear_args;
double tarn_schedule_linear_with(tarn_schedule_linear_args args);
#define tarn_schedule_linear(...)                                                                  \
    tarn_schedule_linear_with((tarn_schedule_linear_args){__VA_ARGS__, .end_ = 0})

/* (1 - t / total)^power, and 0 from total on. power is above 0, default 1. */
typedef struct tarn_schedule_polynomial_args {
    int64_t t, total;
    double power;
    int end_;
} tarn_schedule_polynomial_args;
double tarn_schedule_polynomial_with(tarn_schedule_polynomial_args args);
#define tarn_schedule_polynomial(...)                                                              \
    tarn_schedule_polynomial_with((tarn_schedule_polynomial_args){__VA_ARGS__, .end_ = 0})

/* Half a cosine (Loshchilov, Hutter 2017): min + (1 - min) (1 + cos(pi t / total)) / 2, and min
   from total on, where PyTorch's rate rises again. min is in [0, 1], default 0. */
typedef struct tarn_schedule_cosine_args {
    int64_t t, total;
    double min;
    int end_;
} tarn_schedule_cosine_args;
double tarn_schedule_cosine_with(tarn_schedule_cosine_args args);
#define tarn_schedule_cosine(...)                                                                  \
    tarn_schedule_cosine_with((tarn_schedule_cosine_args){__VA_ARGS__, .end_ = 0})

/* The same again and again (the paper's warm restarts): the first fall takes first steps, each that
   follows multiply times as many as the one before. multiply is at least 1, default 1. */
typedef struct tarn_schedule_cosine_restarts_args {
    int64_t t, first;
    int multiply;
    double min; /* in [0, 1], default 0 */
    int end_;
} tarn_schedule_cosine_restarts_args;
double tarn_schedule_cosine_restarts_with(tarn_schedule_cosine_restarts_args args);
#define tarn_schedule_cosine_restarts(...)                                                         \
    tarn_schedule_cosine_restarts_with((tarn_schedule_cosine_restarts_args){__VA_ARGS__, .end_ = 0})

/* One cycle (Smith, Topin 2018), the base rate being the largest: up from 1 / divide to 1 in the
   first part of the steps, then down to 1 / (divide final_divide) at the last, t = total - 1, and
   so from there on. Along half cosines, or straight lines. */
typedef struct tarn_schedule_one_cycle_args {
    int64_t t, total;
    double rise;         /* the part that goes up, at most 1; default 0.3 */
    double divide;       /* above 0; default 25 */
    double final_divide; /* above 0; default 1e4 */
    bool linear;         /* default false */
    int end_;
} tarn_schedule_one_cycle_args;
double tarn_schedule_one_cycle_with(tarn_schedule_one_cycle_args args);
#define tarn_schedule_one_cycle(...)                                                               \
    tarn_schedule_one_cycle_with((tarn_schedule_one_cycle_args){__VA_ARGS__, .end_ = 0})

/* ---- By what was measured. These have state: a struct by value that begins with the options and
   goes into the update after each evaluation. A metric of NaN is no improvement. */

/* Reduces the rate where a metric does not improve any more, as PyTorch's ReduceLROnPlateau
   (without its eps, by which very small changes are left out, and with another margin below 0: best
   (1 - threshold) is above a negative best there, and a constant metric improves for ever):

       tarn_plateau plateau = {.patience = 3};
       ... tarn_optim_set_lr(optimizer, lr * tarn_plateau_update(&plateau, loss)); ... */
typedef struct tarn_plateau {
    int64_t patience; /* how many updates in a row may bring no improvement; default 10 */
    bool no_patience; /* none may */
    double factor;    /* of a reduction, in (0, 1); default 0.1 */
    double threshold; /* in (0, 1): more than threshold |best| is an improvement; default 1e-4 */
    int64_t cooldown; /* how many updates do not count after a reduction; default 0 */
    double min;       /* where reductions end, in [0, 1]; default 0 */
    bool maximize;    /* above best rather than below; default false */
    /* From the first update on: */
    double best;           /* infinite before the first improvement */
    double scale;          /* the product of the reductions */
    int64_t waited, pause; /* updates without improvement in a row; what is left of the cooldown */
    bool begun;
} tarn_plateau;

/* Takes the metric in. Returns the factor of the base rate from now on; NaN after a mistake (an
   option outside its range), and for NULL. */
double tarn_plateau_update(tarn_plateau *plateau, double metric);

/* Says when to stop training:

       tarn_early_stopping stopping = {.patience = 5};
       ... if (tarn_early_stopping_update(&stopping, loss)) break; ... */
typedef struct tarn_early_stopping {
    int64_t patience; /* stop at this many updates in a row without improvement; default 10 */
    double min_delta; /* less than this below best is no improvement; default 0 */
    bool maximize;    /* above best rather than below; default false */
    /* From the first update on: */
    double best;       /* infinite before the first improvement */
    int64_t best_step; /* the update that brought it, from 0 on; -1 before */
    int64_t steps;     /* updates so far */
} tarn_early_stopping;

/* Takes the metric in. Returns whether to stop; true also after a mistake (an option outside its
   range), and for NULL, since a loop would not end otherwise. */
bool tarn_early_stopping_update(tarn_early_stopping *stopping, double metric);

TARN_API_END

#endif
