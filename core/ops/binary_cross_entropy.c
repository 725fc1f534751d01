/*
 * Cross-entropy of a logit z, of which p = sigmoid(z) is the probability, against a target t.
 *
 *     l = -t ln p - (1 - t) ln(1 - p)
 *       = |z| u + ln(1 + e^-|z|),       u = 1 - t where z >= 0, t elsewhere
 *     dz = dl (p - t),  dt = -dl z
 *
 * The second form overflows nowhere, and is exact where p or 1 - p is too small for a number.
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
    return 1 / (1 + exp(-z)) - t;
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
