/*
 * Huber's loss of d = a - b: a square near 0, straight beyond.
 *
 *     l = m (|d| - m / 2),          m = min(|d|, delta): d^2 / 2 up to delta
 *     da = dl d, but at most delta and at least -delta,  db = -da
 */
#include <math.h>

#include "core/base/error.h"
#include "core/ops/shared/loss.h"

static inline tarn_real value(tarn_real a, tarn_real b, tarn_real delta)
{
    const tarn_real d = a < b ? b - a : a - b, m = delta < d ? delta : d; /* NaN stays */
    return m * (d - m / 2);
}

static inline tarn_real slope(tarn_real a, tarn_real b, tarn_real delta)
{
    const tarn_real d = a - b, m = delta < d ? delta : d; /* NaN stays */
    return -delta > m ? -delta : m;
}

TARN__LOSS_LOOP(value)
TARN__LOSS_LOOP(slope)
static const tarn__pair_loss huber = {{"huber", tarn__loss_backward}, value_loop, slope_loop, NULL};

tarn_tensor *tarn_huber_with(tarn_huber_args args)
{
    if (!(args.delta > 0 && isfinite(args.delta)))
        return tarn_fail("huber: delta is %g, expects above 0 and finite", args.delta);
    return tarn__loss(&huber, args.a, args.b, args.reduction, (tarn_real)args.delta);
}
