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

/* Applies it to every parameter of the module and all below whose full name ("0.weight",
   "body.2.bias") matches the pattern of a shell: '*' stands for any characters, dots too, '?' for
   one, "[01]" for one of these. Buffers are not touched. The initializers above that need two
   dimensions pass over parameters of less, so that "*.weight" leaves the scales of normalization
   layers alone. Returns how many were set. None is a mistake, and 0; so is NULL for pattern or how.
   0 for NULL as module. */
int tarn_nn_init(tarn_module *model, const char *pattern, tarn_nn_initializer *how, double number);

TARN_API_END

#endif
