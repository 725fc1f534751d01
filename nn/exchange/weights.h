/* The numbers of steps. */
#ifndef TARN_NN_EXCHANGE_WEIGHTS_H
#define TARN_NN_EXCHANGE_WEIGHTS_H

#include "nn/exchange/steps.h"

/* For tarn__steps_of(): fills in weight and bias of each step. */
bool tarn__steps_take_weights(tarn__steps *steps, const char *who);

/* Multiplies batch normalization into the convolution or linear layer before it, where nothing else
   reads that one's output. False with tarn_error() set when memory runs out. */
bool tarn__steps_fold(tarn__steps *steps, const char *who);

#endif
