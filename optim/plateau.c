/*
 * Reduction of the rate where a metric does not improve any more, see optim/schedule.h.
 *
 *     margin = threshold |best|, or threshold itself
 *     improvement    metric < best - margin, or metric > best + margin to maximize
 *     after more than patience updates in a row without one:
 *                    scale = max(scale factor, min), and cooldown updates do not count
 */
#include <math.h>

#include "core/base/error.h"
#include "optim/schedule.h"

tarn_plateau tarn_plateau_with(tarn_plateau_args args)
{
    return (tarn_plateau){
        .options = args, .best = args.maximize ? -INFINITY : INFINITY, .scale = 1};
}

static bool check(const tarn_plateau_args *o)
{
    if (o->patience < 0 || o->cooldown < 0)
        return tarn_fail("plateau_update: %s is %lld, expects at least 0",
                         o->patience < 0 ? "patience" : "cooldown",
                         (long long)(o->patience < 0 ? o->patience : o->cooldown));
    if (!(o->factor >= 0 && o->factor < 1))
        return tarn_fail("plateau_update: factor is %g, expects a number in [0, 1)", o->factor);
    if (!(o->threshold >= 0 && o->threshold < (o->absolute ? INFINITY : 1)))
        return tarn_fail("plateau_update: threshold is %g, expects %s", o->threshold,
                         o->absolute ? "a finite number of at least 0" : "a number in [0, 1)");
    if (!(o->min >= 0 && o->min <= 1))
        return tarn_fail("plateau_update: min is %g, expects a number in [0, 1]", o->min);
    return true;
}

double tarn_plateau_update(tarn_plateau *p, double metric)
{
    if (!p || !check(&p->options))
        return NAN;
    const tarn_plateau_args *o = &p->options;
    const double size = isinf(p->best) ? 0 : o->absolute ? 1 : fabs(p->best);
    const double margin = o->threshold * size;
    const bool better = o->maximize ? metric > p->best + margin : metric < p->best - margin;
    if (better)
        p->best = metric;
    p->waited = better ? 0 : p->waited + 1;
    if (p->pause > 0) {
        p->pause--;
        p->waited = 0;
    }
    if (p->waited > o->patience) {
        p->scale = fmax(p->scale * o->factor, o->min);
        p->pause = o->cooldown;
        p->waited = 0;
    }
    return p->scale;
}
