/*
 * Cross-entropy of a logit z, of which p = sigmoid(z) is the probability, against a target t.
 *
 *     l = -t ln p - (1 - t) ln(1 - p)
 *       = |z| u + ln(1 + e^-|z|),       u = 1 - t where z >= 0, t elsewhere
 *     dz = dl (p - t) where z < 0, dl ((1 - t) - (1 - p)) elsewhere
 *     dt = -dl z
 *
 * The second form of l overflows nowhere, and is exact where p or 1 - p is too small for a number;
 * so is dz, of the smaller of p and 1 - p.
 */
#include <math.h>

#include "core/ops/shared/loss.h"

static inline double value(double z, double t, double unused)
{
    (void)unused;
    const double u = z >= 0 ? 1 - t : t;
    /* An infinite logit that is right has no loss. */
    return (u == 0 ? 0 : fabs(z) * u) + log1p(exp(-fabs(z)));
}

static inline double slope_of_logit(double z, double t, double unused)
{
    (void)unused;
    const double smaller = 1 / (1 + exp(fabs(z)));
    return z < 0 ? smaller - t : (1 - t) - smaller;
}

static inline double slope_of_target(double z, double t, double unused)
{
    (void)t, (void)unused;
    return -z;
}

TARN__LOSS_LOOP(value)
TARN__LOSS_LOOP(slope_of_logit)
TARN__LOSS_LOOP(slope_of_target)
static const tarn__pair_loss binary_cross_entropy = {
    {"binary_cross_entropy", tarn__loss_backward},
    value_loop,
    slope_of_logit_loop,
    slope_of_target_loop,
};

tarn_tensor *tarn_binary_cross_entropy_with(tarn_binary_cross_entropy_args args)
{
    const char *op = binary_cross_entropy.op.name;
    if (!args.logits || !args.targets || !tarn__check_range(op, "target", args.targets, 0, 1))
        return NULL;
    return tarn__loss(&binary_cross_entropy, args.logits, args.targets, args.reduction, 0);
}
