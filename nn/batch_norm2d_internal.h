/* Batch normalization from inside nn/. */
#ifndef TARN_NN_BATCH_NORM2D_INTERNAL_H
#define TARN_NN_BATCH_NORM2D_INTERNAL_H

#include "nn/module.h"

/* Exchanges the momentum of a BatchNorm2d; returns the one of before. */
double tarn__nn_batch_norm2d_momentum(tarn_module *module, double momentum);

#endif
