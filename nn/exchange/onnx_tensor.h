/* The numbers of ONNX's tensors: in the message itself, bytes or a list, or in another file of the
   model's folder. */
#ifndef TARN_NN_EXCHANGE_ONNX_TENSOR_H
#define TARN_NN_EXCHANGE_ONNX_TENSOR_H

#include "nn/exchange/dtype.h"
#include "nn/exchange/onnx_file.h"

/* The type of its elements; TARN__NO_DTYPE for those that Tarn does not read, such as texts. */
tarn__dtype tarn__onnx_dtype(int type);

/* The tensor's elements, tarn_shape_size() of them, which the caller frees. NULL with tarn_error()
   set for elements of another type, too few or too many of them, one that tarn_real (int64_t)
   cannot hold, and what is wrong with another file. */
tarn_real *tarn__onnx_reals(tarn__onnx_file *file, const tarn__onnx_tensor *tensor);
int64_t *tarn__onnx_integers(tarn__onnx_file *file, const tarn__onnx_tensor *tensor);

/* Of a tensor whose numbers are in another file, so many bytes, which the caller frees; NULL with
   tarn_error() set. Implemented in nn/exchange/onnx_tensor_beside.c. */
uint8_t *tarn__onnx_load_beside(tarn__onnx_file *file, const tarn__onnx_tensor *tensor,
                                size_t bytes);

#endif
