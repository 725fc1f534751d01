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
   thread at a time. Batch normalization is multiplied into the layer before it. All layers of the
   library can be expressed, and of a Graph read from ONNX what docs/deploy.md does not name. False
   with tarn_error() set also when the stream cannot be written.

   The function's name may not be one that C or the file has for something else.

   With TARN_C_INT8 weights and values are whole numbers of 8 bits, each tensor with a scale and a
   number that stands for 0 (weights with a scale for each output channel, around 0), and sums are
   exact: a quarter of the memory, no floating point but for the image and the scores, and the same
   result on every machine. Scales and biases are chosen by what the samples of .calibration make,
   100 or more that are like those to come; values far outside of theirs are cut. Convolution,
   linear layers, maxima, means, sums and activations can be expressed so, and anything after the
   last layer with weights, which computes in float. */
#define TARN_NN_EXPORT_C_OPTIONS(OPTION)                                                           \
    OPTION(tarn_c_type, type, TARN_C_FLOAT)                                                        \
    OPTION(tarn_tensor *, calibration, NULL) /* (count, input), for TARN_C_INT8 only */            \
    OPTION(const char *, name, "predict")    /* of the function */                                 \
    OPTION(tarn_nn_c_sizes *, sizes, NULL)   /* is told how large it is, as the file's head is */
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

/* ---- ONNX */

/* A graph that is being written. */
typedef struct tarn_onnx tarn_onnx;

/* A module in it: its name in the network, "3.body", and what the values are called that it reads
   and is to give. Values are (N, ...), images among them (N, C, H, W). */
typedef struct tarn_onnx_place {
    const tarn_module *module;
    const char *name, *input, *output;
    void *context; /* as in the call of tarn_nn_export_onnx() */
} tarn_onnx_place;

/* Says a module of one's own in ONNX, by the functions below. False if it cannot; the module is
   then named in the error. Called twice for each: a first time with onnx NULL, to ask. */
typedef bool tarn_onnx_own(tarn_onnx *onnx, const tarn_onnx_place *place);

/* A node that computes output from inputs, such as "Mul" or, of another domain than ONNX's own,
   "com.example::Swish" (version 1). Its attributes are those told before it, since the last node.
   Before a node its tensors. All texts are copied. Memory that runs out shows in the end, and so
   does a NULL among the arguments; without a graph, which is NULL, nothing happens. */
void tarn_onnx_node(tarn_onnx *onnx, const char *type, const char *output, int input_count,
                    const char *const *inputs);
void tarn_onnx_float(tarn_onnx *onnx, const char *name, double value);
void tarn_onnx_int(tarn_onnx *onnx, const char *name, int64_t value);
void tarn_onnx_ints(tarn_onnx *onnx, const char *name, int count, const int64_t *values);
void tarn_onnx_text(tarn_onnx *onnx, const char *name, const char *value);

/* A constant, an initializer, of floats or of whole numbers, under a name that differs from all. */
void tarn_onnx_tensor(tarn_onnx *onnx, const char *name, tarn_shape shape, const float *values);
void tarn_onnx_tensor_of_ints(tarn_onnx *onnx, const char *name, int count, const int64_t *values);

/* Writes the network as ONNX, opset 17, with its weights inside, for batches of any size. Images go
   in as (N, C, H, W), as is the custom there; the weights are written in the order that makes this
   cost nothing (docs/deploy.md tells how), and what comes out has Tarn's order unless it is an
   image, which is (N, C, H, W) too. Numbers are float also in the double build. A network that was
   read from ONNX and stayed a graph is written step by step, its initializers under their names.
   The file is replaced as a whole or not at all: false with
   tarn_error() set otherwise. */
#define TARN_NN_EXPORT_ONNX_OPTIONS(OPTION)                                                        \
    OPTION(bool, fold, false) /* batch normalization into the layer before it */                   \
    OPTION(const char *, input_name, "input")                                                      \
    OPTION(const char *, output_name, "output")                                                    \
    OPTION(tarn_onnx_own *, own, NULL)                                                             \
    OPTION(void *, context, NULL)
typedef struct tarn_nn_export_onnx_args {
    tarn_module *model;
    tarn_shape input;
    const char *path;
    TARN_OPTIONS(TARN_NN_EXPORT_ONNX_OPTIONS)
} tarn_nn_export_onnx_args;
bool tarn_nn_export_onnx_with(tarn_nn_export_onnx_args args);
#define tarn_nn_export_onnx(model_, input_, ...)                                                   \
    TARN_CALL(tarn_nn_export_onnx_with, tarn_nn_export_onnx_args, TARN_NN_EXPORT_ONNX_OPTIONS,     \
              .model = (model_), .input = (input_), .path = __VA_ARGS__)

TARN_API_END

#endif
