/* Clipping of gradients, between tarn_backward() and tarn_optim_step(). */
#ifndef TARN_OPTIM_CLIP_H
#define TARN_OPTIM_CLIP_H

#include <math.h>

#include "core/base/options.h"
#include "core/tensor.h"

TARN_API_BEGIN

/* Scales all gradients by max / norm if their norm exceeds max (Pascanu, Mikolov, Bengio 2013): the
   p-th root of the sum of |g|^p over all their elements, with p = 2 the square root of the sum of
   squares, with p = INFINITY the largest |g|. max must be positive; INFINITY only measures. Returns
   the norm before; if that is not finite nothing is scaled, and with .finite it is a mistake, whose
   sentence names the first parameter with such a gradient. NaN after a mistake, and for a list
   whose making failed. */
#define TARN_CLIP_GRAD_NORM_OPTIONS(OPTION)                                                        \
    OPTION(double, p, 2) /* at least 1 */                                                          \
    OPTION(bool, finite, false)
typedef struct tarn_clip_grad_norm_args {
    tarn_params params;
    double max;
    TARN_OPTIONS(TARN_CLIP_GRAD_NORM_OPTIONS)
} tarn_clip_grad_norm_args;
double tarn_clip_grad_norm_with(tarn_clip_grad_norm_args args);
#define tarn_clip_grad_norm(params_, ...)                                                          \
    TARN_CALL(tarn_clip_grad_norm_with, tarn_clip_grad_norm_args, TARN_CLIP_GRAD_NORM_OPTIONS,     \
              .params = (params_), .max = __VA_ARGS__)

/* Moves each element of the gradients into [-max, max], max being positive; NaN stays NaN. Returns
   how many changed; -1 after a mistake, and for a list whose making failed. */
int64_t tarn_clip_grad_value(tarn_params params, double max);

/* Adaptive clipping (Brock et al. 2021), by the size of what moves: for each output of a weight, a
   column of its matrix (in, out) or of a kernel (KH, KW, in, out), and for all of a tensor of fewer
   dimensions, with the Euclidean norms of its weights w and gradients g,

       g *= limit / |g|  if |g| > limit,  limit = max |w|, but |w| at least eps

   max being positive, about 0.01 to 0.16 in the paper, which leaves out the last layer: a list is
   what one makes it. Where |g| is not finite nothing is scaled. Returns how many columns and
   tensors changed; -1 after a mistake, and for a list whose making failed. */
#define TARN_CLIP_GRAD_ADAPTIVE_OPTIONS(OPTION) OPTION(double, eps, 1e-3) /* above 0 and finite */
typedef struct tarn_clip_grad_adaptive_args {
    tarn_params params;
    double max;
    TARN_OPTIONS(TARN_CLIP_GRAD_ADAPTIVE_OPTIONS)
} tarn_clip_grad_adaptive_args;
int64_t tarn_clip_grad_adaptive_with(tarn_clip_grad_adaptive_args args);
#define tarn_clip_grad_adaptive(params_, ...)                                                      \
    TARN_CALL(tarn_clip_grad_adaptive_with, tarn_clip_grad_adaptive_args,                          \
              TARN_CLIP_GRAD_ADAPTIVE_OPTIONS, .params = (params_), .max = __VA_ARGS__)

TARN_API_END

#endif
