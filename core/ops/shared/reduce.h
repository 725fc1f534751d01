/*
 * What sum, mean and variance share: which elements of a tensor are summed into which element of
 * the result, and the loops over them.
 */
#ifndef TARN_CORE_OPS_REDUCE_H
#define TARN_CORE_OPS_REDUCE_H

#include "core/internal.h"
#include "core/kernels/kernels.h"

/* Dimensions counted together, the last of them fastest, and how far apart in x their steps are. */
typedef struct tarn__places {
    int ndim;
    int64_t count; /* the product of the dimensions */
    int64_t dim[TARN_MAX_NDIM], stride[TARN_MAX_NDIM];
} tarn__places;

/* How a tensor x is reduced. Neighbouring dimensions of which both stay, or both go, are one here.
   The last of them that go are rows of inner elements, one after the other; inner is 1 where the
   very last go. Element (o, i) of the result is made from x[kept(o) + summed(s) + k inner + i] for
   all s and k < rows. */
typedef struct tarn__reduction {
    tarn__places kept, summed;
    int64_t rows, inner;
} tarn__reduction;

/* Over all elements; over one axis. */
tarn__reduction tarn__reduce_all(const tarn_tensor *x);
tarn__reduction tarn__reduce_axis(const tarn_tensor *x, int axis);

/* Over several axes, for the operation op; *shape is that of the result. False, after a report to
   the handler unless tarn_axes() has made one, if the list of axes is not as it should be. */
bool tarn__reduce_axes(const char *op, const tarn_tensor *x, tarn_axes axes, bool keepdims,
                       tarn_shape *shape, tarn__reduction *r);

/* The shape of x without one axis. */
tarn_shape tarn__shape_without(tarn_shape shape, int axis);

/* How many elements of x make one of the result. */
static inline int64_t tarn__reduced_count(const tarn__reduction *r)
{
    return r->summed.count * r->rows;
}

/* y = factor * sum of x, summed in double, in an order that does not depend on the number of
   threads. Unless mean is NULL: mean = the mean of x, and y = factor * sum of (x - mean)^2. */
void tarn__reduce(const tarn__reduction *r, double factor, const tarn_real *x, double *mean,
                  tarn_real *y);

/* dx = factor dy at every element that was summed; unless mean is NULL, factor dy (x - mean),
   which is always added. */
void tarn__reduce_backward(const tarn__reduction *r, double factor, const tarn_real *x,
                           const double *mean, const tarn_real *dy, tarn__target dx);

/* An operation y = factor * sum of x, with tarn__scaled_sum_backward() for its backward. */
tarn_tensor *tarn__scaled_sum(const tarn_op *op, tarn_tensor *x, tarn_shape shape,
                              tarn__reduction r, double factor);
void tarn__scaled_sum_backward(const tarn_node *node);

#endif
