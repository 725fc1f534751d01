/*
 * Schedules: factors of the rate as pure functions of the step, with formula and source in
 * optim/schedule.h.
 *
 * PyTorch computes most of its rates from the one before, so that rounding errors add up; here each
 * comes from t. Both agree to 1e-12 over 200 steps.
 */
#include "optim/schedule.h"

#include <float.h>
#include <math.h>

#include "core/error.h"

static const double pi = 3.14159265358979323846;

/* ---- Checks */

static bool check_t(const char *name, int64_t t)
{
    if (t < 0)
        return tarn_fail("schedule_%s: t is %lld, expects a step of at least 0", name,
                         (long long)t);
    return true;
}

static bool check_steps(const char *name, int64_t t, const char *what, int64_t steps)
{
    if (steps < 1)
        return tarn_fail("schedule_%s: %s is %lld, expects at least 1", name, what,
                         (long long)steps);
    return check_t(name, t);
}

/* Whether the number is in [0, most], most being 1 or DBL_MAX. */
static bool check_number(const char *name, const char *what, double value, double most)
{
    if (!(value >= 0 && value <= most))
        return tarn_fail("schedule_%s: %s is %g, expects %s", name, what, value,
                         most == 1 ? "a number in [0, 1]" : "a finite number of at least 0");
    return true;
}

/* ---- Curves. part goes from 0 to 1. */

static double line(double from, double to, double part)
{
    return from * (1 - part) + to * part; /* exact at both ends */
}

static double half_cosine(double from, double to, double part)
{
    return to + (from - to) / 2 * (1 + cos(pi * part));
}

/* How much of the steps is behind at t. */
static double part_of(int64_t t, int64_t steps)
{
    return t < steps ? (double)t / (double)steps : 1;
}

/* ---- Falls */

double tarn_schedule_step(int64_t t, int64_t every, double gamma)
{
    if (!check_steps("step", t, "every", every) || !check_number("step", "gamma", gamma, DBL_MAX))
        return NAN;
    return pow(gamma, (double)(t / every));
}

double tarn_schedule_multi_step_of(int64_t t, double gamma, int count, const int64_t *milestones)
{
    if (!check_t("multi_step", t) || !check_number("multi_step", "gamma", gamma, DBL_MAX))
        return NAN;
    int passed = 0;
    for (int i = 0; i < count; i++) {
        if (!check_steps("multi_step", t, "a milestone", milestones[i]))
            return NAN;
        passed += milestones[i] <= t;
    }
    return pow(gamma, passed);
}

double tarn_schedule_exponential(int64_t t, double gamma)
{
    if (!check_t("exponential", t) || !check_number("exponential", "gamma", gamma, DBL_MAX))
        return NAN;
    return pow(gamma, (double)t);
}

/* ---- Ramps */

double tarn_schedule_warmup_with(tarn_schedule_warmup_args args)
{
    if (!check_steps("warmup", args.t, "steps", args.steps) ||
        !check_number("warmup", "start", args.start, 1))
        return NAN;
    return line(args.start, 1, part_of(args.t, args.steps));
}

double tarn_schedule_linear_with(tarn_schedule_linear_args args)
{
    if (!check_steps("linear", args.t, "total", args.total) ||
        !check_number("linear", "end", args.end, 1))
        return NAN;
    return line(1, args.end, part_of(args.t, args.total));
}

double tarn_schedule_polynomial_with(tarn_schedule_polynomial_args args)
{
    if (!check_steps("polynomial", args.t, "total", args.total) ||
        !check_number("polynomial", "power", args.power, DBL_MAX))
        return NAN;
    return pow(1 - part_of(args.t, args.total), args.power > 0 ? args.power : 1);
}

double tarn_schedule_cosine_with(tarn_schedule_cosine_args args)
{
    if (!check_steps("cosine", args.t, "total", args.total) ||
        !check_number("cosine", "min", args.min, 1))
        return NAN;
    return half_cosine(1, args.min, part_of(args.t, args.total));
}

double tarn_schedule_cosine_restarts_with(tarn_schedule_cosine_restarts_args args)
{
    const int64_t multiply = args.multiply ? args.multiply : 1;
    if (!check_steps("cosine_restarts", args.t, "first", args.first) ||
        !check_steps("cosine_restarts", args.t, "multiply", multiply) ||
        !check_number("cosine_restarts", "min", args.min, 1))
        return NAN;
    int64_t t = args.t, period = args.first;
    if (multiply == 1)
        t %= period;
    while (t >= period) {
        t -= period;
        period = period > INT64_MAX / multiply ? INT64_MAX : period * multiply;
    }
    return half_cosine(1, args.min, part_of(t, period));
}

double tarn_schedule_one_cycle_with(tarn_schedule_one_cycle_args args)
{
    if (!check_steps("one_cycle", args.t, "total", args.total) ||
        !check_number("one_cycle", "rise", args.rise, 1) ||
        !check_number("one_cycle", "divide", args.divide, DBL_MAX) ||
        !check_number("one_cycle", "final_divide", args.final_divide, DBL_MAX))
        return NAN;
    const double rise = args.rise > 0 ? args.rise : 0.3;
    const double first = 1 / (args.divide > 0 ? args.divide : 25);
    const double last = first / (args.final_divide > 0 ? args.final_divide : 1e4);
    double (*curve)(double, double, double) = args.linear ? line : half_cosine;

    /* The largest rate falls between two steps where top is not whole. */
    const double t = (double)args.t, end = (double)(args.total - 1);
    const double top = rise * (double)args.total - 1;
    if (t < top)
        return curve(first, 1, t / top);
    return t < end ? curve(1, last, (t - top) / (end - top)) : rise < 1 ? last : 1;
}
