/*
 * Replays the golden runs of tests/golden/optim: three parameters (3,4), (5) and (1), 100 steps of
 * fixed gradients, and the weights that PyTorch, or the plain Python of tests/golden/optim.py, had
 * after some of the steps. Those of Muon are of other shapes.
 */
#ifndef TARN_TESTS_OPTIM_REPLAY_H
#define TARN_TESTS_OPTIM_REPLAY_H

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include <tarn.h>

#include "tests/support/golden.h"
#include "tests/support/larger.h"
#include "tests/support/mistakes.h"

enum { REPLAY_PARAMS = 3, REPLAY_STEPS = 100 };

/* Relative to the larger of 1 and the weight. In float each of the 100 steps may round by 2^-24,
   and a decay that is too small a part of the weight always to the same side; the variants differ
   by 3e-7 to 2e-6. In double none differs by more than 6e-15. */
#define REPLAY_TOLERANCE (sizeof(tarn_real) == sizeof(float) ? 1e-5 : 1e-12)

typedef struct replay {
    golden *inputs, *file;
    const golden_case *variant;
    tarn_tensor *tensors[REPLAY_PARAMS], *gradients[REPLAY_PARAMS];
    tarn_params params; /* for the constructor of the optimizer */
} replay;

/* The case of that name; fails the test if there is none. */
static inline const golden_case *find_case(const golden *file, const char *name)
{
    const golden_case *c = golden_next(file, NULL);
    while (c && strcmp(golden_name(c), name) != 0)
        c = golden_next(file, c);
    cr_assert(c, "no case %s", name);
    return c;
}

static inline void replay_open_with(replay *r, const char *inputs_name, const char *optimizer,
                                    const char *variant)
{
    char name[64];
    snprintf(name, sizeof name, "optim/%s", inputs_name);
    r->inputs = golden_open(name);
    snprintf(name, sizeof name, "optim/%s", optimizer);
    r->file = golden_open(name);
    r->variant = find_case(r->file, variant);

    const golden_case *inputs = golden_next(r->inputs, NULL);
    for (int p = 0; p < REPLAY_PARAMS; p++) {
        snprintf(name, sizeof name, "w%d", p);
        r->tensors[p] = tarn_requires_grad(golden_tensor(inputs, name), true);
        snprintf(name, sizeof name, "g%d", p);
        r->gradients[p] = golden_tensor(inputs, name);
        cr_assert(r->tensors[p] && r->gradients[p]);
    }
    r->params = (tarn_params){REPLAY_PARAMS, r->tensors, NULL};
}

static inline void replay_open(replay *r, const char *optimizer, const char *variant)
{
    replay_open_with(r, "inputs", optimizer, variant);
}

/* Adds a step's gradient to the one of a parameter. */
static inline void replay_gradient(const replay *r, int p, int step)
{
    const int64_t size = tarn_size(r->tensors[p]);
    const tarn_real *from = tarn_values(r->gradients[p]) + (step - 1) * size;
    tarn_real *g = tarn_op_gradient(r->tensors[p]);
    for (int64_t i = 0; i < size; i++)
        g[i] += from[i];
}

/* The difference of the weights from the golden ones after the step; 0 if there are none for it. */
static inline double replay_difference(const replay *r, int step)
{
    double largest = 0;
    for (int p = 0; p < REPLAY_PARAMS; p++) {
        char name[32];
        snprintf(name, sizeof name, "w%d_%d", p, step);
        tarn_tensor *expected = golden_tensor(r->variant, name);
        if (expected)
            largest =
                larger(largest, golden_difference(r->variant, name, tarn_shape_get(r->tensors[p]),
                                                  tarn_values(r->tensors[p])));
        tarn_free(expected);
    }
    return largest;
}

/* Runs all steps and frees everything, the optimizer too. Returns the largest difference. */
static inline double replay_run(replay *r, tarn_optim *optimizer)
{
    cr_assert(optimizer, "%s", tarn_error());
    const double new_lr = golden_number(r->variant, "new_lr", 0);
    const bool late = golden_number(r->variant, "late", 0) != 0;
    double largest = 0;
    for (int step = 1; step <= REPLAY_STEPS; step++) {
        if (new_lr > 0 && step == 51)
            tarn_optim_set_lr(optimizer, new_lr);
        tarn_optim_zero_grad(optimizer);
        for (int p = 0; p < REPLAY_PARAMS; p++)
            if (!(late && p == 1 && step < 11))
                replay_gradient(r, p, step);
        tarn_optim_step(optimizer);
        largest = larger(largest, replay_difference(r, step));
    }
    cr_assert(replay_difference(r, REPLAY_STEPS - 1) == 0, "weights expected where none are");
    tarn_optim_free(optimizer);
    for (int p = 0; p < REPLAY_PARAMS; p++) {
        tarn_free(r->tensors[p]);
        tarn_free(r->gradients[p]);
    }
    golden_close(r->file);
    golden_close(r->inputs);
    return largest;
}

/* assert_replay("adam", "weight_decay", tarn_optim_adam, .lr = 0.01, .weight_decay = 0.1); */
#define assert_replay(optimizer, variant, constructor, ...)                                        \
    do {                                                                                           \
        replay run;                                                                                \
        replay_open(&run, optimizer, variant);                                                     \
        double difference = replay_run(&run, constructor(run.params, __VA_ARGS__));                \
        cr_assert(difference <= REPLAY_TOLERANCE, "%s, %s: differs by %g, at most %g is right",    \
                  optimizer, variant, difference, REPLAY_TOLERANCE);                               \
    } while (0)

/* A parameter of count equal weights, and one step with a gradient that is the same everywhere. */
static inline tarn_tensor *new_param(int64_t count, double value)
{
    return tarn_requires_grad(tarn_full(tarn_shape(count), value), true);
}

static inline void set_gradient(tarn_tensor *param, double value)
{
    tarn_zero_grad(param);
    tarn_real *g = tarn_op_gradient(param);
    for (int64_t i = 0; i < tarn_size(param); i++)
        g[i] = (tarn_real)value;
}

static inline void step_with(tarn_optim *optimizer, tarn_tensor *param, double gradient)
{
    set_gradient(param, gradient);
    tarn_optim_step(optimizer);
}

/* For closed forms: to 1e-12 of the larger of 1 and the expected in double, 1e-5 in float. */
#define assert_close(actual, expected)                                                             \
    do {                                                                                           \
        double is = (double)(actual), should = (expected);                                         \
        cr_assert(fabs(is - should) <= REPLAY_TOLERANCE * fmax(1, fabs(should)),                   \
                  "%s is %.17g, expected %.17g", #actual, is, should);                             \
    } while (0)

#endif
