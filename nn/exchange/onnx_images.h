/* What layers of images are said by, for others that are the same. */
#ifndef TARN_NN_EXCHANGE_ONNX_IMAGES_H
#define TARN_NN_EXCHANGE_ONNX_IMAGES_H

#include "nn/exchange/onnx_nodes.h"

/* Means of windows, from images of one size to those of another. */
void tarn__onnx_put_means(tarn_onnx *onnx, tarn_shape in, tarn_shape out, const char *x,
                          const char *y);

#endif
