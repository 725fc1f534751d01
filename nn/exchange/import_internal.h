/*
 * ONNX becoming a graph of Tarn's operations (nn/exchange/graph.h): what the operators are
 * converted with. An operator is a function that reads its node's attributes, checks them, and
 * emits steps; nn/exchange/import_operators.c lists them.
 *
 * Images are (N,C,H,W) in ONNX and (N,H,W,C) in Tarn. So each value has the shape that the file
 * gives it, and the order in which its axes lie in Tarn's memory: an operator asks for the order
 * that it needs, and only where that is another one does a step move data. Weights are brought into
 * the order when they are read. An image that was flattened in Tarn's order is said to be one, and
 * the linear layer behind it has its rows in that order.
 *
 * The first axis of the input is the batch: of any size, whatever the file says.
 */
#ifndef TARN_NN_EXCHANGE_IMPORT_INTERNAL_H
#define TARN_NN_EXCHANGE_IMPORT_INTERNAL_H

#include "nn/exchange/graph.h"
#include "nn/exchange/onnx_tensor.h"

/* Sizes that are not known before the network runs: the batch's, and any other. */
enum { TARN__ONNX_BATCH = TARN__GRAPH_BATCH, TARN__ONNX_ANY = -1 };

/* Whole numbers that are known: shapes and axes, which exporters compute in the graph. */
typedef struct tarn__import_whole {
    tarn_shape shape;
    int64_t numbers[]; /* so many; of sizes that are not known: */
} tarn__import_whole;
#define TARN__ONNX_BATCH_SIZE (INT64_MIN + 1)
#define TARN__ONNX_ANY_SIZE INT64_MIN

typedef struct tarn__import_order {
    int8_t axis[TARN_MAX_NDIM]; /* memory has the file's axis axis[i] as its axis i */
} tarn__import_order;

/* The same numbers in another shape, as they were before a Reshape. */
typedef struct tarn__import_seen {
    int operand; /* TARN__ONNX_NONE: not known */
    tarn_shape shape;
    tarn__import_order order;
} tarn__import_seen;

typedef struct tarn__import_value {
    tarn__import_seen seen;
    bool alias;         /* another value is of the same operand */
    int index, readers; /* in the list of values; how many nodes, or ends, read it */
    int operand; /* the graph's, see below; TARN__ONNX_NONE for what is in no memory so far */
    tarn_shape shape;
    tarn__import_order order;
    int64_t channels, pixels;          /* of a flattened image in Tarn's order; else 0 */
    const tarn__onnx_tensor *constant; /* numbers from the file; else NULL */
    bool named, trained; /* of a constant: a part of the module's, and one that a training moves */
    bool is_number;      /* a constant that is told as */
    double number;       /* a number alone */
    bool ids;            /* whole numbers that come with the input */
    tarn__import_whole *whole; /* the numbers of a value that is known; else NULL */
} tarn__import_value;

/* Operands while the graph is being built: what is computed has numbers from 0, the input's, held
   tensors those from TARN__ONNX_HELD downwards. */
enum { TARN__ONNX_NONE = -1, TARN__ONNX_HELD = -2, TARN__ONNX_FAILED = -2147483647 - 1 };

typedef struct tarn__import_held {
    tarn_tensor *tensor;
    tarn__bytes name; /* empty: a constant, which is no part of the module's */
    bool trained;
} tarn__import_held;

typedef struct tarn__importer {
    tarn__onnx_file file;
    tarn__import_value *values;   /* as file.values */
    tarn__onnx_tensor *constants; /* of nodes, one each */
    const tarn__onnx_node *node;  /* that is being converted */
    const tarn__graph_op *op;     /* which it is; NULL where it is not one of Tarn's */
    int64_t batch;                /* as the file has it; TARN__ONNX_ANY if it leaves it open */
    tarn__graph_step *steps;
    tarn__import_held *held;
    int step_count, step_room, held_count, held_room, computed;
    int64_t held_elements; /* so far, of constants */
    bool failed;           /* to compute whole numbers: tarn_error() is set */
} tarn__importer;

