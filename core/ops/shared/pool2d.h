/* What max_pool2d and avg_pool2d share. */
#ifndef TARN_CORE_OPS_POOL2D_H
#define TARN_CORE_OPS_POOL2D_H

#include "core/op_internal.h"
#include "core/ops.h"

typedef struct tarn__pool2d {
    int64_t n, h, w, c, oh, ow;
    int64_t kernel, stride, padding;
} tarn__pool2d;

/* Fills in the defaults and sizes; false, after a report to the handler, if they are impossible. */
bool tarn__pool2d_of(const char *op, const tarn_pool2d_args *args, tarn__pool2d *s);

/* The part of a window that lies inside the image. */
typedef struct tarn__window {
    int64_t top, bottom, left, right; /* rows top to bottom - 1, columns left to right - 1 */
} tarn__window;
tarn__window tarn__window_of(const tarn__pool2d *s, int64_t i, int64_t j);

#endif
