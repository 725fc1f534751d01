/*
 * Tensors: dense, row-major arrays of tarn_real with at most TARN_MAX_NDIM dimensions.
 *
 * Ownership: tensors made by the constructors here belong to the caller, who frees them with
 * tarn_free(). Tensors returned by operations (core/ops.h) belong to the innermost open tape and
 * die at its end; tarn_clone() makes a copy that outlives it.
 */
#ifndef TARN_CORE_TENSOR_H
#define TARN_CORE_TENSOR_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/api.h"
#include "core/base/options.h"

TARN_API_BEGIN

#define TARN_MAX_NDIM 8

/* The sizes of a tensor's dimensions, outermost first. Zero dimensions make a scalar; a dimension
   of size 0 makes an empty tensor. */
typedef struct tarn_shape {
    int ndim;
    int64_t dim[TARN_MAX_NDIM];
} tarn_shape;

/* tarn_shape(64, 28, 28, 1), tarn_shape() for a scalar. Passed by value everywhere. */
#define tarn_shape(...) TARN_NUMBERS(tarn_shape_of, int64_t, __VA_ARGS__)

/* The function behind tarn_shape(). Reports a mistake if ndim or a dimension is negative, ndim
   exceeds TARN_MAX_NDIM, or dims is NULL for an ndim above 0; the result then has ndim -1, which
   gives NULL wherever it is used, without a second report. */
tarn_shape tarn_shape_of(int ndim, const int64_t *dims);

/* Whether both have the same dimensions; false if there are too many. */
bool tarn_shape_equal(tarn_shape a, tarn_shape b);

/* Product of the dimensions (1 for a scalar); -1 if the shape is invalid or the number of bytes
   would overflow. */
int64_t tarn_shape_size(tarn_shape shape);

/* A shape as text, "(64,28,28,1)", for messages. */
typedef struct tarn_shape_text {
    char text[24 * TARN_MAX_NDIM];
} tarn_shape_text;
tarn_shape_text tarn_shape_to_text(tarn_shape shape);

/* A list of axes, as operations over several of them take it: tarn_axes(0, -1). Axis -1 is the
 * last.
 */
typedef struct tarn_axes {
    int count;
    int axis[TARN_MAX_NDIM];
} tarn_axes;
#define tarn_axes(...) TARN_NUMBERS(tarn_axes_of, int, __VA_ARGS__)

/* The function behind tarn_axes(). Reports a mistake if count is negative or exceeds TARN_MAX_NDIM,
   or axes is NULL for a count above 0; the result then has count -1, which gives NULL wherever it
   is used, without a second report. */
tarn_axes tarn_axes_of(int count, const int *axes);

typedef struct tarn_tensor tarn_tensor;

/* Constructors. The tensor belongs to the caller. Reports a mistake and returns NULL on an invalid
   or overflowing shape; returns NULL with tarn_error() set when memory runs out. */
tarn_tensor *tarn_zeros(tarn_shape shape);
tarn_tensor *tarn_full(tarn_shape shape, double value);
tarn_tensor *tarn_randn(tarn_shape shape); /* standard normal, from the seeded generator */
tarn_tensor *tarn_rand(tarn_shape shape);  /* uniform in [0, 1), from the seeded generator */
tarn_tensor *tarn_from_array(tarn_shape shape, const tarn_real *values); /* copies */

/* A copy of the values (not of gradient, history or requires_grad), owned by the caller. */
tarn_tensor *tarn_clone(const tarn_tensor *t);

/* Frees a tensor of the caller's. Safe on NULL. A tensor that belongs to a tape, a module or a
   loader is a mistake. */
void tarn_free(tarn_tensor *t);

/* Marks a tensor as one that gets a gradient (a parameter). Returns t. */
tarn_tensor *tarn_requires_grad(tarn_tensor *t, bool required);

/* The elements, row-major, tarn_size(t) of them. NULL for NULL. Owned by the tensor. */
tarn_real *tarn_values(const tarn_tensor *t);

/* d(loss)/d(element), same layout as the values; NULL before any. Gradients accumulate over calls
   of tarn_backward() until zeroed by tarn_zero_grad() or tarn_optim_zero_grad(). The gradient of
   an operation's result dies with its tape. A view (tarn_reshape(), a slice of the first
   dimension) shares the gradient of its source, or the part of it that belongs to its elements. */
tarn_real *tarn_gradients(tarn_tensor *t);

/* Sets the gradient to zero if there is one. Costs nothing: the next gradient overwrites. For a
   view of a part only that part is cleared, which takes a pass over it. */
void tarn_zero_grad(tarn_tensor *t);

int tarn_ndim(const tarn_tensor *t); /* number of dimensions */
int64_t tarn_dim(const tarn_tensor *t,
                 int index);             /* size of one; -1 is the last, -2 the one before */
int64_t tarn_size(const tarn_tensor *t); /* number of elements */
tarn_shape tarn_shape_get(const tarn_tensor *t); /* all dimensions */

/* The value of a tensor with one element. A mistake, and NaN, for any other size; NaN for NULL. */
tarn_real tarn_item(const tarn_tensor *t);

/* Class ids, as tarn_cross_entropy() takes them. The ids are borrowed, not copied: they must live
   until the call that takes them returns. */
typedef struct tarn_labels {
    int64_t count;
    const int32_t *ids;
} tarn_labels;
#define tarn_labels(...) tarn_labels_of(__VA_ARGS__)
tarn_labels tarn_labels_of(int64_t count, const int32_t *ids);

/* A list of tensors, by value: a model's parameters, or what to check gradients for. Arrays and
   tensors are borrowed. names is NULL for a list of bare tensors. A list whose making failed has a
   count of -1: what takes a list then does nothing, as for NULL, without another report. */
typedef struct tarn_params {
    int count;
    tarn_tensor **tensors;
    const char **names;
} tarn_params;

/* tarn_params_of(w, b): a list of bare tensors. Lives as long as the enclosing block (in C++, as
   the whole expression). */
#ifdef __cplusplus
extern "C++" {
template <size_t N> tarn_params tarn__params_in(tarn_tensor *(&&list)[N])
{
    return {static_cast<int>(N) - 1, list + 1, nullptr};
}
}
#define tarn_params_of(...) tarn__params_in(tarn__arriving<tarn_tensor *>{nullptr, __VA_ARGS__})
#else
#define tarn_params_of(...)                                                                        \
    ((tarn_params){sizeof((tarn_tensor *[]){0, __VA_ARGS__}) / sizeof(tarn_tensor *) - 1,          \
                   (tarn_tensor *[]){0, __VA_ARGS__} + 1, 0})
#endif

TARN_API_END

#endif
