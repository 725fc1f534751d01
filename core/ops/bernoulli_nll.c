/*
 * Binary cross-entropy of a probability p against a target t.
 *
 *     l = -t max(ln p, -100) - (1 - t) max(ln(1 - p), -100)         the bounds as PyTorch's
 *     dp = dl (p - t) / max(p (1 - p), 1e-12)
 *     dt = dl (max(ln(1 - p), -100) - max(ln p, -100))
 */
#include <math.h>

#include "core/ops/shared/loss.h"

static inline double bounded_log(double x)
{
    const double y = log(x);
    return y < -100 ? -100 : y;
}

static inline tarn_real value(tarn_real p, tarn_real t, tarn_real unused)
{
    (void)unused;
    const double other = 1 - (double)p;
    return (tarn_real)(-t * bounded_log(p) - (1 - (double)t) * bounded_log(other));
}

static inline tarn_real slope_of_probability(tarn_real p, tarn_real t, tarn_real unused)
{
    (void)unused;
    const double variance = p * (1 - (double)p);
    return (tarn_real)(((double)p - t) / (variance < 1e-12 ? 1e-12 : variance));
}

static inline tarn_real slope_of_target(tarn_real p, tarn_real t, tarn_real unused)
{
    (void)t, (void)unused;
    return (tarn_real)(bounded_log(1 - (double)p) - bounded_log(p));
}

TARN__LOSS_LOOP(value)
TARN__LOSS_LOOP(slope_of_probability)
TARN__LOSS_LOOP(slope_of_target)
static const tarn__pair_loss bernoulli_nll = {
    {"bernoulli_nll", tarn__loss_backward},
    value_loop,
    slope_of_probability_loop,
    slope_of_target_loop,
};

tarn_tensor *tarn_bernoulli_nll_with(tarn_bernoulli_nll_args args)
{
    const char *op = bernoulli_nll.op.name;
    if (!args.probabilities || !args.targets ||
        !tarn__check_range(op, "a probability", args.probabilities, 0, 1) ||
        !tarn__check_range(op, "target", args.targets, 0, 1))
        return NULL;
    return tarn__loss(&bernoulli_nll, args.probabilities, args.targets, args.reduction, 0);
}
