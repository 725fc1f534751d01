/* What softmax, log_softmax and cross_entropy share: the rows of a tensor's last dimension. */
#ifndef TARN_CORE_OPS_SOFTMAX_H
#define TARN_CORE_OPS_SOFTMAX_H

#include "core/internal.h"

/* False, after a report to the handler, if x has no dimension. */
bool tarn__rows(const char *op, const tarn_tensor *x, int64_t *rows, int64_t *columns);

/* The logarithm of the sum of e^x over one row, computed from x - max(x), so that no exponential
   overflows; NaN if an element is NaN. */
double tarn__log_sum_exp(const tarn_real *x, int64_t columns);

#endif
