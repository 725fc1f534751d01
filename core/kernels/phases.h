/*
 * The input gradient of a convolution with a stride, taken apart into phases: stride x stride
 * convolutions without one. Tap p of the kernel meets the rows p dilation - padding + i stride of
 * the input, so rows that are the stride apart meet the same taps, and no others do. The same holds
 * for columns. Without a stride there is one phase, with all pixels and all taps.
 *
 * Compiled once for all instruction sets.
 */
#ifndef TARN_CORE_KERNELS_PHASES_H
#define TARN_CORE_KERNELS_PHASES_H

#include "core/kernels/kernels.h"

/* The rows row, row + stride, ... of the input, and such columns. */
typedef struct tarn__phase {
    int64_t h, w;             /* pixels */
    int64_t kh, kw, dilation; /* taps; perhaps none */
    int64_t row, column;      /* where in the padded gradient the first pixel reads */
    int64_t weights;          /* where in the turned weights its own begin */
} tarn__phase;

/* The phase of pixel (row,column), both less than the stride. */
tarn__phase tarn__phase_of(const tarn__conv2d *s, int64_t row, int64_t column);

/* Whether some phases may have no taps: their pixels have no gradient. */
bool tarn__has_empty_phases(const tarn__conv2d *s);

/* Rows of zeros above the gradient of the sums (or columns to the left of it) in the padded one,
   for a kernel of so many rows. If less than none, rows of it that no tap meets. */
int64_t tarn__padding_of_gradient(const tarn__conv2d *s, int64_t kernel);

/* Copies weight[p,q,c,o] to (tap,o,c), o counted within its group, c over all groups: the taps
   phase by phase, and those of each from the last on. */
void tarn__turn_weight(const tarn__conv2d *s, const tarn_real *weight, tarn_real *to);

#endif
