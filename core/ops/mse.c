/*
 * Squared error.
 *
 *     l = (a - b)^2
 *     da = dl 2 (a - b),  db = -da
 */
#include "core/ops/shared/loss.h"

static inline tarn_real value(tarn_real a, tarn_real b, tarn_real unused)
{
    (void)unused;
    const tarn_real d = a - b;
    return d * d;
}

static inline tarn_real slope(tarn_real a, tarn_real b, tarn_real unused)
{
    (void)unused;
    return 2 * (a - b);
}

TARN__LOSS_LOOP(value)
TARN__LOSS_LOOP(slope)
static const tarn__pair_loss mse = {{"mse", tarn__loss_backward}, value_loop, slope_loop, NULL};

tarn_tensor *tarn_mse_with(tarn_loss_args args)
{
    return tarn__loss(&mse, args.a, args.b, args.reduction, 0);
}
