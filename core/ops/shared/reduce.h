/* What sum, mean and variance share: the loops that sum what axes.h says. */
#ifndef TARN_CORE_OPS_SHARED_REDUCE_H
#define TARN_CORE_OPS_SHARED_REDUCE_H

#include "core/kernels/kernels.h"
#include "core/ops/shared/axes.h"

/* One mean for each element of the result: the tarn_real nearest to it, and what that lacks. NULL
   and NULL: of no interest. */
typedef struct tarn__means {
    tarn_real *centre, *rest;
} tarn__means;

/* y = factor * sum of x, summed in double, in an order that does not depend on the number of
   threads. Unless means are NULL: they become those of x, and y = factor * sum of (x - mean)^2. */
void tarn__reduce(const tarn__reduce_plan *r, double factor, const tarn_real *x, tarn__means means,
                  tarn_real *y);

/* dx = factor dy at every element that was summed; unless means are NULL, factor dy (x - mean). */
void tarn__reduce_backward(const tarn__reduce_plan *r, double factor, const tarn_real *x,
                           tarn__means means, const tarn_real *dy, tarn__target dx);

/* An operation y = factor * sum of x, with tarn__scaled_sum_backward() for its backward. */
tarn_tensor *tarn__scaled_sum(const tarn_op *op, tarn_tensor *x, tarn_shape shape,
                              tarn__reduce_plan r, double factor);
void tarn__scaled_sum_backward(const tarn_node *node);

#endif
