/* What max, min, argmax and argmin share. */
#ifndef TARN_CORE_OPS_SHARED_EXTREME_H
#define TARN_CORE_OPS_SHARED_EXTREME_H

#include "core/ops.h"
#include "core/ops/shared/axes.h"

typedef enum tarn__extreme { TARN__LARGEST = 1, TARN__SMALLEST = -1 } tarn__extreme;

/* Turns axis -1 into the last, and so on; -1 and a report to the handler if there is no such axis,
   if it is longer than 2^31 - 1, or if it is empty and the result is not. */
int tarn__extreme_axis(const char *op, const tarn_tensor *x, int axis);

/* For each element of the result (of a reduction over one axis or all, of at least one row): which
   element of x it is, the first of equals, or the first NaN if there is one. places gets where it
   is in x, rows which row it is in; the other is NULL. */
void tarn__extreme_find(tarn__extreme which, const tarn__reduce_plan *r, const tarn_real *x,
                        int64_t *places, int32_t *rows);

/* max and min, with tarn__extreme_backward() for their backward. */
tarn_tensor *tarn__extreme_of_all(const tarn_op *op, tarn__extreme which, tarn_tensor *x);
tarn_tensor *tarn__extreme_of_axis(const tarn_op *op, const char *name, tarn__extreme which,
                                   tarn_tensor *x, int axis);
tarn_tensor *tarn__extreme_of_axes(const tarn_op *op, tarn__extreme which, tarn_reduce_args args);
void tarn__extreme_backward(const tarn_node *node);

#endif
