/*
 * ONNX files being read: what their messages hold, as arrays, with texts and numbers left where
 * they are in the file's bytes. Nothing here knows an operator.
 *
 * A graph is nodes in an order in which each reads what is there before: inputs of the graph,
 * initializers, and what earlier nodes gave. All of these are values, each with a name of its own.
 * onnx.proto of https://github.com/onnx/onnx describes the format.
 */
#ifndef TARN_NN_EXCHANGE_ONNX_FILE_H
#define TARN_NN_EXCHANGE_ONNX_FILE_H

#include "core/tensor.h"
#include "nn/exchange/protobuf_reader.h"

enum { TARN__ONNX_MOST = 1 << 14 }; /* nodes, and initializers, that a file may have */

/* The numbers of element types that Tarn's code names. */
enum { TARN__ONNX_FLOAT = 1, TARN__ONNX_INT32 = 6, TARN__ONNX_INT64 = 7, TARN__ONNX_BOOL = 9 };

/* An initializer, or a constant in an attribute. nn/exchange/onnx_tensor.h reads its numbers. */
typedef struct tarn__onnx_tensor {
    tarn__bytes name, message;
    int type;
    tarn_shape shape;
} tarn__onnx_tensor;

typedef struct tarn__onnx_node {
    tarn__bytes message, type, domain, name;
    int inputs, input_count, outputs, output_count; /* from where in links, and how many */
} tarn__onnx_node;

/* An input or output of the graph. A size that the file leaves open is -1, and ndim is -1 where it
   says nothing of the shape. */
typedef struct tarn__onnx_port {
    tarn__bytes name;
    int type;
    tarn_shape shape;
} tarn__onnx_port;

/* What gives a value; the others are -1. */
typedef struct tarn__onnx_source {
    tarn__bytes name;
    int port, tensor, node;
} tarn__onnx_source;

/* A file in the model's folder, and how many of its bytes have been read. */
typedef struct tarn__onnx_beside {
    char name[256];
    int64_t taken;
} tarn__onnx_beside;

typedef struct tarn__onnx_file {
    const char *path;
    uint8_t *bytes;
    int64_t size, opset, external;    /* bytes taken from other files so far */
    struct tarn__onnx_beside *beside; /* those files */
    int beside_count;
    tarn__bytes model, graph;
    bool own; /* written by Tarn */
    int node_count, tensor_count, input_count, output_count, link_count, value_count;
    tarn__onnx_node *nodes;
    tarn__onnx_tensor *tensors;
    tarn__onnx_port *inputs, *outputs;
    tarn__bytes *names; /* of the values that nodes read and give, "" for none */
    int *links;         /* the same as numbers of values, -1 for none */
    tarn__onnx_source *values;
} tarn__onnx_file;

/* Reads and parses; the first three of a tensor's are known then, the links are not. False with
   tarn_error() set, beginning with the path. To be closed in any case. */
bool tarn__onnx_open(tarn__onnx_file *file, const char *path);
void tarn__onnx_close(tarn__onnx_file *file);

/* Finds what each name means. False with tarn_error() set for a name that nothing gives, that two
   give, or that only a later node gives, as in a cycle. */
bool tarn__onnx_link(tarn__onnx_file *file);

/* The value of that name, -1 for none. After linking. */
int tarn__onnx_find(const tarn__onnx_file *file, tarn__bytes name);

/* A tensor's message, up to its numbers. False with tarn_error() set. */
bool tarn__onnx_parse_tensor(const tarn__onnx_file *file, tarn__bytes message,
                             tarn__onnx_tensor *tensor);

/* False: sets the error "<path>: is no ONNX file that can be read: <what>". */
bool tarn__onnx_damaged(const tarn__onnx_file *file, const char *what);

/* False: sets the error "<path>: tensor "<name>" <what>". */
bool tarn__onnx_tensor_fails(const tarn__onnx_file *file, const tarn__onnx_tensor *tensor,
                             const char *what);

/* A text of the file's for messages, cut short. */
typedef struct tarn__onnx_text {
    char text[80];
} tarn__onnx_text;
tarn__onnx_text tarn__onnx_quote(tarn__bytes bytes);

/* What a node is called in messages: its name, or that of what it gives if it has none. */
tarn__onnx_text tarn__onnx_node_name(const tarn__onnx_file *file, const tarn__onnx_node *node);

#endif
