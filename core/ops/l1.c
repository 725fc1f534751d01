/*
 * Absolute error.
 *
 *     l = |a - b|
 *     da = dl sign(a - b), 0 where a = b,  db = -da
 */
#include <math.h>

#include "core/ops/shared/loss.h"

static inline double value(double a, double b, double unused)
{
    (void)unused;
    return fabs(a - b);
}

/* 0 where one is NaN, as in PyTorch. */
static inline double slope(double a, double b, double unused)
{
    (void)unused;
    return (a > b) - (a < b);
}

TARN__LOSS_LOOP(value)
TARN__LOSS_LOOP(slope)
static const tarn__pair_loss l1 = {{"l1", tarn__loss_backward}, value_loop, slope_loop, NULL};

tarn_tensor *tarn_l1_with(tarn_loss_args args)
{
    return tarn__loss(&l1, args.a, args.b, args.reduction, 0);
}
