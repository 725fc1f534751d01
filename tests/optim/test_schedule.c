#include <stdint.h>

#include "tests/optim/replay.h"

enum { STEPS = 200 };

static void compare(const golden_case *c, const tarn_real *factors)
{
    /* In float the golden values are rounded to it. */
    const double tolerance = sizeof(tarn_real) == sizeof(float) ? 1e-7 : 1e-12;
    const double difference = golden_difference(c, "factors", tarn_shape(STEPS), factors);
    cr_assert(difference <= tolerance, "%s: differs by %g", golden_name(c), difference);
}

/* assert_schedule("step", tarn_schedule_step(t, 30, 0.1)); an expression of t */
#define assert_schedule(name, expression)                                                          \
    do {                                                                                           \
        tarn_real factors[STEPS];                                                                  \
        for (int64_t t = 0; t < STEPS; t++)                                                        \
            factors[t] = (tarn_real)(expression);                                                  \
        golden *file = golden_open("optim/schedules");                                             \
        compare(find_case(file, name), factors);                                                   \
        golden_close(file);                                                                        \
    } while (0)

Test(schedule, falls_equal_pytorch)
{
    assert_schedule("step", tarn_schedule_step(t, 30, 0.1));
    assert_schedule("multi_step", tarn_schedule_multi_step(t, 0.3, 20, 90, 150));
    assert_schedule("multi_step_unsorted", tarn_schedule_multi_step(t, 0.5, 90, 20, 20));
    assert_schedule("exponential", tarn_schedule_exponential(t, 0.97));
}

Test(schedule, ramps_equal_pytorch)
{
    assert_schedule("warmup", tarn_schedule_warmup(t, 50, .start = 1 / 3.0));
    assert_schedule("warmup_from_zero", tarn_schedule_warmup(t, 50));
    assert_schedule("linear", tarn_schedule_linear(t, 150, .end = 0.1));
    assert_schedule("linear_to_zero", tarn_schedule_linear(t, 150));
    assert_schedule("polynomial", tarn_schedule_polynomial(t, 150, .power = 2.5));
    assert_schedule("polynomial_1", tarn_schedule_polynomial(t, 150));
}

Test(schedule, cosines_equal_pytorch)
{
    assert_schedule("cosine", tarn_schedule_cosine(t, 200));
    assert_schedule("cosine_min", tarn_schedule_cosine(t, 120, .min = 0.1));
    assert_schedule("restarts", tarn_schedule_cosine_restarts(t, 30));
    assert_schedule("restarts_multiply",
                    tarn_schedule_cosine_restarts(t, 12, .multiply = 2, .min = 0.05));
    assert_schedule("restarts_multiply_3", tarn_schedule_cosine_restarts(t, 7, .multiply = 3));
}

Test(schedule, one_cycle_equals_pytorch)
{
    assert_schedule("one_cycle", tarn_schedule_one_cycle(t, 200));
    assert_schedule("one_cycle_options", tarn_schedule_one_cycle(t, 150, .rise = 0.41, .divide = 10,
                                                                 .final_divide = 50));
    assert_schedule("one_cycle_linear", tarn_schedule_one_cycle(t, 199, .linear = true));
    assert_schedule("one_cycle_rising", tarn_schedule_one_cycle(t, 200, .rise = 1));
    assert_schedule("one_cycle_short", tarn_schedule_one_cycle(t, 2));
}

Test(schedule, cycles_equal_pytorch)
{
    assert_schedule("one_cycle_momentum", tarn_schedule_one_cycle_momentum(t, 150, .rise = 0.4));
    assert_schedule("constant", tarn_schedule_constant(t, 40));
    assert_schedule("cosine_periodic", tarn_schedule_cosine(t, 60, .min = 0.1, .periodic = true));
    assert_schedule("cyclic", tarn_schedule_cyclic(t, 20, 13, .min = 0.1));
    assert_schedule("cyclic_2", tarn_schedule_cyclic(t, 30, 30, .min = 0.25, .shrink = 0.5));
    assert_schedule("cyclic_exp", tarn_schedule_cyclic(t, 30, 30, .gamma = 0.99));
}

Test(schedule, warmup_stable_decay)
{
    for (int64_t t = 0; t <= 120; t++) {
        const double x = fmax(0, ((double)t - 75) / 25);
        const double line = t < 20 ? (double)t / 20 : t < 100 ? 1 - 0.9 * x : 0.1;
        const double root = t < 20 ? (double)t / 20 : t < 100 ? 1 - sqrt(x) : 0;
        cr_assert_float_eq(tarn_schedule_wsd(t, 100, .warmup = 0.2, .decay = 0.25, .min = 0.1),
                           line, 1e-12, "%d", (int)t);
        cr_assert_float_eq(tarn_schedule_wsd(t, 100, .warmup = 0.2, .decay = 0.25, .root = true),
                           root, 1e-12, "%d", (int)t);
        cr_assert(tarn_schedule_wsd(t, 100, .warmup = 0, .decay = 0) == (t < 100));
    }
    cr_assert(tarn_schedule_wsd(1, 1) == 0 && tarn_schedule_wsd(INT64_MAX, 1) == 0);
}

