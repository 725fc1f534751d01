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
    int kernel, stride, padding, dilation, output_padding; /* along H */
    int kernel_w, stride_w, padding_w, dilation_w, output_padding_w;
    int groups, axis, mode; /* mode: a tarn_pad_mode, or 1 where channels are inside */
    int max_pool;           /* 0: none */
    bool keepdims, relu, same, ceil_mode, count_include_pad;
    bool bilinear, bicubic, align_corners, antialias; /* of resize: one of the first two at most */
    bool is_last;                                     /* of a concat: the axis is the last one */
    double a, b, c;   /* its numbers: slope, alpha, eps and momentum, low and high */
    int64_t from, to; /* of a slice */
    tarn_axes axes;
    tarn_shape shape, after; /* a size of TARN__GRAPH_BATCH is the batch's, of -1 what is left */
};
enum { TARN__GRAPH_BATCH = -2 };

/* One that is held, a part of the module. */
typedef struct tarn__graph_value {
    tarn_tensor *tensor;
    bool constant; /* a buffer that the importer made, which has no name in the file */
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

/* Makes room for the values of its steps, of which, and of held tensors, the numbers are set. False
   when memory runs out. */
bool tarn__graph_room(tarn__graph *graph);

/* Puts steps together, where an operation does several in one pass, and numbers what they give
   anew, without gaps: step i gives value held + 1 + i. False when memory runs out. */
bool tarn__graph_fuse(tarn__graph *graph);

/* How many steps read the value, the graph's end counting as one. */
int tarn__graph_readers(const tarn__graph *graph, int value);

/* Gives the graph, or a part of it that is named by what is before the last dot, a tensor under the
   name, as tarn_nn_add_parameter() and tarn_nn_add_buffer(). Letters that no name has become '_',
   and a name that is there already gets a number. */
bool tarn__graph_name(tarn__graph *graph, const char *name, tarn_tensor *tensor, bool trained);

/* The same under a name that such a call has made: others are mistakes. */
bool tarn__graph_put(tarn__graph *graph, const char *name, tarn_tensor *tensor, bool trained);

/* The operations: the number of their inputs, at least and at most, and the members of the step
   that they read. */
enum { TARN__GRAPH_MANY = 1 << 20 };
#define TARN__GRAPH_OPS(OP)                                                                        \
    OP(conv2d, 2, 3,                                                                               \
       " stride stride_w padding padding_w dilation dilation_w groups same relu max_pool ")        \
    OP(conv_transpose2d, 2, 3,                                                                     \
       " stride stride_w padding padding_w dilation dilation_w groups output_padding "             \
       "output_padding_w ")                                                                        \
    OP(linear, 2, 3, " relu ")                                                                     \
    OP(matmul, 2, 2, "")                                                                           \
    OP(max_pool2d, 1, 1,                                                                           \
       " kernel kernel_w stride stride_w padding padding_w dilation dilation_w ceil_mode ")        \
    OP(avg_pool2d, 1, 1,                                                                           \
       " kernel kernel_w stride stride_w padding padding_w ceil_mode count_include_pad ")          \
    OP(adaptive_avg_pool2d, 1, 1, " shape ")                                                       \
    OP(adaptive_max_pool2d, 1, 1, " shape ")                                                       \
    OP(global_avg_pool2d, 1, 1, "")                                                                \
    OP(pixel_shuffle, 1, 1, " kernel mode ")                                                       \
    OP(pixel_unshuffle, 1, 1, " kernel mode ")                                                     \
    OP(upsample, 1, 1, " kernel bilinear bicubic align_corners antialias ")                        \
    OP(resize, 1, 1, " shape bilinear bicubic align_corners antialias ")                           \
    OP(batch_norm2d, 5, 5, " a b relu ")                                                           \
    OP(layer_norm, 3, 3, " a ")                                                                    \
    OP(group_norm, 3, 3, " groups a ")                                                             \
    OP(local_response_norm, 1, 1, " kernel a b c ")                                                \
    OP(flatten, 1, 1, "")                                                                          \
    OP(reshape, 1, 1, " shape ")                                                                   \
    OP(permute, 1, 1, " axes ")                                                                    \
    OP(concat, 1, TARN__GRAPH_MANY, " axis ")                                                      \
    OP(slice, 1, 1, " axis from to ")                                                              \
    OP(pad, 1, 1, " shape after a mode ")                                                          \
    OP(gather, 2, 2, "")                                                                           \
    OP(sum, 1, 1, " axes keepdims ")                                                               \
    OP(mean, 1, 1, " axes keepdims ")                                                              \
    OP(max, 1, 1, " axes keepdims ")                                                               \
    OP(min, 1, 1, " axes keepdims ")                                                               \
    OP(softmax, 1, 1, "")                                                                          \
    OP(log_softmax, 1, 1, "")                                                                      \
    OP(dropout, 1, 1, " a ")                                                                       \
    OP(add, 2, 2, "")                                                                              \
    OP(sub, 2, 2, "")                                                                              \
    OP(mul, 2, 2, "")                                                                              \
    OP(div, 2, 2, "")                                                                              \
    OP(maximum, 2, 2, "")                                                                          \
    OP(minimum, 2, 2, "")                                                                          \
    OP(pow, 1, 1, " a ")                                                                           \
    OP(scale, 1, 1, " a ")                                                                         \
    OP(clamp, 1, 1, " a b ")                                                                       \
    OP(leaky_relu, 1, 1, " a ")                                                                    \
    OP(elu, 1, 1, " a ")                                                                           \
    OP(relu, 1, 1, "")                                                                             \
    OP(sigmoid, 1, 1, "")                                                                          \
    OP(tanh, 1, 1, "")                                                                             \
    OP(gelu, 1, 1, "")                                                                             \
    OP(gelu_tanh, 1, 1, "")                                                                        \
    OP(silu, 1, 1, "")                                                                             \
    OP(softplus, 1, 1, "")                                                                         \
    OP(erf, 1, 1, "")                                                                              \
    OP(exp, 1, 1, "")                                                                              \
    OP(log, 1, 1, "")                                                                              \
    OP(sqrt, 1, 1, "")                                                                             \
    OP(neg, 1, 1, "")                                                                              \
    OP(abs, 1, 1, "")
#define TARN__GRAPH_OP_DECLARE(name, ...) extern const tarn__graph_op tarn__graph_##name;
TARN__GRAPH_OPS(TARN__GRAPH_OP_DECLARE)

#endif
