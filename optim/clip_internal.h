/* Shared by clipping and watching. */
#ifndef TARN_OPTIM_CLIP_INTERNAL_H
#define TARN_OPTIM_CLIP_INTERNAL_H

#include "core/tensor.h"

/* The sum of the products of count pairs of numbers, in a fixed order. */
double tarn__sum_of_products(const tarn_real *a, const tarn_real *b, int64_t count);

#endif
