/* The confusion matrix: how often each class was taken for each other, in many batches. Logits,
   labels and guesses are as in nn/metrics.h. */
#ifndef TARN_NN_CONFUSION_H
#define TARN_NN_CONFUSION_H

#include <stdio.h>

#include "core/tensor.h"

TARN_API_BEGIN

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
