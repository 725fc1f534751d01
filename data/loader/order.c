/*
 * In which order an epoch shows the samples: as they are, each once at random, or drawn with
 * replacement. It is a function of the seed and the number of the epoch.
 */
#include <math.h>
#include <stdlib.h>

#include "core/base/error.h"
#include "core/base/random_internal.h"
#include "data/loader_internal.h"

/* ---- Weights */

static bool check_weights(const double *weights, int64_t count)
{
    double sum = 0;
    for (int64_t i = 0; i < count; i++) {
        if (!(weights[i] >= 0 && isfinite(weights[i])))
            return tarn_fail("loader_new: the weight of sample %lld is %g, expects 0 or more and "
                             "finite",
                             (long long)i, weights[i]);
        sum += weights[i];
    }
    return (sum > 0 && isfinite(sum)) || count == 0 ||
           tarn_fail("loader_new: the weights of %lld samples add up to %g, expects above 0 and "
                     "finite",
                     (long long)count, sum);
}

/* sums[i] = the weights of samples 0 to i; of balanced classes 1 / the samples of its class. */
static bool add_up(double *sums, const tarn_dataset *dataset, const double *weights)
{
    int64_t *of_class = calloc((size_t)dataset->classes + 1, sizeof *of_class);
    double sum = 0;
    for (int64_t i = 0; of_class && i < dataset->count; i++)
        of_class[dataset->labels[i]]++;
    for (int64_t i = 0; of_class && i < dataset->count; i++) {
        sum += weights ? weights[i] : 1.0 / (double)of_class[dataset->labels[i]];
        sums[i] = sum;
    }
    free(of_class);
    return of_class;
}

/* The first sample whose sum is above a number in [0, sum of all): it has a weight above 0. */
static int64_t sample_at(const double *sums, int64_t count, double number)
{
    int64_t first = 0, last = count - 1;
    while (first < last) {
        int64_t middle = first + (last - first) / 2;
        if (sums[middle] > number)
            last = middle;
        else
            first = middle + 1;
    }
    return first;
}

static void draw(tarn_loader *loader, uint64_t state)
{
    const int64_t count = loader->dataset->count;
    const double *sums = loader->weights, sum = count > 0 ? sums[count - 1] : 0;
    for (int64_t i = 0; i < count; i++) {
        double number = (double)(tarn__random_at(state, i) >> 11) * 0x1p-53 * sum;
        /* Rounding may reach the sum of all. */
        loader->order[i] = sample_at(sums, count, number < sum ? number : nextafter(sum, 0));
    }
}

/* ---- Shuffling */

/* A uniform number below limit. Masks to the next power of two and draws again what is too large:
   a remainder would favour small numbers. */
static int64_t random_below(uint64_t state, int64_t *drawn, int64_t limit)
{
    uint64_t mask = UINT64_MAX >> __builtin_clzll((uint64_t)limit), number;
    do
        number = tarn__random_at(state, (*drawn)++) & mask;
    while (number >= (uint64_t)limit);
    return (int64_t)number;
}

/* Fisher and Yates: each place, from the last, gets one of those not yet placed. */
static void shuffle(tarn_loader *loader, uint64_t state)
{
    int64_t drawn = 0, *order = loader->order, count = loader->dataset->count;
    for (int64_t i = 0; i < count; i++)
        order[i] = i;
    for (int64_t i = count - 1; i > 0; i--) {
        int64_t j = random_below(state, &drawn, i + 1), moved = order[i];
        order[i] = order[j];
        order[j] = moved;
    }
}

/* ---- */

bool tarn__order_begin(tarn_loader *loader)
{
    const tarn_loader_args *options = &loader->options;
    const size_t count = (size_t)loader->dataset->count;
    const bool draws = options->sampling || options->balanced;
    if (options->sampling && options->balanced)
        return tarn_fail("loader_new: both sampling and balanced are set, expects one of them");
    if (options->sampling && !check_weights(options->sampling, loader->dataset->count))
        return false;
    /* One element more than needed, so that no block has 0 bytes. */
    if (draws)
        loader->weights = malloc((count + 1) * sizeof *loader->weights);
    if (draws || options->shuffle)
        loader->order = malloc((count + 1) * sizeof *loader->order);
    loader->ordered = -1;
    const bool good = (loader->order || !(draws || options->shuffle)) &&
                      (!draws || (loader->weights &&
                                  add_up(loader->weights, loader->dataset, options->sampling)));
    return good || tarn_set_error("out of memory for the order of %zu samples", count);
}

void tarn__order_of(tarn_loader *loader, int64_t epoch)
{
    if (!loader->order || loader->ordered == epoch)
        return;
    loader->ordered = epoch;
    uint64_t state = tarn__random_at(tarn__random_from_seed(loader->options.seed), epoch);
    if (loader->weights)
        draw(loader, state);
    else
        shuffle(loader, state);
}
