/*
 * A network whose values go more ways than a Sequential knows: steps, each an operation of Tarn's
 * that reads some values and gives one. What the library reads from other programs' files becomes
 * such a list first, and modules of the library if it is nothing else: nn/exchange/graph_modules.h.
 *
 * The values are numbered: first those that the graph holds, parameters, buffers and constants,
 * then the input, then what the steps give, in their order.
 */
#ifndef TARN_NN_EXCHANGE_GRAPH_H
#define TARN_NN_EXCHANGE_GRAPH_H

#include "core/ops.h"
#include "nn/module.h"

typedef struct tarn__graph_step tarn__graph_step;

/* What all steps of a forward know. */
typedef struct tarn__graph_run {
    bool training;
    int64_t batch; /* the first dimension of the graph's input */
} tarn__graph_run;

/* What a step does: x are its inputs, NULL for one that is left out. */
typedef struct tarn__graph_op {
    const char *name;
    tarn_tensor *(*run)(const tarn__graph_step *step, tarn_tensor *const *x,
                        const tarn__graph_run *how);
    /* The same as a module of the library, of its first input; NULL if there is none. The others
       are held values, of which the module is to have copies: its parts in this order. */
    tarn_module *(*module)(const tarn__graph_step *step, tarn_tensor *const *x);
} tarn__graph_op;

struct tarn__graph_step {
    const tarn__graph_op *op;
    int *inputs, input_count, output; /* -1: left out */
    /* What the operation needs, 0 for what it does not. */
    int kernel, stride, padding, dilation, groups, output_padding, axis;
    int max_pool; /* 0: none */
    bool keepdims, align_corners, bilinear, relu;
    double a, b;      /* its numbers: slope, alpha, eps and momentum, low and high */
    int64_t from, to; /* of a slice */
    tarn_axes axes;
    tarn_shape shape, after; /* a size of TARN__GRAPH_BATCH is the batch's, of -1 what is left */
};
enum { TARN__GRAPH_BATCH = -2 };

typedef struct tarn__graph_value {
    tarn_tensor *tensor; /* one that is held */
    bool owned;          /* a constant, which is in no list; the others are parts of the module */
} tarn__graph_value;

typedef struct tarn__graph {
    tarn_module module;
    int held, value_count, step_count, output;
    tarn__graph_value *values;
    tarn__graph_step *steps;
    tarn_tensor **now;   /* the values of a forward */
    tarn_tensor **reads; /* those of a step */
    int most_inputs;
} tarn__graph;

extern const tarn_module_type tarn__nn_graph;

/* Puts steps together, where an operation does several in one pass. False when memory runs out. */
bool tarn__graph_fuse(tarn__graph *graph);

/* How many steps read the value, the graph's end counting as one. */
int tarn__graph_readers(const tarn__graph *graph, int value);

/* Gives the graph, or a part of it that is named by what is before the last dot, a tensor under the
   name, as tarn_nn_add_parameter() and tarn_nn_add_buffer(). Letters that no name has become '_',
   and a name that is there already gets a number. */
bool tarn__graph_name(tarn__graph *graph, const char *name, tarn_tensor *tensor, bool trained);

/* The operations. */
#define TARN__GRAPH_OPS(OP)                                                                        \
    OP(conv2d)                                                                                     \
    OP(conv_transpose2d)                                                                           \
    OP(linear)                                                                                     \
    OP(matmul)                                                                                     \
    OP(max_pool2d)                                                                                 \
    OP(avg_pool2d)                                                                                 \
    OP(adaptive_avg_pool2d)                                                                        \
    OP(global_avg_pool2d)                                                                          \
    OP(upsample)                                                                                   \
    OP(resize)                                                                                     \
    OP(batch_norm2d)                                                                               \
    OP(layer_norm)                                                                                 \
    OP(group_norm)                                                                                 \
    OP(flatten)                                                                                    \
    OP(reshape)                                                                                    \
    OP(permute)                                                                                    \
    OP(concat)                                                                                     \
    OP(slice)                                                                                      \
    OP(pad)                                                                                        \
    OP(gather)                                                                                     \
    OP(sum)                                                                                        \
    OP(mean)                                                                                       \
    OP(softmax)                                                                                    \
    OP(log_softmax)                                                                                \
    OP(dropout)                                                                                    \
    OP(add)                                                                                        \
    OP(sub)                                                                                        \
    OP(mul)                                                                                        \
    OP(div)                                                                                        \
    OP(maximum)                                                                                    \
    OP(minimum)                                                                                    \
    OP(pow)                                                                                        \
    OP(scale)                                                                                      \
    OP(clamp)                                                                                      \
    OP(leaky_relu)                                                                                 \
    OP(elu)                                                                                        \
    OP(relu)                                                                                       \
    OP(sigmoid)                                                                                    \
    OP(tanh)                                                                                       \
    OP(gelu)                                                                                       \
    OP(gelu_tanh)                                                                                  \
    OP(silu)                                                                                       \
    OP(softplus)                                                                                   \
    OP(erf)                                                                                        \
    OP(exp)                                                                                        \
    OP(log)                                                                                        \
    OP(sqrt)                                                                                       \
    OP(neg)                                                                                        \
    OP(abs)
#define TARN__GRAPH_OP_DECLARE(name) extern const tarn__graph_op tarn__graph_##name;
TARN__GRAPH_OPS(TARN__GRAPH_OP_DECLARE)

#endif