/* ---- The node */

/* False: sets the error "<path>: node "<name>" (<type>) <format>", unless whole numbers have failed
 * and it is set. */
bool tarn__import_fail(const tarn__importer *c, const char *format, ...) TARN_PRINTF(2, 3);

/* Its input i as a value; NULL if it is left out. */
tarn__import_value *tarn__import_in(const tarn__importer *c, int i);

/* Its attributes; what it does not say is as given. */
int64_t tarn__import_int_of(const tarn__importer *c, const char *name, int64_t otherwise);
double tarn__import_float_of(const tarn__importer *c, const char *name, double otherwise);
tarn__bytes tarn__import_text_of(const tarn__importer *c, const char *name);
tarn__bytes tarn__import_tensor_of(const tarn__importer *c, const char *name); /* a message */
/* A list: how many there are, of which at most `most` are written; -1 if it is not there. */
int tarn__import_ints_of(const tarn__importer *c, const char *name, int most, int64_t *to);

/* The numbers of an attribute, or, since a later version of ONNX, of input i: how many; -1 if
   neither is there, and -2 with the error set if they are not known here. */
int tarn__import_list(tarn__importer *c, const char *attribute, int i, int most, int64_t *to);

/* A number, of one element of any type, of input i, if it is there. False with the error set if
   it is not known here. */
bool tarn__import_number(tarn__importer *c, int i, double *number);

/* An axis from -ndim to ndim - 1 as one from 0; -1 with the error set for others. */
int tarn__import_axis(const tarn__importer *c, int64_t axis, int ndim);

/* ---- Orders */

tarn__import_order tarn__import_plain(void);             /* as in the file */
tarn__import_order tarn__import_channels_last(int ndim); /* (N, ..., C) */
bool tarn__import_same_order(tarn__import_order a, tarn__import_order b, int ndim);

/* Where in memory the file's axis is. */
int tarn__import_place_of(const tarn__import_value *v, int axis);

/* The operand that has the value in that order, where need be by a step; FAILED with the error set.
 */
int tarn__import_ordered(tarn__importer *c, tarn__import_value *v, tarn__import_order order);

/* The same of a constant that is a weight, also of one element; a buffer if it is not trained. */
int tarn__import_part(tarn__importer *c, tarn__import_value *v, tarn__import_order order,
                      bool trained);

/* The weight of a linear layer, (in, out) in that order, for an input that may be a flattened image
   in Tarn's order, and is brought into that of the file if the weight cannot be. To be called
   before the input's operand is used. */
int tarn__import_weight_for(tarn__importer *c, tarn__import_value *x, tarn__import_value *weight,
                            tarn__import_order order);

/* The operand in whatever order its value has. */
int tarn__import_as_it_is(tarn__importer *c, tarn__import_value *v);

/* The same of a vector of one number for each column of x, (N, columns), a constant that is in no
   memory so far: where x is a flattened image in Tarn's order, in that. */
int tarn__import_vector_for(tarn__importer *c, const tarn__import_value *x, tarn__import_value *v,
                            bool trained);
bool tarn__import_is_new(const tarn__import_value *v);

/* A tensor of the importer's own, which the graph takes over, and a number as one. */
int tarn__import_hold(tarn__importer *c, tarn_tensor *tensor);
int tarn__import_hold_number(tarn__importer *c, double number);

/* A product of an image with a matrix that takes the means of windows along one axis, which is how
   Tarn writes adaptive pooling into windows of several sizes: given tells whether it was one. */
bool tarn__import_pool_by_matrix(tarn__importer *c, bool *given);

/* A value's shape for a message, "(N,3,?,32)". */
tarn_shape_text tarn__import_shape_text(tarn_shape shape);

/* ---- Steps */

/* A new step of those operands; NULL with the error set when memory runs out. The next one makes
   the pointer invalid. */
tarn__graph_step *tarn__import_emit(tarn__importer *c, const tarn__graph_op *op, int count,
                                    const int *operands);

