/* Of a convolution, what one with batch normalization behind it asks too. */
#ifndef TARN_CORE_OPS_CONV2D_H
#define TARN_CORE_OPS_CONV2D_H

#include "core/ops/shared/conv2d.h"

/* Fills in the sizes; false after reporting a mistake. */
bool tarn__conv2d_check(const tarn_conv2d_args *a, tarn__conv2d *s);

/* Operations of forward: a product, a bias, relu, and, of the pixels in whole windows, pooling. */
double tarn__conv2d_operations(const tarn__conv2d *s, bool bias);

#endif
