/*
 * Reduction of the rate where a metric does not improve any more, see optim/schedule.h.
 *
 *     margin = threshold |best|
 *     improvement    metric < best - margin, or metric > best + margin to maximize
 *     after more than patience updates in a row without one:
 *                    scale = max(scale factor, min), and cooldown updates do not count
 */
#include <math.h>

#include "core/base/error.h"
#include "optim/schedule.h"

static bool check(const tarn_plateau *p)
{
    if (p->patience < 0 || p->cooldown < 0)
        return tarn_fail("plateau_update: %s is %lld, expects at least 0",
                         p->patience < 0 ? "patience" : "cooldown",
                         (long long)(p->patience < 0 ? p->patience : p->cooldown));
    if (p->no_patience && p->patience > 0)
        return tarn_fail("plateau_update: patience is %lld and no_patience is set, expects one of "
                         "the two",
                         (long long)p->patience);
    if (!(p->factor >= 0 && p->factor < 1))
        return tarn_fail("plateau_update: factor is %g, expects a number in (0, 1)", p->factor);
    if (!(p->threshold >= 0 && p->threshold < 1))
        return tarn_fail("plateau_update: threshold is %g, expects a number in (0, 1)",
                         p->threshold);
    if (!(p->min >= 0 && p->min <= 1))
        return tarn_fail("plateau_update: min is %g, expects a number in [0, 1]", p->min);
    return true;
}

double tarn_plateau_update(tarn_plateau *p, double metric)
{
    if (!p || !check(p))
        return NAN;
    if (!p->begun) {
        p->best = p->maximize ? -INFINITY : INFINITY;
        p->scale = 1;
        p->begun = true;
    }
    const int64_t patience = p->patience > 0 || p->no_patience ? p->patience : 10;
    const double threshold = p->threshold > 0 ? p->threshold : 1e-4;
    const double margin = isinf(p->best) ? 0 : threshold * fabs(p->best);
    const bool better = p->maximize ? metric > p->best + margin : metric < p->best - margin;
    if (better)
        p->best = metric;
    p->waited = better ? 0 : p->waited + 1;
    if (p->pause > 0) {
        p->pause--;
        p->waited = 0;
    }
    if (p->waited > patience) {
        p->scale = fmax(p->scale * (p->factor > 0 ? p->factor : 0.1), p->min);
        p->pause = p->cooldown;
        p->waited = 0;
    }
    return p->scale;
}
