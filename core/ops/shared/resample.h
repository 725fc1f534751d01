/*
 * What adaptive_avg_pool2d and the upsample_ operations share: each pixel of the result is a
 * weighted sum of pixels, with a weight that is one factor for the row by one for the column.
 *
 *     y[n,i,j,c] = sum over h,w of R[i,h] C[j,w] x[n,h,w,c]
 *     dx[n,h,w,c] = sum over i,j of R[i,h] C[j,w] dy[n,i,j,c]
 *
 * So backward is the same with the transposes of R and C. Both are sparse, and kept as what is not
 * 0 in each row: its taps.
 */
#ifndef TARN_CORE_OPS_SHARED_RESAMPLE_H
#define TARN_CORE_OPS_SHARED_RESAMPLE_H

#include "core/kernels/kernels.h"
#include "core/op_internal.h"

/* Writes the taps of row i (of out) of the result of an image of `in` rows, and returns their
   number. The numbers of all i are at most 4 in + 6 out. */
typedef int64_t tarn__taps_of(int64_t in, int64_t out, int64_t i, tarn__tap *taps);

/* The taps of a result without aliasing: pixel i is a mean around its centre, (i + 1/2) in / out,
   of all rows h whose own centre, h + 1/2, is nearer than `reach` pixels of the smaller of the two
   images, with weights that a filter gives to that distance. reach is at most 2. */
int64_t tarn__taps_of_filter(double filter(double distance), int reach, int64_t in, int64_t out,
                             int64_t i, tarn__tap *taps);

/* The operation, to be given to tarn__resample(). */
typedef struct tarn__resampling {
    tarn_op op; /* its backward is tarn__resample_backward */
    tarn__taps_of *taps_of;
} tarn__resampling;

/* Whether images of that shape can get that size; false after a report. */
bool tarn__resample_check(const char *op, tarn_shape x, int height, int width);

tarn_tensor *tarn__resample(const tarn__resampling *how, tarn_tensor *x, int height, int width);

/* The same of an interpolation, which has three ways to weigh pixels: by centres, by corners and
   without aliasing. A mistake if both of the last are asked for. */
enum { TARN__CENTRES, TARN__CORNERS, TARN__SMOOTH, TARN__INTERPOLATIONS };
tarn_tensor *tarn__interpolate(const tarn__resampling ways[TARN__INTERPOLATIONS], tarn_tensor *x,
                               int height, int width, bool align_corners, bool antialias);

void tarn__resample_backward(const tarn_node *node);

#endif
