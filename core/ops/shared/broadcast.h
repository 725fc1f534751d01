/* Pairs the elements of two or three tensors by NumPy's rules of broadcasting. */
#ifndef TARN_CORE_OPS_SHARED_BROADCAST_H
#define TARN_CORE_OPS_SHARED_BROADCAST_H

#include "core/op_internal.h"

/* How the elements of two tensors pair up: as rows of row_size elements, in which a and b each go
   on by one element or stay on one. Dimensions that go on evenly in both are one dimension here.
   Of three tensors, with c, the same. */
typedef struct tarn__pairing {
    tarn_shape result;
    int64_t rows, row_size;
    int64_t pieces; /* that each row is cut into, so that threads can share a long one */
    int64_t a_step, b_step, c_step; /* within a row: 1 or 0 */
    int ndim;                       /* of the dimensions that count the rows, outermost first */
    int64_t dim[TARN_MAX_NDIM];
    int64_t a_stride[TARN_MAX_NDIM], b_stride[TARN_MAX_NDIM], c_stride[TARN_MAX_NDIM];
} tarn__pairing;

/* False, after a report to the handler, if the shapes cannot be broadcast. */
bool tarn__pair(const char *op, const tarn_tensor *a, const tarn_tensor *b, tarn__pairing *p);
bool tarn__pair_of_three(const char *op, const tarn_tensor *a, const tarn_tensor *b,
                         const tarn_tensor *c, tarn__pairing *p);

/* One piece of a row: count elements from the given places in a, b, c and the result on. */
typedef struct tarn__piece {
    int64_t count, a, b, c, result;
} tarn__piece;
tarn__piece tarn__piece_of(const tarn__pairing *p, int64_t index);

#endif