/* What the node gives: its only output, which is of that operand. */
bool tarn__import_give(tarn__importer *c, int operand, tarn_shape shape, tarn__import_order order);

/* Steps of one operand and a number, and of two: what they give; FAILED with the error set. */
int tarn__import_step(tarn__importer *c, const tarn__graph_op *op, int x, double a);
int tarn__import_step2(tarn__importer *c, const tarn__graph_op *op, int x, int y);

/* The same, of a value's shape and order. */
bool tarn__import_give_like(tarn__importer *c, int operand, const tarn__import_value *like);

/* A constant that only this node reads, in another shape from the start; false if it is none. */
bool tarn__import_give_constant(tarn__importer *c, const tarn__import_value *x, tarn_shape shape);

/* Output k. */
tarn__import_value *tarn__import_out(const tarn__importer *c, int k);

/* The step that gives what is the value's alone, and which nothing but this node reads; else NULL.
 */
tarn__graph_step *tarn__import_step_of(const tarn__importer *c, const tarn__import_value *v);

/* ---- The ends */

/* The graph's one input becomes operand 0; sample is the shape that the caller says, ndim -1 for
   none. False with tarn_error() set for another number of inputs, or one of no known shape. */
bool tarn__import_begin(tarn__importer *c, tarn_shape sample);

/* The operand of the graph's output, images in Tarn's order; FAILED with the error set. */
int tarn__import_end(tarn__importer *c, int output);

/* ---- What it becomes. Implemented in nn/exchange/import_build.c. */

/* A module of all steps, which gives the operand: the library's layers, if they say it all, else a
   graph, which takes the held tensors over. NULL with tarn_error() set when memory runs out. */
tarn_module *tarn__import_build(tarn__importer *c, int output);

/* ---- Operators */

typedef bool tarn__import_convert(tarn__importer *c);

typedef struct tarn__import_operator {
    const char *type;
    int least, most; /* inputs; of the former none may be left out */
    tarn__import_convert *convert;
    const char *attributes;   /* that it knows, " axis keepdims " */
    const tarn__graph_op *op; /* NULL where it is not one of Tarn's, element by element */
} tarn__import_operator;

/* NULL for what Tarn does not have. */
const tarn__import_operator *tarn__import_operator_of(const tarn__onnx_node *node);

/* Each with a function in nn/exchange/import_*.c; how operators are converted that are one
   operation of Tarn's, element by element, is in the table. */
tarn__import_convert tarn__import_unary, tarn__import_binary, tarn__import_clip, tarn__import_pow,
    tarn__import_numbered, tarn__import_composed, tarn__import_prelu, tarn__import_softmax,
    tarn__import_gelu, tarn__import_conv, tarn__import_conv_transpose, tarn__import_gemm,
    tarn__import_matmul, tarn__import_pool, tarn__import_global_pool, tarn__import_blocks,
    tarn__import_resize, tarn__import_pad, tarn__import_batch_norm, tarn__import_layer_norm,
    tarn__import_instance_norm, tarn__import_group_norm, tarn__import_local_response_norm,
    tarn__import_dropout, tarn__import_identity, tarn__import_constant, tarn__import_cast,
    tarn__import_flatten, tarn__import_reshape, tarn__import_transpose, tarn__import_squeeze,
    tarn__import_unsqueeze, tarn__import_concat, tarn__import_slice, tarn__import_split,
    tarn__import_gather, tarn__import_reduce, tarn__import_whole_only;

/* Computes the node's output where that is whole numbers which are known; false if it is not, which
   is no mistake. */
bool tarn__import_fold(tarn__importer *c);

/* Room for whole numbers that the node gives; NULL where they are too many, or memory runs out. */
tarn__import_whole *tarn__import_make_whole(tarn__importer *c, tarn_shape shape);

/* Numbers as whole ones, of a constant too; NULL if they are not known. */
const tarn__import_whole *tarn__import_whole_of(tarn__importer *c, tarn__import_value *v);

#endif
