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

#include "core/kernels/kernels.h"
#include "core/ops/shared/loss.h"

/* e^-|z| of a chunk. */
TARN__CLONES static void exponentials(int64_t n, const tarn_real *z, tarn_real *e)
{
    for (int64_t i = 0; i < n; i++)
        e[i] = z[i] < 0 ? z[i] : -z[i];
    tarn__kernels_in_use()->exp(n, e, e);
}

/* ln(1 + e) of w = 1 + e, rounded, is ln(w) e / (w - 1), as both lack the same. */
TARN__CLONES static void value_loop(int64_t n, const tarn_real *z, const tarn_real *t,
                                    double unused, double *y)
{
    (void)unused;
    tarn_real e[TARN__CHUNK], log_w[TARN__CHUNK];
    exponentials(n, z, e);
    for (int64_t i = 0; i < n; i++)
        log_w[i] = 1 + e[i];
    tarn__kernels_in_use()->log(n, log_w, log_w);
    for (int64_t i = 0; i < n; i++) {
        const tarn_real w = 1 + e[i], below = w - 1, size = z[i] < 0 ? -z[i] : z[i];
        const tarn_real rest = below == 0 ? e[i] : log_w[i] * (e[i] / (below == 0 ? 1 : below));
        const double u = z[i] >= 0 ? 1 - (double)t[i] : (double)t[i];
        const double product = size * u;
        /* An infinite logit that is right has no loss. */
        y[i] = (u == 0 ? 0 : product) + (double)rest;
    }
}

TARN__CLONES static void slope_of_logit_loop(int64_t n, const tarn_real *z, const tarn_real *t,
                                             double unused, double *y)
{
    (void)unused;
    tarn_real smaller[TARN__CHUNK];
    for (int64_t i = 0; i < n; i++)
        smaller[i] = z[i] < 0 ? z[i] : -z[i];
    tarn__kernels_in_use()->sigmoid(n, smaller, smaller);
    for (int64_t i = 0; i < n; i++) {
        const double p = smaller[i], target = t[i];
        const double below = p - target, above = (1 - target) - p;
        y[i] = z[i] < 0 ? below : above;
    }
}

static inline double slope_of_target(double z, double t, double unused)
{
    (void)t, (void)unused;
    return -z;
}

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
