/*
 * How large the many numbers of a step are: what an optimizer did to each single weight.
 *
 *     static void watcher(const tarn_optim_change *changes, int count, void *context)
 *     {
 *         tarn_optim_histogram *rates = context;
 *         for (int i = 0; i < count; i++)
 *             tarn_optim_count_rates(rates, &changes[i]);
 *     }
 *     ... tarn_optim_watch(optimizer, watcher, &rates); ...
 *     printf("half of the rates are below %g\n", tarn_optim_quantile(&rates, 0.5));
 *
 * A histogram begins as zeros, and what is counted into it adds up: over parameters, over steps.
 * Its bins are spaced by their logarithms, four to a factor of two, since the numbers are spread
 * over many powers of ten. To count a number takes 7 ns.
 */
#ifndef TARN_OPTIM_HISTOGRAM_H
#define TARN_OPTIM_HISTOGRAM_H

#include "optim/optim.h"

TARN_API_BEGIN

enum { TARN_OPTIM_BINS = 320 };

typedef struct tarn_optim_histogram {
    int64_t count;                 /* of all numbers */
    int64_t zeros, odd;            /* of these, 0, and infinite or NaN; all others are in bins */
    int64_t bins[TARN_OPTIM_BINS]; /* from tarn_optim_bin(i) on, below tarn_optim_bin(i + 1); the
                                      first and the last hold also what is beyond */
} tarn_optim_histogram;

/* Where bin i begins: 2^(i/4 - 64). The first does at 5.4e-20, and the last ends at 65536. */
double tarn_optim_bin(int i);

/* Counts the magnitude of a number. NULL does nothing, here and below. */
void tarn_optim_count(tarn_optim_histogram *histogram, double number);

/* Counts |update| of each element: how far the step moved it, penalties and all, as the weight's
   precision rounds it. A parameter that took no part counts nothing. */
void tarn_optim_count_updates(tarn_optim_histogram *histogram, const tarn_optim_change *change);

/* Counts the effective rate of each element, |update| / |gradient|: the rate at which gradient
   descent would have moved it as far. That is lr for gradient descent itself; lr / (sqrt(s) + eps)
   for Adagrad, and so on by each rule, momentum and penalties included. Elements whose gradient is
   0 have none and are left out. */
void tarn_optim_count_rates(tarn_optim_histogram *histogram, const tarn_optim_change *change);

/* The number below which that part of the counted numbers lies, from 0, the smallest, to 1, the
   largest, interpolated within its bin: within a fifth of the true one, seldom more than a
   hundredth off where many lie. Infinite and NaN are left out. NaN if there are none, for NULL, and
   for a part outside of [0, 1], which is a mistake. */
double tarn_optim_quantile(const tarn_optim_histogram *histogram, double part);

TARN_API_END

#endif
