/*
 * Initializers: how parameters start. Layers are initialized when they are made, as PyTorch's are;
 * these overwrite that, for one tensor or, by name, for many:
 *
 *     tarn_nn_init(model, "*.weight", tarn_init_kaiming_normal, TARN_GAIN_RELU);
 *     tarn_nn_init(model, "head.bias", tarn_init_constant, -2);
 *
 * All draw from the seeded generator, and give the same numbers at any number of threads. All
 * return whether the tensor was set: false for NULL, without a report, and after a mistake.
 */
#ifndef TARN_NN_INIT_H
#define TARN_NN_INIT_H

#include "nn/nn.h"

TARN_API_BEGIN

/* Sets all values of a tensor. What the number means is said with each; one's own may be given to
   tarn_nn_init() too. */
typedef bool tarn_nn_initializer(tarn_tensor *t, double number);

bool tarn_init_constant(tarn_tensor *t, double value);
bool tarn_init_normal(tarn_tensor *t, double deviation); /* mean 0; deviation finite, not below 0 */
bool tarn_init_uniform(tarn_tensor *t, double bound);    /* in [-bound, bound); bound likewise */

/* A normal distribution that is cut at two deviations: larger numbers are drawn again, which leaves
   0.88 times the deviation. */
bool tarn_init_truncated_normal(tarn_tensor *t, double deviation);

/* The others keep the size of what passes through a layer, and need to know how many numbers that
   adds up. Weights are (in, out) or (KH, KW, in / groups, out), of which

       fan_in = product of all dimensions but the last
       fan_out = last dimension times KH KW (all dimensions but the last two)

   as PyTorch's, for the same layer; but an embedding's weight (count, size) has a fan_in of count,
   and PyTorch says size. A tensor of less than two dimensions is a mistake. gain, which makes up
   for what the activation behind takes away, scales the result, and is finite and not below 0. */
#define TARN_GAIN_LINEAR 1.0              /* nothing, or a sigmoid */
#define TARN_GAIN_RELU 1.4142135623730951 /* sqrt(2): a ReLU stops half of it */

/* He et al. 2015: deviation gain / sqrt(fan_in); with TARN_GAIN_RELU for layers before a ReLU.
   Uniform: bound sqrt(3) times that. */
bool tarn_init_kaiming_normal(tarn_tensor *t, double gain);
bool tarn_init_kaiming_uniform(tarn_tensor *t, double gain);

/* By fan_out in the place of fan_in, which keeps the size of gradients (PyTorch's mode="fan_out").
 */
bool tarn_init_kaiming_normal_out(tarn_tensor *t, double gain);
bool tarn_init_kaiming_uniform_out(tarn_tensor *t, double gain);

/* The gain for layers before an activation, as PyTorch's calculate_gain(): 1 for "linear" and
   "sigmoid", 5/3 for "tanh", sqrt(2) for "relu", sqrt(2 / (1 + slope^2)) for "leaky_relu", 3/4 for
   "selu". The slope is for leaky_relu alone. NaN after a mistake, another name, and for NULL. */
double tarn_init_gain(const char *activation, double slope);

/* Glorot and Bengio 2010: deviation gain sqrt(2 / (fan_in + fan_out)). Uniform:
   bound sqrt(3) times that. */
bool tarn_init_xavier_normal(tarn_tensor *t, double gain);
bool tarn_init_xavier_uniform(tarn_tensor *t, double gain);

/* Saxe et al. 2014: the tensor as a matrix (fan_in, last dimension) has orthonormal columns, or
   orthonormal rows if it has fewer rows than columns, times gain. They are the Q of
   a QR decomposition of normal numbers, the diagonal of R being positive, which makes all such
   matrices equally likely. Computed in double; takes memory for the matrix in double, and a time
   that grows with rows columns min(rows, columns). False with tarn_error() set when memory runs
   out. */
bool tarn_init_orthogonal(tarn_tensor *t, double gain);

/* Passes the first channels on as they are, times gain: the diagonal of a matrix (in, out), and
   that in the middle of a kernel, is gain, all else 0. */
bool tarn_init_dirac(tarn_tensor *t, double gain);

/* Applies it to every parameter of the module and all below whose full name ("0.weight",
   "body.2.bias") matches the pattern of a shell: '*' stands for any characters, dots too, '?' for
   one, "[01]" for one of these. Buffers are not touched. The initializers above that need two
   dimensions pass over parameters of less, so that "*.weight" leaves the scales of normalization
   layers alone. Returns how many were set. None is a mistake, and 0; so is NULL for pattern or how.
   0 for NULL as module. */
int tarn_nn_init(tarn_module *model, const char *pattern, tarn_nn_initializer *how, double number);

/* Layer-sequential unit variance (Mishkin, Matas 2016), from a batch of images: makes the weights
   of all layers orthonormal and then, in the order of forward, scales each so that the variance of
   its output is 1. Returns how many layers were set; 0 for NULL, after a mistake (images that do
   not fit, or give an output without variance), and with tarn_error() set when memory runs out;
   weights may be changed in part then. */
#define TARN_NN_LSUV_OPTIONS(OPTION)                                                               \
    OPTION(double, tolerance, 0.1) /* of the variance */                                           \
    OPTION(int, iterations, 10)    /* a layer is scaled so often at most */                        \
    OPTION(bool, orthogonal, true) /* false: from the weights that there are */
typedef struct tarn_nn_lsuv_args {
    tarn_module *model;
    tarn_tensor *images;
    TARN_OPTIONS(TARN_NN_LSUV_OPTIONS)
} tarn_nn_lsuv_args;
int tarn_nn_lsuv_with(tarn_nn_lsuv_args args);
#define tarn_nn_lsuv(model_, ...)                                                                  \
    TARN_CALL(tarn_nn_lsuv_with, tarn_nn_lsuv_args, TARN_NN_LSUV_OPTIONS, .model = (model_),       \
              .images = __VA_ARGS__)

/* For layers: a parameter's start, uniform in [-bound, bound), from the seeded generator. Owned by
   the caller. PyTorch's layers start with a bound of 1/sqrt(inputs of one output). NULL as
   tarn_rand(). */
tarn_tensor *tarn_nn_init_uniform(tarn_shape shape, double bound);

TARN_API_END

#endif
