/*
 * Layers and networks. A module owns its parameters and its children; freeing the outermost module
 * frees all. Constructors report a mistake on impossible numbers and return NULL; they return NULL
 * with tarn_error() set when memory runs out. Parameters are initialized from the seeded generator
 * as PyTorch does by default.
 *
 * A module is used by one thread at a time, forward included: it notes the shape of its output.
 *
 * Layers that few networks for images need are in nn/extras.h.
 *
 * Options are named, tarn_nn_linear(784, 10, .bias = false); core/base/options.h says how.
 */
#ifndef TARN_NN_NN_H
#define TARN_NN_NN_H

#include <stdio.h>

#include "core/ops.h"

TARN_API_BEGIN

typedef struct tarn_module tarn_module;

/* ---- Layers */

/* y = x weight + bias.  x (N, in), or more dimensions, as (N, T, in), of which the last is in;
   weight "weight" (in, out), bias "bias" (out); result as x with out in its place.
   Both start uniform in +-1/sqrt(in).
   With .weight_norm (Salimans and Kingma 2016), here and below, another parameter, "weight_g"
   (out), is the length of the weights of each output, and "weight" their direction: weight_g weight
   / |weight| is what x is multiplied by, at first the same. Sized by the last dimension of the
   weight, which of a transposed convolution is in, as PyTorch's. */
#define TARN_NN_LINEAR_OPTIONS(OPTION)                                                             \
    OPTION(bool, bias, true)                                                                       \
    OPTION(bool, weight_norm, false)
typedef struct tarn_nn_linear_args {
    int in, out;
    TARN_OPTIONS(TARN_NN_LINEAR_OPTIONS)
} tarn_nn_linear_args;
tarn_module *tarn_nn_linear_with(tarn_nn_linear_args args);
#define tarn_nn_linear(in_, ...)                                                                   \
    TARN_CALL(tarn_nn_linear_with, tarn_nn_linear_args, TARN_NN_LINEAR_OPTIONS,                    \
              .in = TARN_WHOLE(in_), .out = TARN_WHOLE_FIRST(__VA_ARGS__))

/* Convolution of (N,H,W,in) to (N,OH,OW,out), see tarn_conv2d().
   "weight" (kernel, kernel_w, in/groups, out), "bias" (out).
   Both start uniform in +-1/sqrt(kernel kernel_w in/groups). padding_mode, a tarn_pad_mode, is what
   the padding is of; other than zeros it is an image that is larger, in a pass of its own. */
#define TARN_NN_CONV2D_OPTIONS(OPTION)                                                             \
    OPTION(int, kernel_w, TARN_AS_HEIGHT)                                                          \
    TARN_CONV_OPTIONS(OPTION)                                                                      \
    OPTION(bool, same, false)                                                                      \
    OPTION(int, padding_mode, TARN_PAD_CONSTANT)                                                   \
    OPTION(bool, bias, true)                                                                       \
    OPTION(bool, weight_norm, false)
typedef struct tarn_nn_conv2d_args {
    int in, out, kernel;
    TARN_OPTIONS(TARN_NN_CONV2D_OPTIONS)
} tarn_nn_conv2d_args;
tarn_module *tarn_nn_conv2d_with(tarn_nn_conv2d_args args);
#define tarn_nn_conv2d(in_, out_, ...)                                                             \
    TARN_CALL(tarn_nn_conv2d_with, tarn_nn_conv2d_args, TARN_NN_CONV2D_OPTIONS,                    \
              .in = TARN_WHOLE(in_), .out = TARN_WHOLE(out_),                                      \
              .kernel = TARN_WHOLE_FIRST(__VA_ARGS__))

/* Transposed convolution of (N,H,W,in) to (N,OH,OW,out), see tarn_conv_transpose2d().
   "weight" (kernel, kernel_w, out/groups, in), "bias" (out).
   Both start uniform in +-1/sqrt(kernel kernel_w out/groups). */
#define TARN_NN_CONV_TRANSPOSE2D_OPTIONS(OPTION)                                                   \
    OPTION(int, kernel_w, TARN_AS_HEIGHT)                                                          \
    TARN_CONV_TRANSPOSE2D_OPTIONS(OPTION)                                                          \
    OPTION(bool, bias, true)                                                                       \
    OPTION(bool, weight_norm, false)
