/* Batch normalization from inside nn/. */
#ifndef TARN_NN_BATCH_NORM2D_INTERNAL_H
#define TARN_NN_BATCH_NORM2D_INTERNAL_H

#include "nn/module.h"

/* Lets a BatchNorm2d train as if the next batch were the k-th of those that its running statistics
   are the means of; as it is, from 0 on. */
void tarn__nn_batch_norm2d_recalibrate(tarn_module *module, int64_t k);

/* What the layer calls tarn_batch_norm2d_with() with. */
tarn_batch_norm2d_args tarn__nn_batch_norm2d_call(const tarn_module *module, tarn_tensor *x);

/* Notes that the layer has seen a batch, unless y, which it gives back, is NULL. */
tarn_tensor *tarn__nn_batch_norm2d_count(const tarn_module *module, tarn_tensor *y);

#endif
