/* Shared by the metrics. */
#ifndef TARN_NN_METRICS_INTERNAL_H
#define TARN_NN_METRICS_INTERNAL_H

#include "core/tensor.h"

/* The index of the largest, as nn/metrics.h defines it; whether logits and labels fit
   together, false for NULL and after a report to the handler. */
int64_t tarn__guess(const tarn_real *row, int64_t classes);
bool tarn__check_guesses(const char *name, const tarn_tensor *logits, tarn_labels labels);

#endif
