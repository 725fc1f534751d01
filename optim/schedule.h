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
 * base rate here. Options are named, core/base/options.h says how.
 */
#ifndef TARN_OPTIM_SCHEDULE_H
#define TARN_OPTIM_SCHEDULE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/option_list.h"
#include "core/base/options.h"

TARN_API_BEGIN

/* ---- Falls. gamma is finite and at least 0; above 1 the rate grows. */

/* gamma^(t / every), the quotient rounded down. */
double tarn_schedule_step(int64_t t, int64_t every, double gamma);

/* gamma^(how many of the milestones are at most t): tarn_schedule_multi_step(t, 0.1, 30, 60) */
#define tarn_schedule_multi_step(t, gamma, ...)                                                    \
    TARN_NUMBERS_AFTER(tarn_schedule_multi_step_of, (t, gamma), int64_t, __VA_ARGS__)
double tarn_schedule_multi_step_of(int64_t t, double gamma, int count, const int64_t *milestones);

/* gamma^t */
double tarn_schedule_exponential(int64_t t, double gamma);

/* ---- Ramps over a number of steps. */

/* The factor before t = steps, and 1 from there on. */
#define TARN_SCHEDULE_CONSTANT_OPTIONS(OPTION) OPTION(double, factor, 1.0 / 3, UNIT)
typedef struct tarn_schedule_constant_args {
    int64_t t, steps;
    TARN_OPTIONS(TARN_SCHEDULE_CONSTANT_OPTIONS)
} tarn_schedule_constant_args;
double tarn_schedule_constant_with(tarn_schedule_constant_args args);
#define tarn_schedule_constant(t_, ...)                                                            \
    TARN_CALL(tarn_schedule_constant_with, tarn_schedule_constant_args,                            \
              TARN_SCHEDULE_CONSTANT_OPTIONS, .t = (t_), .steps = __VA_ARGS__)

/* From start at t = 0 in a straight line to 1 at t = steps, and 1 from there on. A start of
   0 spends the first step on nothing (PyTorch's LinearLR has 1/3). */
#define TARN_SCHEDULE_WARMUP_OPTIONS(OPTION) OPTION(double, start, 0, UNIT)
typedef struct tarn_schedule_warmup_args {
    int64_t t, steps;
    TARN_OPTIONS(TARN_SCHEDULE_WARMUP_OPTIONS)
} tarn_schedule_warmup_args;
double tarn_schedule_warmup_with(tarn_schedule_warmup_args args);
#define tarn_schedule_warmup(t_, ...)                                                              \
    TARN_CALL(tarn_schedule_warmup_with, tarn_schedule_warmup_args, TARN_SCHEDULE_WARMUP_OPTIONS,  \
              .t = TARN_WHOLE(t_), .steps = TARN_WHOLE_FIRST(__VA_ARGS__))

/* From 1 at t = 0 in a straight line to end at t = total, and end from there on. */
#define TARN_SCHEDULE_LINEAR_OPTIONS(OPTION) OPTION(double, end, 0, UNIT)
typedef struct tarn_schedule_linear_args {
    int64_t t, total;
    TARN_OPTIONS(TARN_SCHEDULE_LINEAR_OPTIONS)
} tarn_schedule_linear_args;
double tarn_schedule_linear_with(tarn_schedule_linear_args args);
#define tarn_schedule_linear(t_, ...)                                                              \
    TARN_CALL(tarn_schedule_linear_with, tarn_schedule_linear_args, TARN_SCHEDULE_LINEAR_OPTIONS,  \
              .t = TARN_WHOLE(t_), .total = TARN_WHOLE_FIRST(__VA_ARGS__))

/* (1 - t / total)^power, and 0 from total on. */
#define TARN_SCHEDULE_POLYNOMIAL_OPTIONS(OPTION) OPTION(double, power, 1, AT_LEAST_0)
typedef struct tarn_schedule_polynomial_args {
    int64_t t, total;
    TARN_OPTIONS(TARN_SCHEDULE_POLYNOMIAL_OPTIONS)
} tarn_schedule_polynomial_args;
double tarn_schedule_polynomial_with(tarn_schedule_polynomial_args args);
#define tarn_schedule_polynomial(t_, ...)                                                          \
    TARN_CALL(tarn_schedule_polynomial_with, tarn_schedule_polynomial_args,                        \
              TARN_SCHEDULE_POLYNOMIAL_OPTIONS, .t = TARN_WHOLE(t_),                               \
              .total = TARN_WHOLE_FIRST(__VA_ARGS__))

