/* A graph (nn/exchange/graph.h) in ONNX: what the writers of its operations need.
 *
 * A value is (N,C,H,W) there where an operation wants images so, and else in the order of Tarn. One
 * that is wanted in the other order too is brought into it once.
 */
#ifndef TARN_NN_EXCHANGE_ONNX_STEPS_H
#define TARN_NN_EXCHANGE_ONNX_STEPS_H

#include "nn/exchange/graph.h"
#include "nn/exchange/onnx_nodes.h"

typedef enum tarn__onnx_order {
    TARN__ONNX_PLAIN,  /* as in Tarn */
    TARN__ONNX_FIRST,  /* of four dimensions: channels before pixels */
    TARN__ONNX_KERNEL, /* of a convolution's weight */
    TARN__ONNX_ORDERS
} tarn__onnx_order;

typedef struct tarn__onnx_graph {
    tarn_onnx *o;
    const tarn__graph *graph;
    tarn__graph_step *steps;    /* those of the graph, but for what is folded */
    int step_count, *inputs;    /* room for three inputs of each step */
    const char *input, *output; /* what the graph's are called */
    tarn_params held;           /* all tensors of the network, for their names */
    struct tarn__onnx_there {
        tarn_shape shape;       /* in Tarn, of a batch */
        tarn__onnx_order order; /* in which it was given; of what is held: was written first */
        bool there[TARN__ONNX_ORDERS];
        float *numbers; /* of what is held, where folding changes them; else NULL */
    } * values;
    const tarn__graph_step *step; /* that is being written */
} tarn__onnx_graph;

/* The name of the step's input i, of its value, in that order; what has fewer dimensions than four
   is widened to be FIRST. */
tarn__onnx_name tarn__onnx_read(tarn__onnx_graph *g, int i, tarn__onnx_order order);
bool tarn__onnx_is_left_out(const tarn__onnx_graph *g, int i);

/* Of what the graph gives, in the order in which it goes on: images FIRST. */
tarn__onnx_name tarn__onnx_output(tarn__onnx_graph *g);

/* Of what the step gives, in that order. */
tarn__onnx_name tarn__onnx_gives(tarn__onnx_graph *g, tarn__onnx_order order);

/* The order in which input i is there already, and one that suits all inputs, where what has fewer
   dimensions broadcasts. */
tarn__onnx_order tarn__onnx_order_of(const tarn__onnx_graph *g, int i);
tarn__onnx_order tarn__onnx_common_order(const tarn__onnx_graph *g);

/* Shapes in Tarn's order, with that batch. */
tarn_shape tarn__onnx_shape_in(const tarn__onnx_graph *g, int i);
tarn_shape tarn__onnx_shape_out(const tarn__onnx_graph *g);

/* Where Tarn's axis is in that order. */
int64_t tarn__onnx_axis(tarn__onnx_order order, int axis);

/* A name of the step's own, and a constant of it: sizes or axes. */
tarn__onnx_name tarn__onnx_inner(const tarn__onnx_graph *g, const char *what);
tarn__onnx_name tarn__onnx_ints_of(tarn__onnx_graph *g, const char *what, int count,
                                   const int64_t *numbers);

/* Fills in the steps, batch normalization multiplied into the step before it where nothing else
   reads what that gives, or its weights. Memory that runs out shows in the end. */
void tarn__onnx_fold(tarn__onnx_graph *g);

/* Writes the step. Notes what is wrong if it cannot be expressed. */
void tarn__onnx_write_step(tarn__onnx_graph *g);

/* Those of operations with weights. */
typedef void tarn__onnx_operation(tarn__onnx_graph *g, const char *type);
tarn__onnx_operation tarn__onnx_step_convolution, tarn__onnx_step_linear,
    tarn__onnx_step_batch_norm, tarn__onnx_step_layer_norm, tarn__onnx_step_group_norm,
    tarn__onnx_step_gather;

void tarn__onnx_cannot(tarn__onnx_graph *g);

#endif