Test(schedule, chains_equal_pytorch)
{
    assert_schedule("warmup_exponential", tarn_schedule_warmup(t, 50, .start = 1 / 3.0) *
                                              tarn_schedule_exponential(t, 0.97));
    assert_schedule("warmup_cosine",
                    tarn_schedule_warmup(t, 40, .start = 0.25) * tarn_schedule_cosine(t, 199));
    assert_schedule("exponential_multi_step",
                    tarn_schedule_exponential(t, 0.99) * tarn_schedule_multi_step(t, 0.1, 60, 150));
    assert_schedule("warmup_then_cosine", t < 50 ? tarn_schedule_warmup(t, 50, .start = 0.25)
                                                 : tarn_schedule_cosine(t - 50, 150));
}

Test(schedule, ends_are_exact)
{
    const int64_t ends[] = {10, 11, INT64_MAX};
    for (int i = 0; i < 3; i++) {
        const int64_t t = ends[i];
        cr_assert(tarn_schedule_warmup(t, 10, .start = 0.3) == 1);
        cr_assert(tarn_schedule_linear(t, 10, .end = 0.1) == 0.1);
        cr_assert(tarn_schedule_polynomial(t, 10) == 0);
        cr_assert(tarn_schedule_cosine(t, 10, .min = 0.1) == 0.1);
        cr_assert(tarn_schedule_one_cycle(t, 10, .divide = 4, .final_divide = 4) == 1 / 16.0);
        cr_assert(tarn_schedule_exponential(t, 1) == 1);
        cr_assert(tarn_schedule_step(t, INT64_MAX, 0.5) == (i < 2 ? 1 : 0.5));
    }
    cr_assert(tarn_schedule_warmup(0, 10, .start = 0.3) == 0.3);
    cr_assert(tarn_schedule_linear(0, 10, .end = 0.1) == 1);
    cr_assert(tarn_schedule_one_cycle(0, 10, .divide = 4) == 0.25);
    /* Whole numbers of restarts, and none that overflow. */
    cr_assert(tarn_schedule_cosine_restarts(7 * INT64_C(1000000000000), 7) == 1);
    const double late = tarn_schedule_cosine_restarts(INT64_MAX, 1, .multiply = 1000000007);
    cr_assert(late > 0 && late < 1);
}

/* A total of 1 or 2 steps, and a largest rate at step 0: PyTorch divides by 0 there. */
Test(schedule, short_cycles_are_finite)
{
    for (int total = 1; total <= 10; total++)
        for (int t = 0; t < total; t++) {
            const double factor = tarn_schedule_one_cycle(t, total, .rise = 0.1);
            cr_assert(factor > 0 && factor <= 1, "%d of %d: %g", t, total, factor);
        }
    cr_assert(tarn_schedule_one_cycle(0, 10, .rise = 0.1) == 1);
}

#define assert_nan(expression, words) assert_mistake(!isnan(expression), words)