/* Half a cosine (Loshchilov, Hutter 2017): min + (1 - min) (1 + cos(pi t / total)) / 2, and min
   from total on. With .periodic it rises again there, to 1 at 2 total, and so on without end, as
   PyTorch's CosineAnnealingLR does. */
#define TARN_SCHEDULE_COSINE_OPTIONS(OPTION)                                                       \
    OPTION(double, min, 0, UNIT)                                                                   \
    OPTION(bool, periodic, false, SWITCH)
typedef struct tarn_schedule_cosine_args {
    int64_t t, total;
    TARN_OPTIONS(TARN_SCHEDULE_COSINE_OPTIONS)
} tarn_schedule_cosine_args;
double tarn_schedule_cosine_with(tarn_schedule_cosine_args args);
#define tarn_schedule_cosine(t_, ...)                                                              \
    TARN_CALL(tarn_schedule_cosine_with, tarn_schedule_cosine_args, TARN_SCHEDULE_COSINE_OPTIONS,  \
              .t = TARN_WHOLE(t_), .total = TARN_WHOLE_FIRST(__VA_ARGS__))

/* The same again and again (the paper's warm restarts): the first fall takes first steps, each that
   follows multiply times as many as the one before. */
#define TARN_SCHEDULE_COSINE_RESTARTS_OPTIONS(OPTION)                                              \
    OPTION(int, multiply, 1, COUNT)                                                                \
    OPTION(double, min, 0, UNIT)
typedef struct tarn_schedule_cosine_restarts_args {
    int64_t t, first;
    TARN_OPTIONS(TARN_SCHEDULE_COSINE_RESTARTS_OPTIONS)
} tarn_schedule_cosine_restarts_args;
double tarn_schedule_cosine_restarts_with(tarn_schedule_cosine_restarts_args args);
#define tarn_schedule_cosine_restarts(t_, ...)                                                     \
    TARN_CALL(tarn_schedule_cosine_restarts_with, tarn_schedule_cosine_restarts_args,              \
              TARN_SCHEDULE_COSINE_RESTARTS_OPTIONS, .t = TARN_WHOLE(t_),                          \
              .first = TARN_WHOLE_FIRST(__VA_ARGS__))

/* One cycle (Smith, Topin 2018), the base rate being the largest: up from 1 / divide to 1 in the
   first part of the steps, then down to 1 / (divide final_divide) at the last, t = total - 1, and
   so from there on. Along half cosines, or straight lines. */
#define TARN_SCHEDULE_ONE_CYCLE_OPTIONS(OPTION)                                                    \
    OPTION(double, rise, 0.3, UNIT) /* the part that goes up */                                    \
    OPTION(double, divide, 25, POSITIVE)                                                           \
    OPTION(double, final_divide, 1e4, POSITIVE)                                                    \
    OPTION(bool, linear, false, SWITCH)
typedef struct tarn_schedule_one_cycle_args {
    int64_t t, total;
    TARN_OPTIONS(TARN_SCHEDULE_ONE_CYCLE_OPTIONS)
} tarn_schedule_one_cycle_args;
double tarn_schedule_one_cycle_with(tarn_schedule_one_cycle_args args);
#define tarn_schedule_one_cycle(t_, ...)                                                           \
    TARN_CALL(tarn_schedule_one_cycle_with, tarn_schedule_one_cycle_args,                          \
              TARN_SCHEDULE_ONE_CYCLE_OPTIONS, .t = TARN_WHOLE(t_),                                \
              .total = TARN_WHOLE_FIRST(__VA_ARGS__))

/* The momentum for that rate (Smith 2018), a number and no factor: from high down to low where the
   rate goes up, then up again, for
   tarn_optim_set(optimizer, "momentum", tarn_schedule_one_cycle_momentum(t, total)); Adam's is
   "beta1". */
