/* What layers of images are said by, for others that are the same. */
#ifndef TARN_NN_EXCHANGE_ONNX_IMAGES_H
#define TARN_NN_EXCHANGE_ONNX_IMAGES_H

#include "nn/exchange/onnx_nodes.h"

/* Pooling; the shapes are those of an image before and after. */
typedef struct tarn__onnx_pool {
    bool average, counts; /* means, and whether padding counts in them */
    tarn__geometry windows;
    tarn_shape in, out;
} tarn__onnx_pool;
void tarn__onnx_put_pooling(tarn_onnx *onnx, const tarn__onnx_pool *pool, const char *x,
                            const char *y);

/* Means or maxima of windows, from images of one size to those of another: maxima only where all
   windows have one size. */
void tarn__onnx_put_adaptive(tarn_onnx *onnx, bool average, tarn_shape in, tarn_shape out,
                             const char *x, const char *y);

/* The attributes of a Resize that makes no image smaller: there opset 17, which has no antialias,
   says the same by the weights of cubic, and of linear nothing differs. */
void tarn__onnx_put_resize_mode(tarn_onnx *onnx, const tarn_nn_upsample2d_args *how);

/* The share of a pixel in the mean of a window, of so many pixels and windows along an axis. */
float tarn__onnx_share(int64_t in, int64_t out, int64_t pixel, int64_t window);

#endif
