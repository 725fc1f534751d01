/* What sum and mean share. */
#ifndef TARN_CORE_OPS_REDUCE_H
#define TARN_CORE_OPS_REDUCE_H

#include "core/internal.h"

/* The elements of x seen as (outer, count, inner), of which the middle dimension is summed away. */
typedef struct tarn__reduction {
    int64_t outer, count, inner;
} tarn__reduction;

/* Over all elements; over one axis. */
tarn__reduction tarn__reduce_all(const tarn_tensor *x);
tarn__reduction tarn__reduce_axis(const tarn_tensor *x, int axis);

/* The shape of x without one axis. */
tarn_shape tarn__shape_without(tarn_shape shape, int axis);

/* y[o,i] = factor * sum over k of x[o,k,i], summed in double, in order. */
void tarn__reduce(tarn__reduction r, double factor, const tarn_real *x, tarn_real *y);

/* dx[o,k,i] += factor dy[o,i] */
void tarn__reduce_backward(tarn__reduction r, double factor, const tarn_real *dy, tarn_real *dx);

#endif