#define TARN_SCHEDULE_ONE_CYCLE_MOMENTUM_OPTIONS(OPTION)                                           \
    OPTION(double, low, 0.85, FRACTION)                                                            \
    OPTION(double, high, 0.95, FRACTION)                                                           \
    OPTION(double, rise, 0.3, UNIT) /* as the rate's */                                            \
    OPTION(bool, linear, false, SWITCH)
typedef struct tarn_schedule_one_cycle_momentum_args {
    int64_t t, total;
    TARN_OPTIONS(TARN_SCHEDULE_ONE_CYCLE_MOMENTUM_OPTIONS)
} tarn_schedule_one_cycle_momentum_args;
double tarn_schedule_one_cycle_momentum_with(tarn_schedule_one_cycle_momentum_args args);
#define tarn_schedule_one_cycle_momentum(t_, ...)                                                  \
    TARN_CALL(tarn_schedule_one_cycle_momentum_with, tarn_schedule_one_cycle_momentum_args,        \
              TARN_SCHEDULE_ONE_CYCLE_MOMENTUM_OPTIONS, .t = (t_), .total = __VA_ARGS__)

/* Cycles (Smith 2017), the base rate being the largest: from min in `up` steps to 1, in `down`
   steps back, again and again. What the k-th cycle, from 0 on, has above min is scaled by shrink^k,
   and at t by gamma^t: PyTorch's "triangular2" is .shrink = 0.5, its "exp_range" .gamma. */
#define TARN_SCHEDULE_CYCLIC_OPTIONS(OPTION)                                                       \
    OPTION(double, min, 0, UNIT)                                                                   \
    OPTION(double, shrink, 1, UNIT)                                                                \
    OPTION(double, gamma, 1, UNIT)
typedef struct tarn_schedule_cyclic_args {
    int64_t t, up, down;
    TARN_OPTIONS(TARN_SCHEDULE_CYCLIC_OPTIONS)
} tarn_schedule_cyclic_args;
double tarn_schedule_cyclic_with(tarn_schedule_cyclic_args args);
#define tarn_schedule_cyclic(t_, up_, ...)                                                         \
    TARN_CALL(tarn_schedule_cyclic_with, tarn_schedule_cyclic_args, TARN_SCHEDULE_CYCLIC_OPTIONS,  \
              .t = (t_), .up = (up_), .down = __VA_ARGS__)

/* Warm-up, stable, decay (Hu et al. 2024, MiniCPM): in a straight line from 0 to 1 in the first
   part of the steps, 1 until the last part, and down to min at t = total, and so from there on. The
   fall is a straight line, or with .root 1 - sqrt (Haegele et al. 2024), steep at first. So one may
   go on from before the fall with a larger total. The two parts are at most 1 together. */
#define TARN_SCHEDULE_WSD_OPTIONS(OPTION)                                                          \
    OPTION(double, warmup, 0.02, UNIT)                                                             \
    OPTION(double, decay, 0.1, UNIT)                                                               \
    OPTION(double, min, 0, UNIT)                                                                   \
    OPTION(bool, root, false, SWITCH)
typedef struct tarn_schedule_wsd_args {
    int64_t t, total;
    TARN_OPTIONS(TARN_SCHEDULE_WSD_OPTIONS)
} tarn_schedule_wsd_args;
double tarn_schedule_wsd_with(tarn_schedule_wsd_args args);
#define tarn_schedule_wsd(t_, ...)                                                                 \
    TARN_CALL(tarn_schedule_wsd_with, tarn_schedule_wsd_args, TARN_SCHEDULE_WSD_OPTIONS,           \
              .t = (t_), .total = __VA_ARGS__)

/* ---- By name, as a program's own options have them. */

/* tarn_schedule_by_name("warmup:steps=100*cosine:min=0.1", t, total): the product of these
   schedules at t, total being the number of all steps. Names are those of the functions above but
   multi_step and one_cycle_momentum. Behind a colon stand their options, and their other numbers:
   steps of warmup and constant, every of step, first of cosine_restarts and up and down of cyclic,
   which must be there, and gamma, which is 0.1 for step and 0.99 for exponential unless it is said.

   "warmup:steps=100 @100 cosine:min=0.1 @900 constant" is one after the other: from step 100 on a
   cosine, whose t is 0 there and whose total is 800, from 900 on the third, with the rest of the
   total. The steps of such changes rise. Such texts come from outside, so that a wrong one is no
   mistake of the program's: NaN with tarn_error() set, which says what there is. */
