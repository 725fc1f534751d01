/*
 * Metrics: how good predictions are, one batch or many.
 *
 * Logits are (N, classes), of any values that rank the classes; labels are N class ids, each at
 * least 0 and below classes. Anything else is a mistake. The guess of a row is its largest element:
 * the first of equals, and NaN counts as largest, so that a row with NaN is wrong unless it is the
 * label's.
 */
#ifndef TARN_NN_METRICS_H
#define TARN_NN_METRICS_H

#include "core/tensor.h"

TARN_API_BEGIN

/* ---- Of one batch */

/* In how many rows the guess is the label. 0 for NULL and after a mistake. */
int tarn_count_correct(const tarn_tensor *logits, tarn_labels labels);

/* In how many rows the label is among the k largest: fewer than k classes are above it. A class is
   above another if its element is larger, or equal with a smaller index; NaN counts as largest. So
   k = 1 is tarn_count_correct(). k below 1 or above the number of classes is a mistake. 0 for NULL
   and after a mistake. */
int tarn_count_top_k(const tarn_tensor *logits, tarn_labels labels, int k);

/* The share of rows whose guess is the label, from 0 to 1. NaN for no rows, for NULL and after a
   mistake. */
double tarn_accuracy(const tarn_tensor *logits, tarn_labels labels);

/* ---- Of many batches: a mean that is added to as they come.

       tarn_running_mean mean = {0};
       tarn_running_mean_add(&mean, tarn_item(loss), batch.count);
       printf("%g\n", tarn_running_mean_get(&mean)); */
typedef struct tarn_running_mean {
    double sum, weight;
} tarn_running_mean;

/* Counts the value with this weight. A weight below 0, NaN or infinite is a mistake; with weight 0
   nothing changes, whatever the value (the mean loss of no rows is NaN). NULL does nothing. */
void tarn_running_mean_add(tarn_running_mean *mean, double value, double weight);

/* The sum of weight times value, divided by that of the weights. NaN before any, and for NULL. */
double tarn_running_mean_get(const tarn_running_mean *mean);

TARN_API_END

#endif
