/* What is in a file: for a person to look at, before a program reads it. */
#ifndef TARN_NN_EXCHANGE_INSPECT_H
#define TARN_NN_EXCHANGE_INSPECT_H

#include <stdbool.h>
#include <stdio.h>

#include "core/base/api.h"

TARN_API_BEGIN

/* Prints the tensors of a file, their types, shapes and bytes, as a table, then their sum, the
   layout and the other metadata. Of safetensors, an index of several (.json), .npz and .npy, told
   by the path's end; and of ONNX, whose inputs, outputs and operators are listed as well. False
   with tarn_error() set for what cannot be read, when nothing is printed.
 */
bool tarn_nn_inspect(const char *path, FILE *stream);

TARN_API_END

#endif
