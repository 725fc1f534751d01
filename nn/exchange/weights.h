/* The numbers of steps. */
#ifndef TARN_NN_EXCHANGE_WEIGHTS_H
#define TARN_NN_EXCHANGE_WEIGHTS_H

#include "nn/exchange/steps.h"

/* For tarn__steps_of(): fills in weight and bias of each step. */
bool tarn__steps_take_weights(tarn__steps *steps, const char *who);

/* A layer's weight: of so many numbers, the last dimension that of the outputs, or, transposed,
   (K, K, outputs / groups, inputs). */
typedef struct tarn__fold_shape {
    int64_t count, outputs;
    bool transposed;
    int64_t inputs, groups;
} tarn__fold_shape;

/* Multiplies what is computed behind the layer, y = scale x + shift for each output, into weight
   and bias. */
void tarn__fold_numbers(const tarn__fold_shape *shape, float *weight, float *bias,
                        const float *scale, const float *shift);

/* Multiplies batch normalization into the convolution, transposed or not, or linear layer before
   it, where nothing else reads that one's output. False with tarn_error() set when memory runs out.
 */
bool tarn__steps_fold(tarn__steps *steps, const char *who);

#endif
