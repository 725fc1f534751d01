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
 *
 * With a weight w of the first term it is a loss of the same form: -w t ln p - (1 - t) ln(1 - p) =
 * c l(z, u), c = w t + 1 - t, u = w t / c.
 */
#include <math.h>

#include "core/base/error.h"
#include "core/kernels/kernels.h"
#include "core/ops.h"
#include "core/ops/shared/broadcast.h"
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
                                    tarn_real unused, tarn_real *y)
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
        y[i] = (tarn_real)((u == 0 ? 0 : product) + (double)rest);
    }
}

TARN__CLONES static void slope_of_logit_loop(int64_t n, const tarn_real *z, const tarn_real *t,
                                             tarn_real unused, tarn_real *y)
{
    (void)unused;
    tarn_real smaller[TARN__CHUNK];
    for (int64_t i = 0; i < n; i++)
        smaller[i] = z[i] < 0 ? z[i] : -z[i];
    tarn__kernels_in_use()->sigmoid(n, smaller, smaller);
    for (int64_t i = 0; i < n; i++) {
        const double p = smaller[i], target = t[i];
        const double below = p - target, above = (1 - target) - p;
        y[i] = (tarn_real)(z[i] < 0 ? below : above);
    }
}

static inline tarn_real slope_of_target(tarn_real z, tarn_real t, tarn_real unused)
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

/* Weights are there or not, at least 0, and broadcast to the shape of the logits. */
static bool check_weight(const char *what, tarn_tensor *weight, const tarn_tensor *logits)
{
    const char *op = binary_cross_entropy.op.name;
    tarn__pairing p;
    if (!weight)
        return true;
    if (!tarn__check_range(op, what, weight, 0, INFINITY) || !tarn__pair(op, logits, weight, &p))
        return false;
    return tarn_shape_equal(p.result, logits->shape) ||
           tarn_fail("%s: %s %s does not broadcast to the logits' shape %s", op, what,
                     tarn_shape_to_text(weight->shape).text,
                     tarn_shape_to_text(logits->shape).text);
}

static tarn_tensor *weighted(const tarn_binary_cross_entropy_args *a)
{
    tarn_tensor *targets = a->targets, *factor = a->weight ? tarn_detach(a->weight) : NULL;
    if (a->pos_weight) {
        tarn_tensor *one = tarn_number(1), *t = tarn_detach(targets),
                    *w = tarn_detach(a->pos_weight);
        tarn_tensor *c = tarn_add(tarn_mul(t, tarn_sub(w, one)), one);
        targets = tarn_where(c, tarn_div(tarn_mul(t, w), c), c);
        factor = factor ? tarn_mul(c, factor) : c;
    }
    tarn_tensor *losses = tarn__loss(&binary_cross_entropy, a->logits, targets, TARN_NONE, 0);
    losses = tarn_where(factor, tarn_mul(losses, factor), factor); /* 0 infinity is 0 here */
    return a->reduction == TARN_NONE ? losses
                                     : (a->reduction == TARN_SUM ? tarn_sum : tarn_mean)(losses);
}

tarn_tensor *tarn_binary_cross_entropy_with(tarn_binary_cross_entropy_args args)
{
    const char *op = binary_cross_entropy.op.name;
    if (!args.logits || !args.targets || !tarn__check_range(op, "target", args.targets, 0, 1))
        return NULL;
    if (!args.weight && !args.pos_weight)
        return tarn__loss(&binary_cross_entropy, args.logits, args.targets, args.reduction, 0);
    if (!tarn__check_same_shape(op, args.logits, args.targets) ||
        !tarn__check_reduction(op, args.reduction) ||
        !check_weight("weight", args.weight, args.logits) ||
        !check_weight("pos_weight", args.pos_weight, args.logits))
        return NULL;
    return weighted(&args);
}