typedef struct tarn_nn_conv_transpose2d_args {
    int in, out, kernel;
    TARN_OPTIONS(TARN_NN_CONV_TRANSPOSE2D_OPTIONS)
} tarn_nn_conv_transpose2d_args;
tarn_module *tarn_nn_conv_transpose2d_with(tarn_nn_conv_transpose2d_args args);
#define tarn_nn_conv_transpose2d(in_, out_, ...)                                                   \
    TARN_CALL(tarn_nn_conv_transpose2d_with, tarn_nn_conv_transpose2d_args,                        \
              TARN_NN_CONV_TRANSPOSE2D_OPTIONS, .in = TARN_WHOLE(in_), .out = TARN_WHOLE(out_),    \
              .kernel = TARN_WHOLE_FIRST(__VA_ARGS__))

/* See tarn_max_pool2d() and tarn_avg_pool2d(). */
typedef struct tarn_nn_max_pool2d_args {
    int kernel;
    TARN_OPTIONS(TARN_MAX_POOL2D_OPTIONS)
} tarn_nn_max_pool2d_args;
tarn_module *tarn_nn_max_pool2d_with(tarn_nn_max_pool2d_args args);
#define tarn_nn_max_pool2d(...)                                                                    \
    TARN_CALL(tarn_nn_max_pool2d_with, tarn_nn_max_pool2d_args, TARN_MAX_POOL2D_OPTIONS,           \
              .kernel = TARN_WHOLE_FIRST(__VA_ARGS__))

typedef struct tarn_nn_avg_pool2d_args {
    int kernel;
    TARN_OPTIONS(TARN_AVG_POOL2D_OPTIONS)
} tarn_nn_avg_pool2d_args;
tarn_module *tarn_nn_avg_pool2d_with(tarn_nn_avg_pool2d_args args);
#define tarn_nn_avg_pool2d(...)                                                                    \
    TARN_CALL(tarn_nn_avg_pool2d_with, tarn_nn_avg_pool2d_args, TARN_AVG_POOL2D_OPTIONS,           \
              .kernel = TARN_WHOLE_FIRST(__VA_ARGS__))

/* (N,H,W,C) to (N,height,width,C), see tarn_adaptive_max_pool2d(). */
tarn_module *tarn_nn_adaptive_max_pool2d(int height, int width);

/* (N,H,W,C) to (N,height,width,C), see tarn_adaptive_avg_pool2d(). */
tarn_module *tarn_nn_adaptive_avg_pool2d(int height, int width);

/* (N,H,W,C) to (N, scale H, scale W, C): tarn_upsample_nearest2d(), or the one of the two
   interpolations that is asked for, with its options. Since no image gets smaller, antialias makes
   a difference with bicubic only. */
#define TARN_NN_UPSAMPLE2D_OPTIONS(OPTION)                                                         \
    OPTION(bool, bilinear, false) /* see tarn_upsample_bilinear2d() */                             \
    OPTION(bool, bicubic, false)  /* see tarn_upsample_bicubic2d() */                              \
    TARN_UPSAMPLE_BILINEAR2D_OPTIONS(OPTION)
typedef struct tarn_nn_upsample2d_args {
    int scale; /* at least 1 */
    TARN_OPTIONS(TARN_NN_UPSAMPLE2D_OPTIONS)
} tarn_nn_upsample2d_args;
tarn_module *tarn_nn_upsample2d_with(tarn_nn_upsample2d_args args);
#define tarn_nn_upsample2d(...)                                                                    \
    TARN_CALL(tarn_nn_upsample2d_with, tarn_nn_upsample2d_args, TARN_NN_UPSAMPLE2D_OPTIONS,        \
              .scale = TARN_WHOLE_FIRST(__VA_ARGS__))

tarn_module *tarn_nn_relu(void);
tarn_module *tarn_nn_sigmoid(void);
tarn_module *tarn_nn_tanh(void);
tarn_module *tarn_nn_gelu(void);
tarn_module *tarn_nn_silu(void);
tarn_module *tarn_nn_relu6(void);
tarn_module *tarn_nn_softmax(void);
tarn_module *tarn_nn_log_softmax(void);
tarn_module *tarn_nn_flatten(void); /* (N, ...) to (N, rest) */

