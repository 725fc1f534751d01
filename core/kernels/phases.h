/*
 * The input gradient of a convolution with a stride, taken apart into phases: stride_h x stride_w
 * convolutions without one. Tap p of the kernel meets the rows p dilation - padding + i stride of
 * the input, so rows that are the stride apart meet the same taps, and no others do. The same holds
 * for columns. Without a stride there is one phase, with all pixels and all taps.
 *
 * Compiled once for all instruction sets.
 */
#ifndef TARN_CORE_KERNELS_PHASES_H
#define TARN_CORE_KERNELS_PHASES_H

#include "core/kernels/kernels.h"

/* What a convolution is along the height, or along the width. */
typedef struct tarn__conv2d_axis {
    int64_t size, kernel, stride, padding, dilation;
} tarn__conv2d_axis;

static inline tarn__conv2d_axis tarn__rows_of(const tarn__conv2d *s)
{
    return (tarn__conv2d_axis){s->h, s->kh, s->stride_h, s->top, s->dilation_h};
}

static inline tarn__conv2d_axis tarn__columns_of(const tarn__conv2d *s)
{
    return (tarn__conv2d_axis){s->w, s->kw, s->stride_w, s->left, s->dilation_w};
}

/* The rows row, row + stride, ... of the input, and such columns. */
typedef struct tarn__phase {
    int64_t h, w;   /* pixels */
    int64_t kh, kw; /* taps; perhaps none */
    int64_t dilation_h, dilation_w;
    int64_t row, column; /* where in the padded gradient the first pixel reads */
    int64_t weights;     /* where in the turned weights its own begin */
} tarn__phase;

/* The phase of pixel (row,column), less than the strides. */
tarn__phase tarn__phase_of(const tarn__conv2d *s, int64_t row, int64_t column);

/* Whether some phases may have no taps: their pixels have no gradient. */
bool tarn__has_empty_phases(const tarn__conv2d *s);

/* Rows of zeros above the gradient of the sums (or columns to the left of it) in the padded one.
   If less than none, rows of it that no tap meets. */
int64_t tarn__padding_of_gradient(tarn__conv2d_axis s);

/* Copies weight[p,q,c,o] to (tap,o,c), o counted within its group, c over all groups: the taps
   phase by phase, and those of each from the last on. */
void tarn__turn_weight(const tarn__conv2d *s, const tarn_real *weight, tarn_real *to);

#endif