double tarn_schedule_by_name(const char *text, int64_t t, int64_t total);

/* A schedule that has a name, with its options, which have a default of 0 where none will do. */
typedef struct tarn_schedule_entry {
    const char *name;
    tarn_option_list options;
} tarn_schedule_entry;

/* Entry i of the list, from 0 on; NULL behind the last. */
const tarn_schedule_entry *tarn_schedule_entry_at(int i);

/* ---- By what was measured. These have state: a struct by value, which goes into the update after
   each evaluation. A metric of NaN is no improvement. */

/* Reduces the rate where a metric does not improve any more, as PyTorch's ReduceLROnPlateau
   (without its eps, by which very small changes are left out, and with another margin below 0: best
   (1 - threshold) is above a negative best there, and a constant metric improves for ever):

       tarn_plateau plateau = tarn_plateau(.patience = 3);
       ... tarn_optim_set_lr(optimizer, lr * tarn_plateau_update(&plateau, loss)); ... */
#define TARN_PLATEAU_OPTIONS(OPTION)                                                               \
    OPTION(int64_t, patience, 10)   /* how many updates in a row may bring no improvement */       \
    OPTION(double, factor, 0.1)     /* of a reduction, in [0, 1) */                                \
    OPTION(double, threshold, 1e-4) /* in [0, 1): more than threshold |best| is an improvement */  \
    OPTION(bool, absolute, false)   /* more than threshold itself is one; it may be 1 or more */   \
    OPTION(int64_t, cooldown, 0)    /* how many updates do not count after a reduction */          \
    OPTION(double, min, 0)          /* where reductions end, in [0, 1] */                          \
    OPTION(bool, maximize, false)   /* above best rather than below */
typedef struct tarn_plateau_args {
    TARN_OPTIONS(TARN_PLATEAU_OPTIONS)
} tarn_plateau_args;
typedef struct tarn_plateau {
    tarn_plateau_args options;
    double best;           /* infinite before the first improvement */
    double scale;          /* the product of the reductions */
    int64_t waited, pause; /* updates without improvement in a row; what is left of the cooldown */
} tarn_plateau;
tarn_plateau tarn_plateau_with(tarn_plateau_args args);
#define tarn_plateau(...)                                                                          \
    TARN_CALL(tarn_plateau_with, tarn_plateau_args, TARN_PLATEAU_OPTIONS, __VA_ARGS__)

/* Takes the metric in. Returns the factor of the base rate from now on; NaN after a mistake (an
   option outside its range), and for NULL. */
double tarn_plateau_update(tarn_plateau *plateau, double metric);

/* Says when to stop training:

       tarn_early_stopping stopping = tarn_early_stopping(.patience = 5);
       ... if (tarn_early_stopping_update(&stopping, loss)) break; ... */
#define TARN_EARLY_STOPPING_OPTIONS(OPTION)                                                        \
    OPTION(int64_t, patience, 10) /* updates in a row without improvement end it; 0 as 1 */        \
    OPTION(double, min_delta, 0)  /* less than this below best is no improvement */                \
    OPTION(bool, maximize, false) /* above best rather than below */
typedef struct tarn_early_stopping_args {
    TARN_OPTIONS(TARN_EARLY_STOPPING_OPTIONS)
} tarn_early_stopping_args;
typedef struct tarn_early_stopping {
    tarn_early_stopping_args options;
    double best;       /* infinite before the first improvement */
    int64_t best_step; /* the update that brought it, from 0 on; -1 before */
    int64_t steps;     /* updates so far */
} tarn_early_stopping;
tarn_early_stopping tarn_early_stopping_with(tarn_early_stopping_args args);
#define tarn_early_stopping(...)                                                                   \
    TARN_CALL(tarn_early_stopping_with, tarn_early_stopping_args, TARN_EARLY_STOPPING_OPTIONS,     \
              __VA_ARGS__)

/* Takes the metric in. Returns whether to stop; true also after a mistake (an option outside its
   range), and for NULL, since a loop would not end otherwise. */
bool tarn_early_stopping_update(tarn_early_stopping *stopping, double metric);

TARN_API_END

#endif