/* tarn_leaky_relu() and tarn_elu(): tarn_nn_leaky_relu(), tarn_nn_leaky_relu(.slope = 0.2). */
typedef struct tarn_nn_leaky_relu_args {
    TARN_OPTIONS(TARN_LEAKY_RELU_OPTIONS)
} tarn_nn_leaky_relu_args;
tarn_module *tarn_nn_leaky_relu_with(tarn_nn_leaky_relu_args args);
#define tarn_nn_leaky_relu(...)                                                                    \
    TARN_CALL(tarn_nn_leaky_relu_with, tarn_nn_leaky_relu_args, TARN_LEAKY_RELU_OPTIONS,           \
              __VA_ARGS__)
typedef struct tarn_nn_elu_args {
    TARN_OPTIONS(TARN_ELU_OPTIONS)
} tarn_nn_elu_args;
tarn_module *tarn_nn_elu_with(tarn_nn_elu_args args);
#define tarn_nn_elu(...)                                                                           \
    TARN_CALL(tarn_nn_elu_with, tarn_nn_elu_args, TARN_ELU_OPTIONS, __VA_ARGS__)

/* A smooth relu that is the nearer to it the larger beta is: tarn_softplus(beta x) / beta,
   infinite where beta x is. */
#define TARN_NN_SOFTPLUS_OPTIONS(OPTION) OPTION(double, beta, 1) /* finite, above 0 */
typedef struct tarn_nn_softplus_args {
    TARN_OPTIONS(TARN_NN_SOFTPLUS_OPTIONS)
} tarn_nn_softplus_args;
tarn_module *tarn_nn_softplus_with(tarn_nn_softplus_args args);
#define tarn_nn_softplus(...)                                                                      \
    TARN_CALL(tarn_nn_softplus_with, tarn_nn_softplus_args, TARN_NN_SOFTPLUS_OPTIONS, __VA_ARGS__)

/* tarn_dropout() while training, nothing in evaluation. p in [0, 1]. */
tarn_module *tarn_nn_dropout(double p);

/* The same with tarn_dropout2d(), which drops whole channels of images (N,H,W,C). */
tarn_module *tarn_nn_dropout2d(double p);

/* Stochastic depth (Huang et al. 2016), as the last layer of a residual's body: while training each
   sample of (N,...) is 0 with probability p, else x / (1 - p); nothing in evaluation. p in [0, 1].
   The body's work is done all the same. */
tarn_module *tarn_nn_stochastic_depth(double p);

/* tarn_batch_norm2d() over N, H and W of (N,H,W,channels), or all but the last of (N,channels) and
   (N,T,channels), with the statistics of the batch while training, which move the running ones, and
   the running ones in evaluation.
   Parameters "weight" (channels), at first 1, and "bias" (channels), at first 0; buffers
   "running_mean", at first 0, and "running_var", at first 1. .affine = false leaves both parameters
   out (y is normalized, and no more). .cumulative, which momentum has no part in, makes the running
   statistics the means over all batches so far, counted in the buffer "num_batches_tracked" (();
   PyTorch's momentum=None), which other layers do not have: nothing there depends on it. */
#define TARN_NN_BATCH_NORM2D_OPTIONS(OPTION)                                                       \
    TARN_BATCH_NORM_OPTIONS(OPTION)                                                                \
    OPTION(bool, affine, true)                                                                     \
    OPTION(bool, cumulative, false)
typedef struct tarn_nn_batch_norm2d_args {
    int channels;
    TARN_OPTIONS(TARN_NN_BATCH_NORM2D_OPTIONS)
} tarn_nn_batch_norm2d_args;
tarn_module *tarn_nn_batch_norm2d_with(tarn_nn_batch_norm2d_args args);
#define tarn_nn_batch_norm2d(...)                                                                  \
    TARN_CALL(tarn_nn_batch_norm2d_with, tarn_nn_batch_norm2d_args, TARN_NN_BATCH_NORM2D_OPTIONS,  \
              .channels = TARN_WHOLE_FIRST(__VA_ARGS__))

