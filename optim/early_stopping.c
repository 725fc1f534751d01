/*
 * Early stopping: training ends where a metric of held-out data does not improve any more, see
 * optim/schedule.h.
 */
#include <math.h>

#include "core/base/error.h"
#include "optim/schedule.h"

tarn_early_stopping tarn_early_stopping_with(tarn_early_stopping_args args)
{
    return (tarn_early_stopping){
        .options = args, .best = args.maximize ? -INFINITY : INFINITY, .best_step = -1};
}

static bool check(const tarn_early_stopping_args *s)
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
    if (!s || !check(&s->options))
        return true;
    const tarn_early_stopping_args *o = &s->options;
    const bool better =
        o->maximize ? metric > s->best + o->min_delta : metric < s->best - o->min_delta;
    if (better) {
        s->best = metric;
        s->best_step = s->steps;
    }
    s->steps++;
    const int64_t waited = s->steps - 1 - s->best_step;
    return waited > 0 && waited >= o->patience;
}
