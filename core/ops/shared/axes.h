/* Which elements of a tensor are reduced into which element of the result. */
#ifndef TARN_CORE_OPS_SHARED_AXES_H
#define TARN_CORE_OPS_SHARED_AXES_H

#include "core/op_internal.h"

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
typedef struct tarn__reduce_plan {
    tarn__places kept, summed;
    int64_t rows, inner;
} tarn__reduce_plan;

/* Over all elements; over one axis. */
tarn__reduce_plan tarn__reduce_all(const tarn_tensor *x);
tarn__reduce_plan tarn__reduce_axis(const tarn_tensor *x, int axis);

/* Over several axes, for the operation op; *shape is that of the result. False, after a report to
   the handler unless tarn_axes() has made one, if the list of axes is not as it should be. */
bool tarn__reduce_axes(const char *op, const tarn_tensor *x, tarn_axes axes, bool keepdims,
                       tarn_shape *shape, tarn__reduce_plan *r);

/* The shape of x without one axis. */
tarn_shape tarn__shape_without(tarn_shape shape, int axis);

/* How many elements of x make one of the result. */
static inline int64_t tarn__reduced_count(const tarn__reduce_plan *r)
{
    return r->summed.count * r->rows;
}

#endif
