/*
 * Networks of other programs, as ONNX. docs/exchange.md lists the operators that are read.
 */
#ifndef TARN_NN_EXCHANGE_IMPORT_H
#define TARN_NN_EXCHANGE_IMPORT_H

#include "nn/file.h"

TARN_API_BEGIN

/* Makes a module of the network in an ONNX file, with its weights, to be run and trained on; the
   caller frees it. What goes in and comes out of four dimensions is (N,H,W,C), as all images of
   Tarn: those of the file, (N,C,H,W), are permuted once, in the weights. (A file of others that
   begins with a Transpose by (0,3,1,2), as Keras writes it, has them so itself; and one that ends
   with one by (0,2,3,1).) The batch N is of any size, also where the file has a fixed one. The
   module is in training mode, as all that are new: batch normalization and dropout, if the file has
   them, follow tarn_nn_train().

   If the file's nodes are layers of the library one after the other, or residual connections of
   such, the module is a Sequential of them ("0.weight", "0.bias", ...). Else it is a Graph, whose
   parameters are called as in the file ("conv1.weight"). Both are described, saved, rebuilt and
   exported as any other module, but that PyTorch has no layout of a Graph.

   .input is the shape of a sample, (H,W,C) for an image, where the file leaves a size open; of one
   that the file says, it must be the same. NULL with tarn_error() set otherwise: a file that cannot
   be read, a graph of more than one input or output, operators that Tarn does not have, all of them
   by name, or one used in a way that Tarn cannot compute. */
#define TARN_NN_FROM_ONNX_OPTIONS(OPTION) OPTION(tarn_shape, input, tarn_nn_unknown_shape)
typedef struct tarn_nn_from_onnx_args {
    const char *path;
    TARN_OPTIONS(TARN_NN_FROM_ONNX_OPTIONS)
} tarn_nn_from_onnx_args;
tarn_module *tarn_nn_from_onnx_with(tarn_nn_from_onnx_args args);
#define tarn_nn_from_onnx(...)                                                                     \
    TARN_CALL(tarn_nn_from_onnx_with, tarn_nn_from_onnx_args, TARN_NN_FROM_ONNX_OPTIONS,           \
              .path = __VA_ARGS__)

TARN_API_END

#endif