/* tarn_group_norm() of (N,H,W,channels), in training and in evaluation; groups divide channels, and
   as many groups as channels are instance normalization.
   "weight" (channels), at first 1, and "bias" (channels), at first 0; .affine = false leaves both
   out. */
#define TARN_NN_NORM_OPTIONS(OPTION)                                                               \
    TARN_NORM_OPTIONS(OPTION)                                                                      \
    OPTION(bool, affine, true)
typedef struct tarn_nn_group_norm_args {
    int groups, channels;
    TARN_OPTIONS(TARN_NN_NORM_OPTIONS)
} tarn_nn_group_norm_args;
tarn_module *tarn_nn_group_norm_with(tarn_nn_group_norm_args args);
#define tarn_nn_group_norm(groups_, ...)                                                           \
    TARN_CALL(tarn_nn_group_norm_with, tarn_nn_group_norm_args, TARN_NN_NORM_OPTIONS,              \
              .groups = TARN_WHOLE(groups_), .channels = TARN_WHOLE_FIRST(__VA_ARGS__))

/* So many pixels on all four sides of each image: (N,H,W,C) to (N, H + 2 padding, W + 2 padding_w,
   C): zeros, or what the mode, a tarn_pad_mode, says. Convolutions and pooling have a padding of
   their own. */
#define TARN_NN_PAD2D_OPTIONS(OPTION)                                                              \
    OPTION(int, padding_w, TARN_AS_HEIGHT)                                                         \
    OPTION(int, mode, TARN_PAD_CONSTANT)
typedef struct tarn_nn_pad2d_args {
    int padding;
    TARN_OPTIONS(TARN_NN_PAD2D_OPTIONS)
} tarn_nn_pad2d_args;
tarn_module *tarn_nn_pad2d_with(tarn_nn_pad2d_args args);
#define tarn_nn_pad2d(...)                                                                         \
    TARN_CALL(tarn_nn_pad2d_with, tarn_nn_pad2d_args, TARN_NN_PAD2D_OPTIONS,                       \
              .padding = TARN_WHOLE_FIRST(__VA_ARGS__))

tarn_module *tarn_nn_global_avg_pool2d(void); /* (N,H,W,C) to (N,C), see tarn_global_avg_pool2d() */
tarn_module *tarn_nn_global_max_pool2d(void); /* (N,H,W,C) to (N,C), see tarn_global_max_pool2d() */

/* y = body(x) + x, or body(x) + projection(x) where the body changes the shape; then max(y, 0) if
   relu. Both must have the same shape. Children "body" and "projection". Takes both modules over,
   also when it fails; NULL for either, as from a constructor that failed, gives NULL. */
#define TARN_NN_IDENTITY ((tarn_module *)-1) /* says "x itself"; no module, nothing to free */
#define TARN_NN_RESIDUAL_OPTIONS(OPTION)                                                           \
    OPTION(tarn_module *, projection, TARN_NN_IDENTITY)                                            \
    OPTION(bool, relu, false)
typedef struct tarn_nn_residual_args {
    tarn_module *body;
    TARN_OPTIONS(TARN_NN_RESIDUAL_OPTIONS)
} tarn_nn_residual_args;
tarn_module *tarn_nn_residual_with(tarn_nn_residual_args args);
#define tarn_nn_residual(...)                                                                      \
    TARN_CALL(tarn_nn_residual_with, tarn_nn_residual_args, TARN_NN_RESIDUAL_OPTIONS,              \
              .body = __VA_ARGS__)

/* Modules beside each other, of the same input: their results one behind the other along the last
   dimension, and their sum. Without the last dimension for concat(), and with it for sum(), all
   results have the same shape. TARN_NN_IDENTITY gives x itself. Children "0", "1", ..., of which an
   identity is a Sequential of nothing; at least one. Takes them over as tarn_nn_sequential().
   A dense block is a chain of concat(TARN_NN_IDENTITY, layers), and a level of a U-Net
   concat(TARN_NN_IDENTITY, sequential(down, next level, up)): docs/networks.md has both. */
#define tarn_nn_concat(...) TARN_LIST(tarn_nn_concat_of, tarn_module *, __VA_ARGS__)
tarn_module *tarn_nn_concat_of(int count, tarn_module *const *modules);
#define tarn_nn_sum(...) TARN_LIST(tarn_nn_sum_of, tarn_module *, __VA_ARGS__)
tarn_module *tarn_nn_sum_of(int count, tarn_module *const *modules);

