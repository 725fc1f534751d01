/*
 * Squared error.
 *
 *     l = (a - b)^2
 *     da = dl 2 (a - b),  db = -da
 */
#include "core/ops/shared/loss.h"

static inline double value(double a, double b, double unused)
{
    (void)unused;
    return (a - b) * (a - b);
}

static inline double slope(double a, double b, double unused)
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
