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

#include "core/base/error.h"

static const double pi = 3.14159265358979323846;

/* Whether t is a step, steps_name a number of steps, and number_name in [0, most], most being 1 or
   DBL_MAX. */
static bool check(const char *schedule, int64_t t, const char *steps_name, int64_t steps,
                  const char *number_name, double number, double most)
{
    if (t < 0)
        return tarn_fail("schedule_%s: t is %lld, expects a step of at least 0", schedule,
                         (long long)t);
    if (steps < 1)
        return tarn_fail("schedule_%s: %s is %lld, expects at least 1", schedule, steps_name,
                         (long long)steps);
    if (!(number >= 0 && number <= most))
        return tarn_fail("schedule_%s: %s is %g, expects %s", schedule, number_name, number,
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
    if (!check("step", t, "every", every, "gamma", gamma, DBL_MAX))
        return NAN;
    return pow(gamma, (double)(t / every));
}

double tarn_schedule_multi_step_of(int64_t t, double gamma, int count, const int64_t *milestones)
{
    if (!check("multi_step", t, "", 1, "gamma", gamma, DBL_MAX))
        return NAN;
    if (count < 0 || (count > 0 && !milestones)) {
        count < 0 ? tarn_fail("schedule_multi_step: count is %d, expects at least 0", count)
                  : tarn_fail("schedule_multi_step: the list of %d milestones is NULL", count);
        return NAN;
    }
    int passed = 0;
    for (int i = 0; i < count; i++) {
        if (!check("multi_step", t, "a milestone", milestones[i], "gamma", gamma, DBL_MAX))
            return NAN;
        passed += milestones[i] <= t;
    }
    return pow(gamma, passed);
}

double tarn_schedule_exponential(int64_t t, double gamma)
{
    if (!check("exponential", t, "", 1, "gamma", gamma, DBL_MAX))
        return NAN;
    return pow(gamma, (double)t);
}

/* ---- Ramps */

double tarn_schedule_constant_with(tarn_schedule_constant_args args)
{
    if (!check("constant", args.t, "steps", args.steps, "factor", args.factor, 1))
        return NAN;
    return args.t < args.steps ? args.factor : 1;
}

double tarn_schedule_warmup_with(tarn_schedule_warmup_args args)
{
    if (!check("warmup", args.t, "steps", args.steps, "start", args.start, 1))
        return NAN;
    return line(args.start, 1, part_of(args.t, args.steps));
}

double tarn_schedule_linear_with(tarn_schedule_linear_args args)
{
    if (!check("linear", args.t, "total", args.total, "end", args.end, 1))
        return NAN;
    return line(1, args.end, part_of(args.t, args.total));
}

double tarn_schedule_polynomial_with(tarn_schedule_polynomial_args args)
{
    if (!check("polynomial", args.t, "total", args.total, "power", args.power, DBL_MAX))
        return NAN;
    return args.t < args.total ? pow(1 - part_of(args.t, args.total), args.power) : 0;
}

double tarn_schedule_cosine_with(tarn_schedule_cosine_args args)
{
    if (!check("cosine", args.t, "total", args.total, "min", args.min, 1))
        return NAN;
    if (!args.periodic)
        return half_cosine(1, args.min, part_of(args.t, args.total));
    const int64_t t = args.t % args.total;
    const bool rises = args.t / args.total % 2 == 1;
    return half_cosine(1, args.min, part_of(rises ? args.total - t : t, args.total));
}

double tarn_schedule_cosine_restarts_with(tarn_schedule_cosine_restarts_args args)
{
    if (!check("cosine_restarts", args.t, "first", args.first, "min", args.min, 1) ||
        !check("cosine_restarts", args.t, "multiply", args.multiply, "min", args.min, 1))
        return NAN;
    int64_t t = args.t, period = args.first;
    if (args.multiply == 1)
        t %= period;
    while (t >= period) {
        t -= period;
        period = period > INT64_MAX / args.multiply ? INT64_MAX : period * args.multiply;
    }
    return half_cosine(1, args.min, part_of(t, period));
}

/* Where a cycle begins, turns and ends. */
typedef struct ends {
    double first, top, last;
} ends;

static double cycle(int64_t step, int64_t total, double rise, bool linear, ends e)
{
    double (*curve)(double, double, double) = linear ? line : half_cosine;
    /* It turns between two steps where top is not whole. */
    const double t = (double)step, end = (double)(total - 1), top = rise * (double)total - 1;
    if (t < top)
        return curve(e.first, e.top, t / top);
    return t < end ? curve(e.top, e.last, (t - top) / (end - top)) : rise < 1 ? e.last : e.top;
}

double tarn_schedule_one_cycle_with(tarn_schedule_one_cycle_args args)
{
    if (!check("one_cycle", args.t, "total", args.total, "rise", args.rise, 1) ||
        !check("one_cycle", args.t, "total", args.total, "divide", args.divide, DBL_MAX) ||
        !check("one_cycle", args.t, "total", args.total, "final_divide", args.final_divide,
               DBL_MAX))
        return NAN;
    if (args.divide == 0 || args.final_divide == 0) {
        tarn_fail("schedule_one_cycle: %s is 0, expects a number above 0",
                  args.divide == 0 ? "divide" : "final_divide");
        return NAN;
    }
    const double first = 1 / args.divide, last = first / args.final_divide;
    return cycle(args.t, args.total, args.rise, args.linear, (ends){first, 1, last});
}

double tarn_schedule_one_cycle_momentum_with(tarn_schedule_one_cycle_momentum_args args)
{
    if (!check("one_cycle_momentum", args.t, "total", args.total, "rise", args.rise, 1))
        return NAN;
    if (!(args.low >= 0 && args.low <= args.high && args.high < 1)) {
        tarn_fail(
            "schedule_one_cycle_momentum: low is %g and high %g, expects 0 <= low <= high < 1",
            args.low, args.high);
        return NAN;
    }
    return cycle(args.t, args.total, args.rise, args.linear,
                 (ends){args.high, args.low, args.high});
}

double tarn_schedule_cyclic_with(tarn_schedule_cyclic_args args)
{
    if (!check("cyclic", args.t, "up", args.up, "min", args.min, 1) ||
        !check("cyclic", args.t, "down", args.down, "shrink", args.shrink, 1) ||
        !check("cyclic", args.t, "down", args.down, "gamma", args.gamma, 1))
        return NAN;
    const double up = (double)args.up, down = (double)args.down, t = (double)args.t;
    const double cycles = floor(t / (up + down)), at = t - cycles * (up + down);
    const double height = at <= up ? at / up : (up + down - at) / down;
    const double scale = pow(args.shrink, cycles) * pow(args.gamma, t);
    return args.min + (1 - args.min) * height * scale;
}

double tarn_schedule_wsd_with(tarn_schedule_wsd_args args)
{
    if (!check("wsd", args.t, "total", args.total, "warmup", args.warmup, 1) ||
        !check("wsd", args.t, "total", args.total, "decay", args.decay, 1) ||
        !check("wsd", args.t, "total", args.total, "min", args.min, 1))
        return NAN;
    if (args.warmup + args.decay > 1) {
        tarn_fail(
            "schedule_wsd: warmup and decay are %g and %g, expects parts of at most 1 together",
            args.warmup, args.decay);
        return NAN;
    }
    if (args.t >= args.total)
        return args.min;
    const double total = (double)args.total, t = (double)args.t;
    const double rise = args.warmup * total, fall = args.decay * total;
    if (t < rise)
        return t / rise;
    if (t <= total - fall)
        return 1;
    const double part = (t - (total - fall)) / fall;
    return line(1, args.min, args.root ? sqrt(part) : part);
}