/* y = body(x), with less memory and more time: of what the body computes in training only its
   output is kept, and backward runs the body again for the rest (Chen et al. 2016, "Training deep
   nets with sublinear memory cost"). Outputs, gradients, running statistics and random numbers are
   bit for bit those of the body alone, and in evaluation or on a no_grad tape it is just the body.
   (Of a body that gives back its input, or a view of it, the gradient of the input is summed in
   another order, if the input is used elsewhere too.)
   Wrap parts of a network that keep much, such as each of its blocks: the peak then is the outputs
   of all and the inside of one. Child "body". Takes the body over, also when it fails; NULL gives
   NULL. The body must compute the same from the same input, parameters, buffers and random numbers.
   Its layers run in one pass with each other (tarn_nn_sequential()), not with those after it. */
tarn_module *tarn_nn_recompute(tarn_module *body);

/* The children one after the other, named "0", "1", ... as by PyTorch. Takes them over; if one is
   NULL the others are freed and the result is NULL. Without children it gives x itself, as there.
   Some that follow each other directly, in the same sequential, run in one pass over memory, with
   the results of each alone: conv2d with relu and a max_pool2d whose windows do not overlap (a
   step of LeNet takes 2.7 times as long without); linear, batch_norm2d and residual with relu; and
   modules of one's own (nn/module.h). */
#define tarn_nn_sequential(...) TARN_LIST(tarn_nn_sequential_of, tarn_module *, __VA_ARGS__)
tarn_module *tarn_nn_sequential_of(int count, tarn_module *const *modules);

/* ---- What can be done with any module */

/* Its output. NULL for NULL. */
tarn_tensor *tarn_nn_forward(tarn_module *module, tarn_tensor *x);

/* Sets training (true; so a module starts) or evaluation for the module and all below. */
void tarn_nn_train(tarn_module *module, bool training);

/* Freezes the parameters of the module and all below, or, by false, lets them be trained again, as
   at first. Frozen parameters have no gradient (what they had is gone), backward computes none for
   them, and nothing at all below the first layer that is trained, and optimizers leave them and
   their state alone. They stay among tarn_nn_parameters(), so that an optimizer can be made before
   or after. Running statistics of batch normalization are no parameters: while training they move
   on, and tarn_nn_train(module, false) is what holds them. NULL does nothing. */
void tarn_nn_freeze(tarn_module *module, bool frozen);

/* The parameters of the module and all below, in the order of forward, named "0.weight", "0.bias",
   ... The arrays belong to the module and live until the next call or tarn_nn_free(). A count of -1
   for NULL, and with tarn_error() set when memory runs out; optimizers and clipping take it as
   NULL.
 */
tarn_params tarn_nn_parameters(tarn_module *module);

/* The same with the buffers of all modules among them, for averages of both (optim/ema.h),
   which is no list for an optimizer. The arrays live until the next call of this or that function.
 */
tarn_params tarn_nn_tensors(tarn_module *module);

/* Finds the running statistics of all batch normalization anew, for weights that were not trained
   as they are, such as averages: with batch k of the images, from 0 on, they become the means over
   the batches so far.

       tarn_ema_swap(average);
       for (int64_t k = 0; tarn_loader_next(loader, &batch); k++)
           tarn_nn_recalibrate(model, batch.images, k);

   Batch normalization computes as in training, all else as in evaluation (PyTorch's update_bn() has
   dropout too); modes are as before afterwards, and no tape is needed. False for NULL, after a
   mistake (a k below 0, or images that do not fit), and with tarn_error() set when memory runs out;
   statistics may be changed in part then. */
bool tarn_nn_recalibrate(tarn_module *model, tarn_tensor *images, int64_t k);

/* The number of elements of all parameters. */
int64_t tarn_nn_parameter_count(const tarn_module *module);

/* Prints a table of the modules with their numbers, output shapes and parameter counts, and the
   total. input is the shape of a batch, such as tarn_shape(1, 28, 28, 1): the module runs once on
   zeros, in evaluation and without a gradient, and draws no random numbers. Modules that did not
   run have no output shape. Returns whether all ran. */
