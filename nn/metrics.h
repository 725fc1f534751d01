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

#include <stdio.h>

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

/* ---- Of many batches: how often each class was taken for each other. */
typedef struct tarn_confusion tarn_confusion;

/* All counts are 0 at first. Reports a mistake and returns NULL if classes is below 1; returns NULL
   with tarn_error() set when memory runs out. The caller's, for tarn_confusion_free(). */
tarn_confusion *tarn_confusion_new(int classes);

/* Counts each row of a batch. Whether it did: false, nothing being counted, for NULL and after a
   mistake. */
bool tarn_confusion_add(tarn_confusion *confusion, const tarn_tensor *logits, tarn_labels labels);

/* How many rows of that label had that guess. 0 for NULL and, after a mistake, for a class that is
   none. */
int64_t tarn_confusion_count(const tarn_confusion *confusion, int truth, int guess);

/* The share of all rows whose guess was the label; of the rows with this label (recall); of the
   rows with this guess (precision). NaN where there are none, for NULL and, after a mistake, for a
   class that is none. */
double tarn_confusion_accuracy(const tarn_confusion *confusion);
double tarn_confusion_recall(const tarn_confusion *confusion, int label);
double tarn_confusion_precision(const tarn_confusion *confusion, int guess);

/* Prints the counts as a table, a row for each label and a column for each guess, with the recall
   of each row, the precision of each column, and the accuracy in the corner, in percent ("-" where
   there are none). names has one name, in UTF-8, for each class, or is NULL for their numbers.
   Whether all could be written: false for NULL, or with tarn_error() set. */
bool tarn_confusion_print(const tarn_confusion *confusion, const char *const *names, FILE *stream);

/* All counts are 0 again. */
void tarn_confusion_clear(tarn_confusion *confusion);

/* Safe on NULL. */
void tarn_confusion_free(tarn_confusion *confusion);

TARN_API_END

#endif
