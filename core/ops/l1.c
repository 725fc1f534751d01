/*
 * Absolute error.
 *
 *     l = |a - b|
 *     da = dl sign(a - b), 0 where a = b,  db = -da
 */
#include "core/ops/shared/loss.h"

static inline tarn_real value(tarn_real a, tarn_real b, tarn_real unused)
{
    (void)unused;
    const tarn_real d = a - b;
    return d < 0 ? -d : d;
}

/* 0 where one is NaN, as in PyTorch. */
static inline tarn_real slope(tarn_real a, tarn_real b, tarn_real unused)
{
    (void)unused;
    return (tarn_real)((a > b) - (a < b));
}

TARN__LOSS_LOOP(value)
TARN__LOSS_LOOP(slope)
static const tarn__pair_loss l1 = {{"l1", tarn__loss_backward}, value_loop, slope_loop, NULL};

tarn_tensor *tarn_l1_with(tarn_loss_args args)
{
    return tarn__loss(&l1, args.a, args.b, args.reduction, 0);
}