bool tarn_nn_summary(tarn_module *module, tarn_shape input, FILE *stream);

/* In which order the numbers of a file stand: Tarn's (images NHWC, convolution weights HWIO, linear
   weights (in, out)) or PyTorch's (NCHW, OIHW, (out, in)); or the one that the file says, as those
   of tarn_nn_save() do. */
typedef enum tarn_layout { TARN_LAYOUT_TARN, TARN_LAYOUT_TORCH, TARN_LAYOUT_STATED } tarn_layout;

/* What a part of a module is called in a file: with {"0", "features.3"} the file has
   "features.3.weight" for "0.weight". Of several that fit the longest counts; "" is the outermost
   module. A list ends with a NULL: {{"0", "features.3"}, {NULL}}. */
typedef struct tarn_nn_name {
    const char *own, *file;
} tarn_nn_name;

/* Writes all parameters and buffers to a file in the safetensors format, dtype F32 (F64 in the
   double build), names as above. The file is replaced as a whole or not at all: false with
   tarn_error() set, and the old file untouched, if that fails.
   In PyTorch's layout load_state_dict() takes it as it is, counters of batch normalization
   (num_batches_tracked, here 0) included; then linear layers behind a flatten must know how many
   channels the images had: from a layer before it, or from tarn_nn_describe(). False too for a
   module that holds what is not known in that layout, such as matrices of one's own.
   A path that ends in .npz becomes a file for NumPy instead, with the same arrays.
   A part of a network, such as its last layers, cannot know whether it takes images that were
   flattened before it: .flattened says how many channels they had, in the order of PyTorch's
   layout, and 0 that they were not. Not told, -1, it is taken for a whole network.
   A name of no part, and one that two tensors would have, are mistakes. */
#define TARN_NN_SAVE_OPTIONS(OPTION)                                                               \
    OPTION(tarn_layout, layout, TARN_LAYOUT_TARN) /* STATED is a mistake */                        \
    OPTION(const tarn_nn_name *, names, NULL)                                                      \
    OPTION(int, flattened, -1)
typedef struct tarn_nn_save_args {
    const tarn_module *module;
    const char *path;
    TARN_OPTIONS(TARN_NN_SAVE_OPTIONS)
} tarn_nn_save_args;
bool tarn_nn_save_with(tarn_nn_save_args args);
#define tarn_nn_save(module_, ...)                                                                 \
    TARN_CALL(tarn_nn_save_with, tarn_nn_save_args, TARN_NN_SAVE_OPTIONS, .module = (module_),     \
              .path = __VA_ARGS__)

/* Whether saving to this path could begin: what a long training asks first. False with tarn_error()
   set otherwise. Leaves nothing behind. */
bool tarn_nn_can_save(const char *path);

/* Reads them back. The names and shapes in the file must be exactly the module's, and its metadata
   must say the layout, or .layout, and not both something else: in another one the weights of a
   square layer would fit and be transposed. Numbers may be F64, F32, F16 or BF16, if tarn_real can
   hold them. By the path's end the file may be NumPy's (.npz), or an index of several beside it
   (.index.json). Everything is checked, and all data read, before the first tensor changes. False
   with tarn_error() set otherwise. .flattened as above. */
#define TARN_NN_LOAD_OPTIONS(OPTION)                                                               \
    OPTION(tarn_layout, layout, TARN_LAYOUT_STATED)                                                \
    OPTION(const tarn_nn_name *, names, NULL)                                                      \
    OPTION(int, flattened, -1)
typedef struct tarn_nn_load_args {
    tarn_module *module;
    const char *path;
    TARN_OPTIONS(TARN_NN_LOAD_OPTIONS)
} tarn_nn_load_args;
bool tarn_nn_load_with(tarn_nn_load_args args);
#define tarn_nn_load(module_, ...)                                                                 \
    TARN_CALL(tarn_nn_load_with, tarn_nn_load_args, TARN_NN_LOAD_OPTIONS, .module = (module_),     \
              .path = __VA_ARGS__)

/* Frees the module, its parameters and buffers and all below. Safe on NULL. A module that belongs
   to another is a mistake. */
void tarn_nn_free(tarn_module *module);

TARN_API_END

#endif
