/* Shared by clipping and watching. */
#ifndef TARN_OPTIM_CLIP_H
#define TARN_OPTIM_CLIP_H

#include "core/tensor.h"

/* The sum of the squares of count numbers, in a fixed order. */
double tarn__sum_of_squares(const tarn_real *x, int64_t count);

#endif