Test(schedule, refuses_bad_numbers)
{
    assert_nan(tarn_schedule_step(-1, 10, 0.1),
               "schedule_step: t is -1, expects a step of at least 0");
    assert_nan(tarn_schedule_step(1, 0, 0.1), "schedule_step: every is 0, expects at least 1");
    assert_nan(tarn_schedule_step(1, 10, NAN), "schedule_step: gamma is ");
    assert_nan(tarn_schedule_exponential(1, -0.5),
               "schedule_exponential: gamma is -0.5, expects a finite number of at least 0");
    assert_nan(tarn_schedule_exponential(-1, 0.5), "schedule_exponential: t is -1");
    assert_nan(tarn_schedule_exponential(1, INFINITY), "schedule_exponential: gamma is inf");
    assert_nan(tarn_schedule_multi_step(1, 0.1, 5, 0),
               "schedule_multi_step: a milestone is 0, expects at least 1");
    assert_nan(tarn_schedule_multi_step(-1, 0.1, 5), "schedule_multi_step: t is -1");
    assert_nan(tarn_schedule_multi_step(1, NAN, 5), "schedule_multi_step: gamma is ");
    assert_nan(tarn_schedule_multi_step_of(-1, 0.1, 0, NULL), "schedule_multi_step: t is -1");
    assert_nan(tarn_schedule_multi_step_of(1, 0.1, -1, (int64_t[]){5}),
               "schedule_multi_step: count is -1, expects at least 0");
    assert_nan(tarn_schedule_multi_step_of(1, 0.1, 2, NULL),
               "schedule_multi_step: the list of 2 milestones is NULL");
    cr_assert(tarn_schedule_multi_step_of(1, 0.1, 0, NULL) == 1);
    assert_nan(tarn_schedule_warmup(1, 0), "schedule_warmup: steps is 0");
    assert_nan(tarn_schedule_warmup(1, 1, .start = 1.5),
               "schedule_warmup: start is 1.5, expects a number in [0, 1]");
    assert_nan(tarn_schedule_linear(1, 0), "schedule_linear: total is 0");
    assert_nan(tarn_schedule_linear(1, 1, .end = -0.5), "schedule_linear: end is -0.5");
    assert_nan(tarn_schedule_polynomial(-1, 1), "schedule_polynomial: t is -1");
    assert_nan(tarn_schedule_polynomial(1, 1, .power = -1), "schedule_polynomial: power is -1");
    assert_nan(tarn_schedule_cosine(1, -3), "schedule_cosine: total is -3");
    assert_nan(tarn_schedule_cosine(1, 1, .min = NAN), "schedule_cosine: min is ");
    assert_nan(tarn_schedule_cosine_restarts(1, 0), "schedule_cosine_restarts: first is 0");
    assert_nan(tarn_schedule_cosine_restarts(1, 1, .multiply = -2),
               "schedule_cosine_restarts: multiply is -2");
    assert_nan(tarn_schedule_cosine_restarts(1, 1, .min = 2), "schedule_cosine_restarts: min is 2");
    assert_nan(tarn_schedule_constant(1, 0), "schedule_constant: steps is 0");
    assert_nan(tarn_schedule_constant(1, 1, .factor = 2), "schedule_constant: factor is 2");
    assert_nan(tarn_schedule_cyclic(1, 0, 1), "schedule_cyclic: up is 0, expects at least 1");
    assert_nan(tarn_schedule_cyclic(1, 1, -1), "schedule_cyclic: down is -1");
    assert_nan(tarn_schedule_cyclic(-1, 1, 1), "schedule_cyclic: t is -1");
    assert_nan(tarn_schedule_cyclic(1, 1, 1, .min = 2), "schedule_cyclic: min is 2");
    assert_nan(tarn_schedule_cyclic(1, 1, 1, .shrink = NAN), "schedule_cyclic: shrink is ");
    assert_nan(tarn_schedule_cyclic(1, 1, 1, .gamma = 1.5), "schedule_cyclic: gamma is 1.5");
    assert_nan(tarn_schedule_wsd(1, 0), "schedule_wsd: total is 0");
    assert_nan(tarn_schedule_wsd(1, 9, .warmup = 0.5, .decay = 0.75),
               "schedule_wsd: warmup and decay are 0.5 and 0.75, expects parts of at most 1");
    assert_nan(tarn_schedule_wsd(1, 9, .decay = -1), "schedule_wsd: decay is -1");
    assert_nan(tarn_schedule_wsd(1, 9, .min = 2), "schedule_wsd: min is 2");
    assert_nan(tarn_schedule_one_cycle_momentum(1, 0), "schedule_one_cycle_momentum: total is 0");
    assert_nan(tarn_schedule_one_cycle_momentum(1, 9, .low = 0.97),
               "schedule_one_cycle_momentum: low is 0.97 and high 0.95, expects 0 <= low <= high");
    assert_nan(tarn_schedule_one_cycle(1, 0), "schedule_one_cycle: total is 0");
    assert_nan(tarn_schedule_one_cycle(1, 1, .rise = 1.5), "schedule_one_cycle: rise is 1.5");
    assert_nan(tarn_schedule_one_cycle(1, 1, .divide = -1), "schedule_one_cycle: divide is -1");
    assert_nan(tarn_schedule_one_cycle(1, 1, .final_divide = INFINITY),
               "schedule_one_cycle: final_divide is inf");
}

Test(schedule, reaches_every_group)
{
    tarn_tensor *a = new_param(1, 1), *b = new_param(1, 1);
    tarn_optim *optimizer = tarn_optim_sgd(tarn_params_of(a, b), .lr = 1);
    tarn_optim_group_of(optimizer, tarn_params_of(b), .lr_scale = 0.5);
    double sum = 0;
    for (int64_t t = 0; t < 10; t++) {
        sum += 0.1 * tarn_schedule_linear(t, 10);
        tarn_optim_set_lr(optimizer, 0.1 * tarn_schedule_linear(t, 10));
        set_gradient(a, 1);
        step_with(optimizer, b, 1);
    }
    assert_close(tarn_item(a), 1 - sum);
    assert_close(tarn_item(b), 1 - sum / 2);
    tarn_optim_free(optimizer);
    tarn_free(a);
    tarn_free(b);
}
