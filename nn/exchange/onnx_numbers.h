/* The numbers of fields in onnx.proto, for those that read ONNX files. */
#ifndef TARN_NN_EXCHANGE_ONNX_NUMBERS_H
#define TARN_NN_EXCHANGE_ONNX_NUMBERS_H

#include "core/tensor.h"

enum { NODE_INPUT = 1, NODE_OUTPUT, NODE_NAME, NODE_TYPE, NODE_ATTRIBUTE, NODE_DOMAIN = 7 };
enum {
    ATTRIBUTE_NAME = 1,
    ATTRIBUTE_F,
    ATTRIBUTE_I,
    ATTRIBUTE_S,
    ATTRIBUTE_T,
    ATTRIBUTE_FLOATS = 7,
    ATTRIBUTE_INTS
};
enum {
    TENSOR_DIMS = 1,
    TENSOR_TYPE,
    TENSOR_FLOATS = 4,
    TENSOR_INT32S,
    TENSOR_INT64S = 7,
    TENSOR_NAME,
    TENSOR_RAW,
    TENSOR_DOUBLES,
    TENSOR_UINT64S,
    TENSOR_EXTERNAL = 13,
    TENSOR_LOCATION
};
enum { ENTRY_KEY = 1, ENTRY_VALUE };
enum { GRAPH_NODE = 1, GRAPH_NAME, GRAPH_TENSOR = 5, GRAPH_INPUT = 11, GRAPH_OUTPUT };
enum { GRAPH_SPARSE = 15 };
enum { VALUE_NAME = 1, VALUE_TYPE, TYPE_TENSOR = 1, ELEMENT_TYPE = 1, SHAPE };
enum { SHAPE_DIM = 1, DIM_VALUE = 1, DIM_NAME, IMPORT_DOMAIN = 1, IMPORT_VERSION };
enum {
    MODEL_IR = 1,
    MODEL_PRODUCER,
    MODEL_PRODUCER_VERSION,
    MODEL_GRAPH = 7,
    MODEL_IMPORT,
    MODEL_METADATA = 14
};

/* False if that is one too many, or none. Implemented in nn/exchange/onnx_file.c. */
bool tarn__onnx_add_dimension(tarn_shape *shape, uint64_t dim);

#endif
