/*
 * The layers that few networks for images need, beside those of nn/nn.h. A library that was built
 * with -Dextras=false has none of them.
 */
#ifndef TARN_NN_EXTRAS_H
#define TARN_NN_EXTRAS_H

#include "core/ops/extras.h"
#include "nn/nn.h"

TARN_API_BEGIN

tarn_module *tarn_nn_gelu_tanh(void);
tarn_module *tarn_nn_log_sigmoid(void);
tarn_module *tarn_nn_mish(void);
tarn_module *tarn_nn_selu(void);
tarn_module *tarn_nn_softsign(void);
tarn_module *tarn_nn_hardsigmoid(void);
tarn_module *tarn_nn_hardswish(void);
tarn_module *tarn_nn_glu(void); /* (..., 2 C) to (..., C) */

/* tarn_celu(): tarn_nn_celu(), tarn_nn_celu(.alpha = 0.5). */
typedef struct tarn_nn_celu_args {
    TARN_OPTIONS(TARN_CELU_OPTIONS)
} tarn_nn_celu_args;
tarn_module *tarn_nn_celu_with(tarn_nn_celu_args args);
#define tarn_nn_celu(...)                                                                          \
    TARN_CALL(tarn_nn_celu_with, tarn_nn_celu_args, TARN_CELU_OPTIONS, __VA_ARGS__)

/* tarn_prelu(): one slope for all, tarn_nn_prelu(), or one for each channel of (...,channels).
   "weight" (channels), at first slope. Weight decay would draw it to 0: leave it out of that. */
#define TARN_NN_PRELU_OPTIONS(OPTION)                                                              \
    OPTION(int, channels, 1)                                                                       \
    OPTION(double, slope, 0.25) /* finite */
typedef struct tarn_nn_prelu_args {
    TARN_OPTIONS(TARN_NN_PRELU_OPTIONS)
} tarn_nn_prelu_args;
tarn_module *tarn_nn_prelu_with(tarn_nn_prelu_args args);
#define tarn_nn_prelu(...)                                                                         \
    TARN_CALL(tarn_nn_prelu_with, tarn_nn_prelu_args, TARN_NN_PRELU_OPTIONS, __VA_ARGS__)

/* See tarn_pixel_shuffle(): (N,H,W,C) to (N, factor H, factor W, C / factor^2), and back. */
tarn_module *tarn_nn_pixel_shuffle(int factor);
tarn_module *tarn_nn_pixel_unshuffle(int factor);

/* tarn_layer_norm() over the last dimension of (...,size), in training and in evaluation. For
   several dimensions flatten them, or use the operation.
   "weight" (size), at first 1, and "bias" (size), at first 0; .affine = false leaves both out. */
typedef struct tarn_nn_layer_norm_args {
    int size;
    TARN_OPTIONS(TARN_NN_NORM_OPTIONS)
} tarn_nn_layer_norm_args;
tarn_module *tarn_nn_layer_norm_with(tarn_nn_layer_norm_args args);
#define tarn_nn_layer_norm(...)                                                                    \
    TARN_CALL(tarn_nn_layer_norm_with, tarn_nn_layer_norm_args, TARN_NN_NORM_OPTIONS,              \
              .size = TARN_WHOLE_FIRST(__VA_ARGS__))

/* tarn_rms_norm() over the last dimension of (...,size). "weight" (size), at first 1; .affine =
   false leaves it out. */
#define TARN_NN_RMS_NORM_OPTIONS(OPTION)                                                           \
    TARN_RMS_NORM_OPTIONS(OPTION)                                                                  \
    OPTION(bool, affine, true)
typedef struct tarn_nn_rms_norm_args {
    int size;
    TARN_OPTIONS(TARN_NN_RMS_NORM_OPTIONS)
} tarn_nn_rms_norm_args;
tarn_module *tarn_nn_rms_norm_with(tarn_nn_rms_norm_args args);
#define tarn_nn_rms_norm(...)                                                                      \
    TARN_CALL(tarn_nn_rms_norm_with, tarn_nn_rms_norm_args, TARN_NN_RMS_NORM_OPTIONS,              \
              .size = __VA_ARGS__)

/* Local response normalization (Krizhevsky et al. 2012), of AlexNet, over the last dimension:
   y[c] = x[c] / (k + alpha / size sum)^beta, where sum is that of x^2 at the channels from c - size
   / 2 to c + (size - 1) / 2, as in PyTorch. Composed of others, size passes over memory: a batch
   normalization does the same in less time, and better. */
#define TARN_NN_LOCAL_RESPONSE_NORM_OPTIONS(OPTION)                                                \
    OPTION(double, alpha, 1e-4) /* finite, at least 0 */                                           \
    OPTION(double, beta, 0.75)  /* finite */                                                       \
    OPTION(double, k, 1)        /* finite, above 0 */
typedef struct tarn_nn_local_response_norm_args {
    int size; /* at least 1 */
    TARN_OPTIONS(TARN_NN_LOCAL_RESPONSE_NORM_OPTIONS)
} tarn_nn_local_response_norm_args;
tarn_module *tarn_nn_local_response_norm_with(tarn_nn_local_response_norm_args args);
#define tarn_nn_local_response_norm(...)                                                           \
    TARN_CALL(tarn_nn_local_response_norm_with, tarn_nn_local_response_norm_args,                  \
              TARN_NN_LOCAL_RESPONSE_NORM_OPTIONS, .size = TARN_WHOLE_FIRST(__VA_ARGS__))

/* A vector for each id: ids of any shape with at most 7 dimensions, mostly (N) or (N,T), to
   (..., size). Ids come as numbers in a tensor, and must be whole and from 0 to count - 1, else it
   is a mistake; they get no gradient. See tarn_gather_rows(). Parameter "weight" (count, size), at
   first standard normal. In float count is at most 2^24: larger ids are not exact. */
tarn_module *tarn_nn_embedding(int count, int size);

TARN_API_END

#endif
