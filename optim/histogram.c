#include "optim/histogram.h"

#include <math.h>

#include "core/base/error.h"

enum { PER_OCTAVE = 4, FIRST_EXPONENT = -64 };

double tarn_optim_bin(int i)
{
    return exp2((double)i / PER_OCTAVE + FIRST_EXPONENT);
}

/* Which of the four bins of its octave a number in [0.5, 1) belongs to. */
static int bin_in_octave(double mantissa)
{
    return (mantissa >= 0.59460355750136053) + (mantissa >= 0.70710678118654752) +
           (mantissa >= 0.84089641525371454);
}

void tarn_optim_count(tarn_optim_histogram *h, double number)
{
    if (!h)
        return;
    h->count++;
    if (number == 0)
        h->zeros++;
    else if (!isfinite(number))
        h->odd++;
    else {
        int exponent;
        const double mantissa = frexp(fabs(number), &exponent);
        const int i = (exponent - 1 - FIRST_EXPONENT) * PER_OCTAVE + bin_in_octave(mantissa);
        h->bins[i < 0 ? 0 : i >= TARN_OPTIM_BINS ? TARN_OPTIM_BINS - 1 : i]++;
    }
}

void tarn_optim_count_updates(tarn_optim_histogram *h, const tarn_optim_change *change)
{
    const int64_t size = h && change && change->updates ? tarn_size(change->parameter) : 0;
    for (int64_t i = 0; i < size; i++)
        tarn_optim_count(h, (double)change->updates[i]);
}

void tarn_optim_count_rates(tarn_optim_histogram *h, const tarn_optim_change *change)
{
    const int64_t size = h && change && change->updates ? tarn_size(change->parameter) : 0;
    for (int64_t i = 0; i < size; i++)
        if (change->gradients[i] != 0)
            tarn_optim_count(h, (double)change->updates[i] / (double)change->gradients[i]);
}

double tarn_optim_quantile(const tarn_optim_histogram *h, double part)
{
    if (!(part >= 0 && part <= 1)) {
        tarn_fail("optim_quantile: the part is %g, expects a number in [0, 1]", part);
        return NAN;
    }
    const int64_t finite = h ? h->count - h->odd : 0;
    if (finite == 0)
        return NAN;
    const double rank = part * (double)finite;
    double below = (double)h->zeros;
    if (h->zeros > 0 && rank <= below)
        return 0;
    int last = 0;
    for (int i = 0; i < TARN_OPTIM_BINS; i++) {
        const double here = (double)h->bins[i];
        if (here > 0 && rank <= below + here)
            return tarn_optim_bin(i) * exp2((rank - below) / here / PER_OCTAVE);
        below += here;
        last = here > 0 ? i : last;
    }
    return tarn_optim_bin(last + 1); /* of rounding: all are below */
}
