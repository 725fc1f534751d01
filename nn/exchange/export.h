/*
 * Networks for other programs: as a C file that needs nothing else, and as ONNX. What evaluation
 * computes is written: dropout is gone, and batch normalization has its running statistics.
 * docs/deploy.md shows both, from training to the last device.
 *
 * The shape of an input is that of one sample, tarn_shape(28, 28, 1). A network that cannot be
 * expressed, since a module of one's own computes something itself, gives false with tarn_error()
 * set to the names of all such modules; one that only calls other modules can. A shape that does
 * not fit the network is a mistake, as in tarn_nn_forward().
 */
#ifndef TARN_NN_EXCHANGE_EXPORT_H
#define TARN_NN_EXCHANGE_EXPORT_H

#include <stdio.h>

#include "nn/nn.h"

TARN_API_BEGIN

/* ---- C */

typedef enum tarn_c_type { TARN_C_FLOAT, TARN_C_INT8 } tarn_c_type;

/* In bytes: numbers that never change, which a microcontroller keeps in flash, and the buffer. Code
   and stack come to it, some kilobytes. */
typedef struct tarn_nn_c_sizes {
    int64_t constants, work;
} tarn_nn_c_sizes;

/* Writes the network as one file in C99, with

       void predict(const float *image, float *scores);

   for one sample: image as in a tensor of Tarn, row by row, pixel by pixel, and scores as the
   network gives them. It has its numbers in it, calls no library (but <math.h> where an activation
   needs it), takes nothing from the heap, and works in one static buffer, so that it is for one
   thread at a time. Batch normalization is multiplied into the layer before it. Bilinear upsampling
   cannot be expressed. False with tarn_error() set also when the stream cannot be written. */
#define TARN_NN_EXPORT_C_OPTIONS(OPTION)                                                           \
    OPTION(tarn_c_type, type, TARN_C_FLOAT)                                                        \
    OPTION(const char *, name, "predict")  /* of the function */                                   \
    OPTION(tarn_nn_c_sizes *, sizes, NULL) /* is told how large it is, as the file's head is */
typedef struct tarn_nn_export_c_args {
    tarn_module *model;
    tarn_shape input;
    FILE *stream;
    TARN_OPTIONS(TARN_NN_EXPORT_C_OPTIONS)
} tarn_nn_export_c_args;
bool tarn_nn_export_c_with(tarn_nn_export_c_args args);
#define tarn_nn_export_c(model_, input_, ...)                                                      \
    TARN_CALL(tarn_nn_export_c_with, tarn_nn_export_c_args, TARN_NN_EXPORT_C_OPTIONS,              \
              .model = (model_), .input = (input_), .stream = __VA_ARGS__)

TARN_API_END

#endif
