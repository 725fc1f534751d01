/*
 * Early stopping: training ends where a metric of held-out data does not improve any more, see
 * optim/schedule.h.
 */
#include <math.h>

#include "core/base/error.h"
#include "optim/schedule.h"

static bool check(const tarn_early_stopping *s)
{
    if (s->patience < 0)
        return tarn_fail("early_stopping_update: patience is %lld, expects at least 0",
                         (long long)s->patience);
    if (!(s->min_delta >= 0 && isfinite(s->min_delta)))
        return tarn_fail("early_stopping_update: min_delta is %g, expects a finite number of at "
                         "least 0",
                         s->min_delta);
    return true;
}

bool tarn_early_stopping_update(tarn_early_stopping *s, double metric)
{
    if (!s || !check(s))
        return true;
    if (s->steps == 0) {
        s->best = s->maximize ? -INFINITY : INFINITY;
        s->best_step = -1;
    }
    const bool better =
        s->maximize ? metric > s->best + s->min_delta : metric < s->best - s->min_delta;
    if (better) {
        s->best = metric;
        s->best_step = s->steps;
    }
    s->steps++;
    const int64_t patience = s->patience > 0 ? s->patience : 10;
    return s->steps - 1 - s->best_step >= patience;
}
