/* What max_pool2d and avg_pool2d share. */
#ifndef TARN_CORE_OPS_SHARED_POOL2D_H
#define TARN_CORE_OPS_SHARED_POOL2D_H

#include "core/op_internal.h"
#include "core/ops.h"

/* Windows along one axis. */
typedef struct tarn__pool_axis {
    int64_t in, out; /* pixels, and windows */
    int64_t kernel, stride, padding, dilation;
    bool adaptive; /* windows that cover the image instead, see tarn_adaptive_avg_pool2d() */
} tarn__pool_axis;

typedef struct tarn__pool2d {
    int64_t n, c;
    tarn__pool_axis h, w;
} tarn__pool2d;

/* Fills in the defaults and sizes; false, after a report to the handler, if they are impossible. */
bool tarn__pool2d_of(const char *op, const tarn_max_pool2d_args *args, tarn__pool2d *s);

/* From the first pixel of a window to behind its last. */
static inline int64_t tarn__reach_of(const tarn__pool_axis *a)
{
    return a->dilation * (a->kernel - 1) + 1;
}

/* The part of window i that lies inside the image: pixels first, first + dilation, ... before end.
 */
typedef struct tarn__span {
    int64_t first, end;
} tarn__span;
static inline tarn__span tarn__span_of(const tarn__pool_axis *a, int64_t i)
{
    if (a->adaptive)
        return (tarn__span){i * a->in / a->out, ((i + 1) * a->in + a->out - 1) / a->out};
    const int64_t first = i * a->stride - a->padding, end = first + tarn__reach_of(a);
    const int64_t outside = first < 0 ? (a->dilation - 1 - first) / a->dilation : 0;
    return (tarn__span){first + outside * a->dilation, end < a->in ? end : a->in};
}

#endif
