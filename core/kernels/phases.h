/*
 * The input gradient of a convolution with a stride, taken apart into phases: stride x stride
 * convolutions without one. Tap p of the kernel meets the rows p dilation - padding + i stride of
 * the input, so rows that are the stride apart meet the same taps, and no others do. The same holds
 * for columns. Without a stride there is one phase, with all rows and all taps.
 *
 * Compiled once for all instruction sets.
 */
#ifndef TARN_CORE_KERNELS_PHASES_H
#define TARN_CORE_KERNELS_PHASES_H

#include "core/kernels/kernels.h"

/* The rows (or columns) first, first + stride, ..., and their taps. */
typedef struct tarn__phase {
    int64_t rows;
    int64_t taps;
    int64_t last, apart; /* the last of the taps, and from one to the next */
    int64_t before;      /* taps of the phases before */
    int64_t from;        /* where in the padded gradient the first row reads, by the last tap */
} tarn__phase;

/* Along an axis of so many rows, and taps of the kernel. */
tarn__phase tarn__phase_of(const tarn__conv2d *s, int64_t rows, int64_t kernel, int64_t first);

/* Whether some phases may have no taps: then their rows have no gradient. */
bool tarn__has_empty_phases(const tarn__conv2d *s);

/* Rows of zeros above the gradient of the sums (or columns to the left of it). If less than none,
   rows of it that no tap meets. */
int64_t tarn__padding_of_gradient(const tarn__conv2d *s, int64_t kernel);

/* Where the turned weights of a phase begin, counted in taps. */
int64_t tarn__place_of_phase(const tarn__conv2d *s, const tarn__phase *rows,
                             const tarn__phase *columns);

/* to[place of (p,q), o, c] = weight[p,q,c,o], o counted within its group, c over all groups: phase
   by phase, and the taps of each from the last on. The threads of a region share the work. */
void tarn__turn_weight(const tarn__conv2d *s, const tarn_real *weight, tarn_real *to);

#endif
