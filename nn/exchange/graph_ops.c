/* What the steps of a graph compute: each an operation of core/ops.h. */
#include <math.h>
#include <stdlib.h>

#include "core/base/error.h"
#include "core/op.h"
#include "nn/exchange/graph.h"
#include "nn/local_response_norm.h"

#define RUN(name)                                                                                  \
    static tarn_tensor *name(const tarn__graph_step *s, tarn_tensor *const *x,                     \
                             const tarn__graph_run *how)

/* An operation whose call is an expression of s, x and how. */
#define OP(name, layer, ...)                                                                       \
    RUN(run_##name)                                                                                \
    {                                                                                              \
        (void)s, (void)how;                                                                        \
        return __VA_ARGS__;                                                                        \
    }                                                                                              \
    MODULE(name, layer, .run = run_##name)

/* And as a module: the constructor's call, of s and x; NULL for none. */
#define MODULE(name_, layer, ...)                                                                  \
    static tarn_module *module_##name_(const tarn__graph_step *s, tarn_tensor *const *x)           \
    {                                                                                              \
        (void)s, (void)x;                                                                          \
        return layer;                                                                              \
    }                                                                                              \
    const tarn__graph_op tarn__graph_##name_ = {                                                   \
        .name = #name_, .module = module_##name_, __VA_ARGS__};

static int size_of(const tarn_tensor *t, int axis)
{
    return (int)tarn_dim(t, axis);
}

/* Of a tensor that may have less dimensions, of which the operation tells then. */
static int64_t size_if(const tarn_tensor *t, int axis)
{
    return axis < tarn_ndim(t) ? tarn_dim(t, axis) : 1;
}

/* ---- With weights */

/* The options of a step's windows. */
#define STRIDES .stride = s->stride, .stride_w = s->stride_w
#define PADDING .padding = s->padding, .padding_w = s->padding_w
#define DILATION .dilation = s->dilation, .dilation_w = s->dilation_w
#define CONVOLUTION STRIDES, PADDING, DILATION, .groups = s->groups
#define OUTPUT_PADDING .output_padding = s->output_padding, .output_padding_w = s->output_padding_w

OP(conv2d,
   tarn_nn_conv2d(size_of(x[1], 2) * s->groups, size_of(x[1], 3), size_of(x[1], 0),
                  .kernel_w = size_of(x[1], 1), CONVOLUTION, .same = s->same, .bias = x[2]),
   tarn_conv2d(x[0], x[1], x[2], CONVOLUTION, .same = s->same, .relu = s->relu,
               .max_pool = s->max_pool > 0 ? s->max_pool : 1))

OP(conv_transpose2d,
   tarn_nn_conv_transpose2d(size_of(x[1], 3), size_of(x[1], 2) * s->groups, size_of(x[1], 0),
                            .kernel_w = size_of(x[1], 1), CONVOLUTION, OUTPUT_PADDING,
                            .bias = x[2]),
   tarn_conv_transpose2d(x[0], x[1], x[2], CONVOLUTION, OUTPUT_PADDING))

OP(linear, tarn_nn_linear(size_of(x[1], 0), size_of(x[1], 1), .bias = x[2]),
   tarn_linear(x[0], x[1], x[2], .relu = s->relu))
OP(matmul, NULL, tarn_matmul(x[0], x[1]))

/* The rows of a table by ids that come as numbers. */
RUN(run_gather)
{
    (void)s, (void)how;
    const int64_t count = tarn_size(x[0]), rows = size_if(x[1], 0);
    tarn_shape shape = tarn_shape_get(x[0]);
    if (tarn_ndim(x[1]) < 1 || shape.ndim + tarn_ndim(x[1]) - 1 > TARN_MAX_NDIM)
        return tarn_fail("nn_graph: gather has ids %s and a table %s, expects one of rows, and at "
                         "most %d dimensions of both",
                         tarn_shape_to_text(shape).text,
                         tarn_shape_to_text(tarn_shape_get(x[1])).text, TARN_MAX_NDIM);
    int32_t *ids = malloc((size_t)count * sizeof *ids + 1);
    if (!ids) {
        tarn_set_error("nn_graph: out of memory for %lld ids", (long long)count);
        return NULL;
    }
    for (int64_t i = 0; i < count; i++) {
        const double id = (double)tarn_values(x[0])[i];
        if (!(id >= -(double)rows && id < (double)rows) || id != floor(id)) {
            free(ids);
            return tarn_fail("nn_graph: gather has the id %g, expects whole numbers from %lld to "
                             "%lld",
                             id, (long long)-rows, (long long)rows - 1);
        }
        ids[i] = (int32_t)(id < 0 ? id + (double)rows : id);
    }
    tarn_tensor *y = tarn_gather_rows(x[1], tarn_labels(count, ids));
    free(ids);
    for (int i = 1; i < tarn_ndim(x[1]); i++)
        shape.dim[shape.ndim++] = tarn_dim(x[1], i);
    return tarn_reshape(y, shape);
}
MODULE(gather, tarn_ndim(x[1]) == 2 ? tarn_nn_embedding(size_of(x[1], 0), size_of(x[1], 1)) : NULL,
       .run = run_gather)

/* ---- Images */

#define POOL s->kernel, .kernel_w = s->kernel_w, STRIDES, PADDING, .ceil_mode = s->ceil_mode
OP(max_pool2d, tarn_nn_max_pool2d(POOL, DILATION), tarn_max_pool2d(x[0], POOL, DILATION))
OP(avg_pool2d, tarn_nn_avg_pool2d(POOL, .count_include_pad = s->count_include_pad),
   tarn_avg_pool2d(x[0], POOL, .count_include_pad = s->count_include_pad))
OP(adaptive_max_pool2d, tarn_nn_adaptive_max_pool2d((int)s->shape.dim[0], (int)s->shape.dim[1]),
   tarn_adaptive_max_pool2d(x[0], (int)s->shape.dim[0], (int)s->shape.dim[1]))
OP(adaptive_avg_pool2d, tarn_nn_adaptive_avg_pool2d((int)s->shape.dim[0], (int)s->shape.dim[1]),
   tarn_adaptive_avg_pool2d(x[0], (int)s->shape.dim[0], (int)s->shape.dim[1]))
OP(global_avg_pool2d, tarn_nn_global_avg_pool2d(), tarn_global_avg_pool2d(x[0]))

/* ONNX has the pixels of a block also with the channels side by side: (p r + q) C + c. */
static tarn_tensor *regroup(tarn_tensor *x, int64_t outer, int64_t inner)
{
    if (!x)
        return NULL;
    tarn_shape shape = tarn_shape_get(x), parts = shape;
    parts.ndim = 5, parts.dim[3] = outer, parts.dim[4] = inner;
    return tarn_reshape(tarn_permute(tarn_reshape(x, parts), tarn_axes(0, 1, 2, 4, 3)), shape);
}

static tarn_tensor *shuffle(tarn_tensor *x, int factor, bool channels_inside)
{
    const int64_t block = (int64_t)factor * factor;
    const bool regroups = channels_inside && tarn_ndim(x) == 4 && tarn_dim(x, 3) % block == 0;
    return tarn_pixel_shuffle(regroups ? regroup(x, block, tarn_dim(x, 3) / block) : x, factor);
}

static tarn_tensor *unshuffle(tarn_tensor *x, int factor, bool channels_inside)
{
    const int64_t block = (int64_t)factor * factor;
    tarn_tensor *y = tarn_pixel_unshuffle(x, factor);
    return y && channels_inside ? regroup(y, tarn_dim(y, 3) / block, block) : y;
}
OP(pixel_shuffle, s->mode ? NULL : tarn_nn_pixel_shuffle(s->kernel),
   shuffle(x[0], s->kernel, s->mode))
OP(pixel_unshuffle, s->mode ? NULL : tarn_nn_pixel_unshuffle(s->kernel),
   unshuffle(x[0], s->kernel, s->mode))

#define HOW .align_corners = s->align_corners, .antialias = s->antialias
static tarn_tensor *resize(const tarn__graph_step *s, tarn_tensor *x, int64_t height, int64_t width)
{
    if (height > INT_MAX || width > INT_MAX)
        return tarn_fail("nn_graph: the image would become too large");
    if (s->bilinear)
        return tarn_upsample_bilinear2d(x, (int)height, (int)width, HOW);
    if (s->bicubic)
        return tarn_upsample_bicubic2d(x, (int)height, (int)width, HOW);
    return tarn_upsample_nearest2d(x, (int)height, (int)width);
}

OP(upsample, tarn_nn_upsample2d(s->kernel, .bilinear = s->bilinear, .bicubic = s->bicubic, HOW),
   resize(s, x[0], s->kernel *size_if(x[0], 1), s->kernel *size_if(x[0], 2)))
OP(resize, NULL, resize(s, x[0], s->shape.dim[0], s->shape.dim[1]))

/* Layers pad rows alike above and below, and columns so. */
static bool pads_as_layer(const tarn__graph_step *s)
{
    const int64_t *a = s->shape.dim, *b = s->after.dim;
    return s->shape.ndim == 4 && s->a == 0 && a[0] == 0 && a[3] == 0 && b[0] == 0 && b[3] == 0 &&
           a[1] == b[1] && a[2] == b[2];
}
OP(pad,
   pads_as_layer(s)
       ? tarn_nn_pad2d((int)s->shape.dim[1], .padding_w = (int)s->shape.dim[2], .mode = s->mode)
       : NULL,
   tarn_pad(x[0], s->shape, s->after, .value = s->a, .mode = (tarn_pad_mode)s->mode))

/* ---- Normalization */

OP(batch_norm2d, tarn_nn_batch_norm2d(size_of(x[1], 0), .momentum = s->b, .eps = s->a),
   tarn_batch_norm2d(x[0], x[1], x[2], x[3], x[4], .training = how->training, .momentum = s->b,
                     .eps = s->a, .relu = s->relu))
OP(layer_norm, tarn_ndim(x[1]) == 1 ? tarn_nn_layer_norm(size_of(x[1], 0), .eps = s->a) : NULL,
   tarn_layer_norm(x[0], x[1], x[2], .eps = s->a))
OP(group_norm, tarn_nn_group_norm(s->groups, size_of(x[1], 0), .eps = s->a),
   tarn_group_norm(x[0], s->groups, x[1], x[2], .eps = s->a))
OP(local_response_norm,
   tarn_nn_local_response_norm(s->kernel, .alpha = s->a, .beta = s->b, .k = s->c),
   tarn__local_response_norm(x[0], s->kernel, s->a, s->b, s->c))
OP(dropout, tarn_nn_dropout(s->a), how->training ? tarn_dropout(x[0], s->a) : x[0])

/* ---- Shape */

static tarn_tensor *reshape(const tarn__graph_step *s, tarn_tensor *x, int64_t batch)
{
    tarn_shape shape = s->shape;
    int64_t known = 1;
    int open = -1;
    for (int i = 0; i < shape.ndim; i++) {
        if (shape.dim[i] == TARN__GRAPH_BATCH)
            shape.dim[i] = batch;
        if (shape.dim[i] < 0)
            open = i;
        else
            known *= shape.dim[i] > 0 && known > INT64_MAX / shape.dim[i] ? 0 : shape.dim[i];
    }
    if (open >= 0)
        shape.dim[open] = known > 0 ? tarn_size(x) / known : 0;
    return tarn_reshape(x, shape);
}

OP(flatten, tarn_nn_flatten(), tarn_flatten(x[0]))
OP(reshape, NULL, reshape(s, x[0], how->batch))
OP(permute, NULL, tarn_permute(x[0], s->axes))
OP(concat, NULL, tarn_concat_of(s->axis, s->input_count, x))

static tarn_tensor *slice(const tarn__graph_step *s, tarn_tensor *x)
{
    const int64_t size = size_if(x, s->axis);
    int64_t from = s->from < 0 ? s->from + size : s->from, to = s->to < 0 ? s->to + size : s->to;
    from = from < 0 ? 0 : from > size ? size : from;
    to = to < from ? from : to > size ? size : to;
    return tarn_slice(x, s->axis, from, to);
}
OP(slice, NULL, slice(s, x[0]))
OP(sum, NULL, tarn_sum_axes(x[0], s->axes, .keepdims = s->keepdims))
OP(mean, NULL, tarn_mean_axes(x[0], s->axes, .keepdims = s->keepdims))
OP(max, NULL, tarn_max_axes(x[0], s->axes, .keepdims = s->keepdims))
OP(min, NULL, tarn_min_axes(x[0], s->axes, .keepdims = s->keepdims))

/* ---- Element by element */

OP(pow, NULL, tarn_pow(x[0], s->a))
OP(scale, NULL, tarn_scale(x[0], s->a))
OP(clamp, NULL, tarn_clamp(x[0], s->a, s->b))
OP(leaky_relu, tarn_nn_leaky_relu(.slope = s->a), tarn_leaky_relu(x[0], .slope = s->a))
OP(elu, tarn_nn_elu(.alpha = s->a), tarn_elu(x[0], .alpha = s->a))

#define BINARY(name) OP(name, NULL, tarn_##name(x[0], x[1]))
BINARY(add)
BINARY(sub)
BINARY(mul)
BINARY(div)
BINARY(maximum)
BINARY(minimum)

/* erf x = 2 / sqrt(pi) times the integral of e^(-t t) from 0 to x, of which exporters make GELU. */
static void erf_backward(const tarn_node *node)
{
    tarn_tensor *x = node->inputs[0];
    const tarn_real *dy = tarn_gradients(node->output);
    tarn_real *dx = tarn_op_gradient(x);
    const double factor = 1.12837916709551257390; /* 2 / sqrt(pi) */
    for (int64_t i = 0; dx && i < tarn_size(x); i++) {
        const double at = (double)tarn_values(x)[i];
        dx[i] += (tarn_real)((double)dy[i] * factor * exp(-at * at));
    }
}

static const tarn_op erf_op = {"erf", erf_backward};

static tarn_tensor *erf_of(tarn_tensor *x)
{
    tarn_tensor *y = tarn_op_result(&erf_op, tarn_shape_get(x), x);
    for (int64_t i = 0; y && i < tarn_size(x); i++)
        tarn_values(y)[i] = (tarn_real)erf((double)tarn_values(x)[i]);
    return y;
}
OP(erf, NULL, erf_of(x[0]))

#define UNARY(name, layer) OP(name, layer, tarn_##name(x[0]))
#define LAYER(name) UNARY(name, tarn_nn_##name())
LAYER(relu)
LAYER(sigmoid)
LAYER(tanh)
LAYER(gelu)
LAYER(gelu_tanh)
LAYER(silu)
LAYER(softplus)
LAYER(softmax)
LAYER(log_softmax)
UNARY(exp, NULL)
UNARY(log, NULL)
UNARY(sqrt, NULL)
UNARY(neg, NULL)
UNARY(abs, NULL)
