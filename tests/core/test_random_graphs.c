/*
 * 2,000 random small graphs of random operations: the gradient of every element of every input
 * against numeric differences, in double. Operations whose tests are UNARY_TESTS or BINARY_TESTS
 * (tests/support/golden.h) are here by that; another is a line of the table below, and a function
 * that draws its arguments.
 *
 * A graph is a function of its seed. It is planned once: operations are drawn until some steps fit,
 * and where the drawing of each began is kept. To compute the graph again is to draw the same.
 *
 * TARN_GRAPH=17 build/tests/test_random_graphs-double looks at graph 17 alone and prints it.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#include <tarn.h>

#ifdef TARN_DOUBLE

enum { GRAPHS = 2000, MOST_STEPS = 8, MOST_TENSORS = 64, MOST_ELEMENTS = 36, ANY_RANK = -1 };

/* Where an operation is smooth, and how large its input may be. */
typedef enum domain { ANY, POSITIVE, NONZERO } domain;

typedef struct step {
    uint64_t random; /* where drawing begins */
    const char *name;
} step;

typedef struct graph {
    int number;
    uint64_t random; /* of what is drawn again each time: operations, shapes, arguments */
    uint64_t values; /* of the values of inputs, drawn once */
    bool planning;
    bool refused; /* while planning: an input is too large or lies outside of the domain */
    int step_count;
    step steps[MOST_STEPS];
    int input_count; /* and how many of them this run has met */
    int inputs_met;
    tarn_tensor *inputs[MOST_TENSORS];
    bool constant[MOST_TENSORS]; /* that needs no gradient */
    int count;                   /* of inputs and results, in the order of this run */
    tarn_tensor *tensors[MOST_TENSORS];
    bool used[MOST_TENSORS];
} graph;

/* ---- Drawing */

static uint64_t next_random(uint64_t *state)
{
    *state += 0x9E3779B97F4A7C15u;
    uint64_t z = *state;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

/* 0 to count - 1 */
static int draw(graph *g, int count)
{
    return (int)(next_random(&g->random) % (uint64_t)count);
}

static double draw_value(graph *g, domain d)
{
    double u = (double)(next_random(&g->values) >> 11) * 0x1p-53;
    if (d == ANY)
        return 3 * u - 1.5;
    double size = 0.5 + 1.5 * u;
    return d == NONZERO && next_random(&g->values) & 1 ? -size : size;
}

static bool lies_in(domain d, const tarn_tensor *t)
{
    for (int64_t i = 0; i < tarn_size(t); i++) {
        double value = (double)tarn_values(t)[i];
        if (!(fabs(value) < 30) || (d == POSITIVE && value < 0.2) ||
            (d == NONZERO && fabs(value) < 0.2))
            return false;
    }
    return true;
}

static tarn_tensor *met(graph *g, tarn_tensor *t)
{
    if (!t || g->count == MOST_TENSORS)
        return NULL;
    g->used[g->count] = false;
    return g->tensors[g->count++] = t;
}

/* An input of the graph. One in eight needs no gradient. */
static tarn_tensor *input(graph *g, tarn_shape shape, domain d)
{
    const bool constant = draw(g, 8) == 0 && g->inputs_met > 0;
    if (!g->planning)
        return met(g, g->inputs[g->inputs_met++]);
    const int64_t size = tarn_shape_size(shape);
    g->refused |= size < 1 || size > MOST_ELEMENTS || g->input_count == MOST_TENSORS;
    if (g->refused)
        return NULL;
    tarn_tensor *t = tarn_requires_grad(tarn_zeros(shape), !constant);
    for (int64_t i = 0; i < size; i++)
        tarn_values(t)[i] = draw_value(g, d);
    g->inputs_met++;
    g->constant[g->input_count] = constant;
    return met(g, g->inputs[g->input_count++] = t);
}

static tarn_shape draw_shape(graph *g, int ndim)
{
    int64_t dims[TARN_MAX_NDIM];
    const int count = ndim == ANY_RANK ? draw(g, 5) : ndim;
    for (int i = 0; i < count; i++)
        dims[i] = 1 + draw(g, count > 3 ? 3 : 4);
    return tarn_shape_of(count, dims);
}

typedef bool fitting(const tarn_tensor *t, const tarn_tensor *to);

/* One of the tensors so far that fits, from a place drawn; NULL if none does. */
static tarn_tensor *existing(graph *g, domain d, fitting *fits, const tarn_tensor *to)
{
    const int start = g->count ? draw(g, g->count) : 0;
    for (int k = 0; k < g->count; k++) {
        const int i = (start + k) % g->count;
        if (!fits(g->tensors[i], to))
            continue;
        g->used[i] = true;
        g->refused |= g->planning && !lies_in(d, g->tensors[i]);
        return g->refused ? NULL : g->tensors[i];
    }
    return NULL;
}

static bool always(const tarn_tensor *t, const tarn_tensor *to)
{
    (void)to;
    return t;
}

static bool same_rank(const tarn_tensor *t, const tarn_tensor *to)
{
    return tarn_ndim(t) == tarn_ndim(to);
}

static bool same_shape(const tarn_tensor *t, const tarn_tensor *to)
{
    return tarn_shape_equal(tarn_shape_get(t), tarn_shape_get(to));
}

static bool broadcasts(const tarn_tensor *t, const tarn_tensor *to)
{
    for (int i = 1; i <= tarn_ndim(t) && i <= tarn_ndim(to); i++) {
        const int64_t a = tarn_dim(t, -i), b = tarn_dim(to, -i);
        if (a != b && a != 1 && b != 1)
            return false;
    }
    return true;
}

/* An input of an operation: a tensor of the graph, or in one of three cases a new one. */
static tarn_tensor *pick(graph *g, int ndim, domain d)
{
    const bool new_one = draw(g, 3) == 0;
    const tarn_shape shape = draw_shape(g, ndim);
    if (!new_one) {
        tarn_tensor *like = tarn_zeros(shape);
        tarn_tensor *t = existing(g, d, ndim == ANY_RANK ? always : same_rank, like);
        tarn_free(like);
        if (t || g->refused)
            return t;
    }
    return input(g, shape, d);
}

/* The second input of an operation, of the same shape as the first. */
static tarn_tensor *same_as(graph *g, tarn_tensor *a, domain d)
{
    if (!a || draw(g, 2))
        return a ? existing(g, d, same_shape, a) : NULL;
    return input(g, tarn_shape_get(a), d);
}

/* Or of one that broadcasts with it. */
static tarn_tensor *broadcasting(graph *g, tarn_tensor *a, domain d)
{
    if (!a || draw(g, 2))
        return a ? existing(g, d, broadcasts, a) : NULL;
    tarn_shape shape = tarn_shape_get(a);
    const int drop = draw(g, shape.ndim + 1);
    for (int i = drop; i < shape.ndim; i++)
        shape.dim[i - drop] = draw(g, 3) ? shape.dim[i] : 1;
    shape.ndim -= drop;
    return input(g, shape, d);
}

/* ---- Operations with arguments */

static int any_axis(graph *g, const tarn_tensor *x)
{
    const int ndim = tarn_ndim(x);
    return ndim ? draw(g, 2 * ndim) - ndim : 0;
}

static tarn_tensor *scale(graph *g)
{
    return tarn_scale(pick(g, ANY_RANK, ANY), 0.5 * draw(g, 9) - 2);
}

static tarn_tensor *dropout(graph *g)
{
    return tarn_dropout(pick(g, ANY_RANK, ANY), 0.25 * draw(g, 4));
}

static tarn_tensor *sum_axis(graph *g)
{
    tarn_tensor *x = pick(g, 1 + draw(g, 4), ANY);
    return tarn_sum_axis(x, any_axis(g, x));
}

static tarn_tensor *mean_axis(graph *g)
{
    tarn_tensor *x = pick(g, 1 + draw(g, 4), ANY);
    return tarn_mean_axis(x, any_axis(g, x));
}

static tarn_tensor *reshape(graph *g)
{
    tarn_tensor *x = pick(g, ANY_RANK, ANY);
    for (int64_t first = 1 + draw(g, 4); x; first = first % tarn_size(x) + 1)
        if (tarn_size(x) % first == 0)
            return tarn_reshape(x, tarn_shape(first, 1, tarn_size(x) / first));
    return NULL;
}

static tarn_tensor *flatten(graph *g)
{
    return tarn_flatten(pick(g, 1 + draw(g, 4), ANY));
}

static tarn_tensor *matmul(graph *g)
{
    tarn_tensor *a = pick(g, 2 + draw(g, 3), ANY);
    const int batches = draw(g, 4), columns = 1 + draw(g, 4);
    if (!a)
        return NULL;
    tarn_shape shape = tarn_shape_get(a);
    const int last = shape.ndim - 1;
    shape.dim[last - 1] = shape.dim[last];
    shape.dim[last] = columns;
    for (int i = 0; i < last - 1; i++)
        shape.dim[i] = batches & 1 ? shape.dim[i] : 1;
    if (batches == 2) {
        shape = tarn_shape(shape.dim[last - 1], columns);
    }
    return tarn_matmul(a, input(g, shape, ANY));
}

static tarn_tensor *linear(graph *g)
{
    tarn_tensor *x = pick(g, 2, ANY);
    const int out = 1 + draw(g, 4), kind = draw(g, 4);
    tarn_tensor *weight = x ? input(g, tarn_shape(tarn_dim(x, 1), out), ANY) : NULL;
    tarn_tensor *bias = weight && kind & 1 ? input(g, tarn_shape(out), ANY) : NULL;
    return tarn_linear(x, weight, bias, .relu = kind & 2);
}

static tarn_tensor *conv2d(graph *g)
{
    tarn_tensor *x = pick(g, 4, ANY);
    const int kh = 1 + draw(g, 3), kw = 1 + draw(g, 3), kind = draw(g, 8);
    const int padding = draw(g, 3), stride = 1 + draw(g, 2), dilation = 1 + draw(g, 2);
    const int channels = x ? (int)tarn_dim(x, 3) : 1;
    const int groups = kind & 4 ? channels : 1, out = groups * (1 + draw(g, 2));
    if (!x || dilation * (kh - 1) >= tarn_dim(x, 1) + 2 * padding ||
        dilation * (kw - 1) >= tarn_dim(x, 2) + 2 * padding)
        return NULL;
    tarn_tensor *weight = input(g, tarn_shape(kh, kw, channels / groups, out), ANY);
    tarn_tensor *bias = weight && kind & 1 ? input(g, tarn_shape(out), ANY) : NULL;
    return tarn_conv2d(x, weight, bias, .stride = stride, .padding = padding, .dilation = dilation,
                       .groups = groups, .relu = kind & 2);
}

/* With relu and pooling in the same pass. */
static tarn_tensor *conv2d_fused(graph *g)
{
    tarn_tensor *x = pick(g, 4, ANY);
    const int kernel = 1 + draw(g, 2), out = 1 + draw(g, 3), relu = draw(g, 2);
    if (!x || tarn_dim(x, 1) < kernel || tarn_dim(x, 2) < kernel)
        return NULL;
    tarn_tensor *weight = input(g, tarn_shape(kernel, kernel, tarn_dim(x, 3), out), ANY);
    return tarn_conv2d(x, weight, NULL, .padding = 1, .relu = relu, .max_pool = 2);
}

static tarn_tensor *pool(graph *g, tarn_tensor *(*function)(tarn_pool2d_args))
{
    tarn_tensor *x = pick(g, 4, ANY);
    const int kernel = 1 + draw(g, 3), stride = 1 + draw(g, 2), padding = draw(g, kernel / 2 + 1);
    if (!x || kernel > tarn_dim(x, 1) + 2 * padding || kernel > tarn_dim(x, 2) + 2 * padding)
        return NULL;
    return function(
        (tarn_pool2d_args){.x = x, .kernel = kernel, .stride = stride, .padding = padding});
}

static tarn_tensor *max_pool2d(graph *g)
{
    return pool(g, tarn_max_pool2d_with);
}

static tarn_tensor *avg_pool2d(graph *g)
{
    return pool(g, tarn_avg_pool2d_with);
}

static tarn_tensor *global_avg_pool2d(graph *g)
{
    return tarn_global_avg_pool2d(pick(g, 4, ANY));
}

/* The running statistics are made anew each time: training moves them. */
static tarn_tensor *batch_norm2d(graph *g)
{
    tarn_tensor *x = pick(g, 2 + draw(g, 3), ANY);
    const int kind = draw(g, 4);
    if (!x || tarn_size(x) < 2 * tarn_dim(x, -1))
        return NULL;
    const tarn_shape shape = tarn_shape(tarn_dim(x, -1));
    tarn_tensor *gamma = input(g, shape, ANY), *beta = input(g, shape, ANY);
    tarn_tensor *mean = tarn_full(shape, 0.1), *variance = tarn_full(shape, 0.8);
    tarn_tensor *y = tarn_batch_norm2d(x, gamma, beta, mean, variance, .training = kind & 1,
                                       .relu = kind & 2, .eps = 0.1);
    tarn_free(mean);
    tarn_free(variance);
    return y;
}

/* A label for each row. */
static tarn_labels draw_labels(graph *g, const tarn_tensor *rows, int32_t ids[MOST_ELEMENTS])
{
    for (int64_t i = 0; rows && i < tarn_dim(rows, 0); i++)
        ids[i] = draw(g, (int)tarn_dim(rows, 1));
    return tarn_labels(rows ? tarn_dim(rows, 0) : 0, ids);
}

static tarn_tensor *cross_entropy(graph *g)
{
    tarn_tensor *logits = pick(g, 2, ANY);
    int32_t ids[MOST_ELEMENTS];
    const int reduction = draw(g, 3);
    const double smoothing = 0.1 * draw(g, 3);
    tarn_labels labels = draw_labels(g, logits, ids);
    return tarn_cross_entropy(logits, labels, .label_smoothing = smoothing,
                              .reduction = (tarn_reduction)reduction);
}

static tarn_tensor *softmax(graph *g)
{
    return tarn_softmax(pick(g, 1 + draw(g, 3), ANY));
}

static tarn_tensor *log_softmax(graph *g)
{
    return tarn_log_softmax(pick(g, 1 + draw(g, 3), ANY));
}

static tarn_tensor *nll(graph *g)
{
    int32_t ids[MOST_ELEMENTS];
    tarn_tensor *x = pick(g, 2, ANY);
    tarn_labels labels = draw_labels(g, x, ids);
    return tarn_nll(x, labels, .reduction = (tarn_reduction)draw(g, 3));
}

/* Losses of two tensors of the same shape. */
static tarn_tensor *mse(graph *g)
{
    tarn_tensor *a = pick(g, ANY_RANK, ANY), *b = same_as(g, a, ANY);
    return tarn_mse(a, b, .reduction = (tarn_reduction)draw(g, 3));
}

static tarn_tensor *l1(graph *g)
{
    tarn_tensor *a = pick(g, ANY_RANK, ANY), *b = same_as(g, a, ANY);
    return tarn_l1(a, b, .reduction = (tarn_reduction)draw(g, 3));
}

static tarn_tensor *huber(graph *g)
{
    tarn_tensor *a = pick(g, ANY_RANK, ANY), *b = same_as(g, a, ANY);
    return tarn_huber(a, b, .delta = 0.5, .reduction = (tarn_reduction)draw(g, 3));
}

static tarn_tensor *binary_cross_entropy(graph *g)
{
    tarn_tensor *a = pick(g, ANY_RANK, ANY), *b = same_as(g, a, ANY);
    return tarn_binary_cross_entropy(a, tarn_sigmoid(b), .reduction = (tarn_reduction)draw(g, 3));
}

static tarn_tensor *cross_entropy_soft(graph *g)
{
    tarn_tensor *a = pick(g, 2, ANY), *b = same_as(g, a, ANY);
    return tarn_cross_entropy_soft(a, tarn_sigmoid(b), .reduction = (tarn_reduction)draw(g, 3));
}

static tarn_tensor *kl_div(graph *g)
{
    tarn_tensor *a = pick(g, 2, ANY), *b = same_as(g, a, ANY);
    return tarn_kl_div(tarn_log_softmax(a), tarn_softmax(b),
                       .reduction = (tarn_reduction)draw(g, 3));
}

static tarn_tensor *leaky_relu(graph *g)
{
    return tarn_leaky_relu(pick(g, ANY_RANK, ANY), .slope = 0.2);
}

static tarn_tensor *elu(graph *g)
{
    return tarn_elu(pick(g, ANY_RANK, ANY), .alpha = 0.7);
}

static tarn_tensor *power(graph *g)
{
    return tarn_pow(pick(g, ANY_RANK, POSITIVE), 0.5 * draw(g, 9) - 2);
}

static tarn_tensor *clamp(graph *g)
{
    return tarn_clamp(pick(g, ANY_RANK, ANY), -0.6, 0.8);
}

/* The condition has zeros, and a gradient of none. */
static tarn_tensor *where(graph *g)
{
    tarn_tensor *a = pick(g, ANY_RANK, ANY), *b = same_as(g, a, ANY);
    tarn_tensor *condition = broadcasting(g, a, ANY);
    return tarn_where(tarn_relu(condition), a, b);
}

static tarn_tensor *sum_axes(graph *g)
{
    tarn_tensor *x = pick(g, 2 + draw(g, 3), ANY);
    const int keepdims = draw(g, 2);
    return tarn_sum_axes(x, tarn_axes(0, -1), .keepdims = keepdims);
}

static tarn_tensor *mean_axes(graph *g)
{
    tarn_tensor *x = pick(g, 2 + draw(g, 3), ANY);
    const int keepdims = draw(g, 2), axis = any_axis(g, x);
    return tarn_mean_axes(x, tarn_axes(axis), .keepdims = keepdims);
}

static tarn_tensor *var(graph *g)
{
    tarn_tensor *x = pick(g, ANY_RANK, ANY);
    return tarn_size(x) > 1 ? tarn_var(x, .biased = draw(g, 2)) : NULL;
}

static tarn_tensor *var_axes(graph *g)
{
    tarn_tensor *x = pick(g, 2 + draw(g, 3), ANY);
    const int keepdims = draw(g, 2), biased = draw(g, 2);
    if (!x || tarn_dim(x, 0) * tarn_dim(x, 1) < 2)
        return NULL;
    return tarn_var_axes(x, tarn_axes(1, 0), .keepdims = keepdims, .biased = biased);
}

static tarn_tensor *max_axis(graph *g)
{
    tarn_tensor *x = pick(g, 1 + draw(g, 4), ANY);
    return tarn_max_axis(x, any_axis(g, x));
}

static tarn_tensor *min_axis(graph *g)
{
    tarn_tensor *x = pick(g, 1 + draw(g, 4), ANY);
    return tarn_min_axis(x, any_axis(g, x));
}

static tarn_tensor *slice(graph *g)
{
    tarn_tensor *x = pick(g, 1 + draw(g, 4), ANY);
    const int axis = any_axis(g, x), length = x ? (int)tarn_dim(x, axis) : 1;
    const int begin = draw(g, length);
    return tarn_slice(x, axis, begin, begin + 1 + draw(g, length - begin));
}

/* The axes in an order that moves each. */
static tarn_tensor *permute(graph *g)
{
    tarn_tensor *x = pick(g, 1 + draw(g, 4), ANY);
    const int by = draw(g, 4);
    int axes[TARN_MAX_NDIM];
    for (int i = 0; i < tarn_ndim(x); i++)
        axes[i] = (i + by) % tarn_ndim(x);
    return tarn_permute(x, tarn_axes_of(tarn_ndim(x), axes));
}

static tarn_tensor *transpose(graph *g)
{
    tarn_tensor *x = pick(g, 1 + draw(g, 4), ANY);
    const int a = any_axis(g, x), b = any_axis(g, x);
    return tarn_transpose(x, a, b);
}

static tarn_tensor *concat(graph *g)
{
    tarn_tensor *a = pick(g, 1 + draw(g, 4), ANY), *b = same_as(g, a, ANY);
    return tarn_concat(any_axis(g, a), a, b, a);
}

static tarn_tensor *stack(graph *g)
{
    tarn_tensor *a = pick(g, ANY_RANK, ANY), *b = same_as(g, a, ANY);
    return tarn_stack(any_axis(g, a), a, b);
}

static tarn_tensor *pad(graph *g)
{
    tarn_tensor *x = pick(g, 2, ANY);
    const int a = draw(g, 3), b = draw(g, 3), c = draw(g, 3), d = draw(g, 3);
    return tarn_pad(x, tarn_shape(a, b), tarn_shape(c, d), .value = 0.3);
}

static tarn_tensor *gather_rows(graph *g)
{
    int32_t ids[5];
    tarn_tensor *x = pick(g, 1 + draw(g, 3), ANY);
    for (int i = 0; x && i < 5; i++)
        ids[i] = draw(g, (int)tarn_dim(x, 0));
    return tarn_gather_rows(x, tarn_labels(5, ids));
}

static tarn_tensor *dropout2d(graph *g)
{
    return tarn_dropout2d(pick(g, 4, ANY), 0.25 * draw(g, 4));
}

/* eps is large, so that what varies little is not too steep for differences. */
static tarn_tensor *layer_norm(graph *g)
{
    tarn_tensor *x = pick(g, 1 + draw(g, 4), ANY);
    const tarn_shape shape = tarn_shape(x ? tarn_dim(x, -1) : 1);
    tarn_tensor *gamma = input(g, shape, ANY), *beta = input(g, shape, ANY);
    return tarn_layer_norm(x, gamma, beta, .eps = 0.1);
}

static tarn_tensor *group_norm(graph *g)
{
    tarn_tensor *x = pick(g, 4, ANY);
    const int channels = x ? (int)tarn_dim(x, 3) : 1, groups = draw(g, 2) ? channels : 1;
    tarn_tensor *gamma = input(g, tarn_shape(channels), ANY);
    tarn_tensor *beta = input(g, tarn_shape(channels), ANY);
    return tarn_group_norm(x, groups, gamma, beta, .eps = 0.1);
}

static tarn_tensor *conv_transpose2d(graph *g)
{
    tarn_tensor *x = pick(g, 4, ANY);
    const int kernel = 1 + draw(g, 3), kind = draw(g, 4), stride = 1 + draw(g, 2);
    const int dilation = 1 + draw(g, 2), output_padding = draw(g, stride);
    const int channels = x ? (int)tarn_dim(x, 3) : 1;
    const int groups = kind & 2 ? channels : 1, out = groups * (1 + draw(g, 2));
    tarn_tensor *weight = input(g, tarn_shape(kernel, kernel, out / groups, channels), ANY);
    tarn_tensor *bias = kind & 1 ? input(g, tarn_shape(out), ANY) : NULL;
    return tarn_conv_transpose2d(x, weight, bias, .stride = stride, .dilation = dilation,
                                 .output_padding = output_padding, .groups = groups);
}

static tarn_tensor *adaptive_avg_pool2d(graph *g)
{
    tarn_tensor *x = pick(g, 4, ANY);
    const int height = 1 + draw(g, 4), width = 1 + draw(g, 4);
    return tarn_adaptive_avg_pool2d(x, height, width);
}

static tarn_tensor *upsample_nearest2d(graph *g)
{
    tarn_tensor *x = pick(g, 4, ANY);
    const int height = 1 + draw(g, 5), width = 1 + draw(g, 5);
    return tarn_upsample_nearest2d(x, height, width);
}

static tarn_tensor *upsample_bilinear2d(graph *g)
{
    tarn_tensor *x = pick(g, 4, ANY);
    const int height = 1 + draw(g, 5), width = 1 + draw(g, 5), corners = draw(g, 2);
    return tarn_upsample_bilinear2d(x, height, width, .align_corners = corners);
}

/* ---- The table */

typedef struct operation {
    const char *name;
    domain of_first, of_second;
    tarn_tensor *(*unary)(tarn_tensor *);
    tarn_tensor *(*binary)(tarn_tensor *, tarn_tensor *);     /* with broadcasting */
    tarn_tensor *(*same_shape)(tarn_tensor *, tarn_tensor *); /* without */
    tarn_tensor *(*drawn)(graph *); /* picks its inputs and arguments itself */
} operation;

#define UNARY_TESTS(op, domain) {#op, .unary = tarn_##op, .of_first = domain},
#define BINARY_TESTS(op, domain) {#op, .binary = tarn_##op, .of_second = domain},

static const operation operations[] = {
#include "tests/core/drawn_operations.h"
    {"add_relu", .same_shape = tarn_add_relu},
    {"sum", .unary = tarn_sum},
    {"mean", .unary = tarn_mean},
    {"scale", .drawn = scale},
    {"dropout", .drawn = dropout},
    {"sum_axis", .drawn = sum_axis},
    {"mean_axis", .drawn = mean_axis},
    {"reshape", .drawn = reshape},
    {"flatten", .drawn = flatten},
    {"matmul", .drawn = matmul},
    {"linear", .drawn = linear},
    {"conv2d", .drawn = conv2d},
    {"conv2d_fused", .drawn = conv2d_fused},
    {"max_pool2d", .drawn = max_pool2d},
    {"avg_pool2d", .drawn = avg_pool2d},
    {"global_avg_pool2d", .drawn = global_avg_pool2d},
    {"batch_norm2d", .drawn = batch_norm2d},
    {"softmax", .drawn = softmax},
    {"log_softmax", .drawn = log_softmax},
    {"cross_entropy", .drawn = cross_entropy},
    {"nll", .drawn = nll},
    {"mse", .drawn = mse},
    {"l1", .drawn = l1},
    {"huber", .drawn = huber},
    {"binary_cross_entropy", .drawn = binary_cross_entropy},
    {"cross_entropy_soft", .drawn = cross_entropy_soft},
    {"kl_div", .drawn = kl_div},
    {"where", .drawn = where},
    {"leaky_relu", .drawn = leaky_relu},
    {"elu", .drawn = elu},
    {"pow", .drawn = power},
    {"clamp", .drawn = clamp},
    {"sum_axes", .drawn = sum_axes},
    {"mean_axes", .drawn = mean_axes},
    {"var", .drawn = var},
    {"var_axes", .drawn = var_axes},
    {"max", .unary = tarn_max},
    {"min", .unary = tarn_min},
    {"max_axis", .drawn = max_axis},
    {"min_axis", .drawn = min_axis},
    {"slice", .drawn = slice},
    {"permute", .drawn = permute},
    {"transpose", .drawn = transpose},
    {"concat", .drawn = concat},
    {"stack", .drawn = stack},
    {"pad", .drawn = pad},
    {"gather_rows", .drawn = gather_rows},
    {"dropout2d", .drawn = dropout2d},
    {"layer_norm", .drawn = layer_norm},
    {"group_norm", .drawn = group_norm},
    {"conv_transpose2d", .drawn = conv_transpose2d},
    {"adaptive_avg_pool2d", .drawn = adaptive_avg_pool2d},
    {"upsample_nearest2d", .drawn = upsample_nearest2d},
    {"upsample_bilinear2d", .drawn = upsample_bilinear2d},
};
enum { OPERATIONS = sizeof operations / sizeof *operations };
static int times_used[OPERATIONS];

static tarn_tensor *apply(graph *g, const operation *op)
{
    if (op->drawn)
        return op->drawn(g);
    tarn_tensor *x = pick(g, ANY_RANK, op->of_first);
    if (op->unary)
        return op->unary(x);
    if (op->binary)
        return op->binary(x, broadcasting(g, x, op->of_second));
    return op->same_shape(x, same_as(g, x, op->of_second));
}

/* ---- Planning and running */

/* The sum of the elements, each times a number of its own: a plain sum would not see gradients that
   cancel, as those of softmax do. */
static double weight_of(int64_t i)
{
    uint64_t state = (uint64_t)i;
    uint64_t bits = next_random(&state);
    double size = 0.5 + 0.5 * (double)(bits >> 11) * 0x1p-53;
    return bits & 1 ? size : -size;
}

static void project_backward(const tarn_node *node)
{
    tarn_real *dx = tarn_op_gradient(node->inputs[0]);
    for (int64_t i = 0; dx && i < tarn_size(node->inputs[0]); i++)
        dx[i] += weight_of(i) * tarn_gradients(node->output)[0];
}

static const tarn_op project_op = {"project", project_backward};

static tarn_tensor *project(tarn_tensor *x)
{
    tarn_tensor *y = tarn_op_result(&project_op, tarn_shape(), x);
    tarn_values(y)[0] = 0;
    for (int64_t i = 0; i < tarn_size(x); i++)
        tarn_values(y)[0] += weight_of(i) * tarn_values(x)[i];
    return y;
}

static void begin(graph *g)
{
    tarn_seed((uint64_t)g->number);
    g->count = g->inputs_met = 0;
    g->random = (uint64_t)g->number << 32;
    input(g, draw_shape(g, draw(g, 3)), ANY);
}

/* Draws an operation and computes it. NULL if it does not fit. */
static tarn_tensor *take_step(graph *g)
{
    const int which = draw(g, OPERATIONS);
    tarn_tensor *y = met(g, apply(g, &operations[which]));
    if (g->planning && y && !g->refused && tarn_size(y) <= 2 * MOST_ELEMENTS && lies_in(ANY, y)) {
        g->steps[g->step_count - 1].name = operations[which].name;
        times_used[which]++;
    } else if (g->planning) {
        return NULL;
    }
    return y;
}

/* Keeps the step if it fits, else leaves all as it was, but for the next numbers to draw. */
static void plan_step(graph *g)
{
    const graph before = *g;
    const uint64_t generator = tarn_random_state();
    g->refused = false;
    g->steps[g->step_count++].random = g->random;
    if (take_step(g))
        return;
    for (int i = before.input_count; i < g->input_count; i++)
        tarn_free(g->inputs[i]);
    const uint64_t random = g->random;
    *g = before;
    g->random = random;
    tarn_set_random_state(generator);
}

static void plan(graph *g, int number)
{
    *g = (graph){.number = number, .values = (uint64_t)number << 16, .planning = true};
    tarn_tape *tape = tarn_tape_begin_no_grad();
    begin(g);
    const int steps = 2 + draw(g, MOST_STEPS - 1);
    for (int tries = 0; g->step_count < steps && tries < 400; tries++)
        plan_step(g);
    tarn_tape_end(tape);
    g->planning = false;
}

/* The loss: all that nothing was computed from, projected. */
static tarn_tensor *run(graph *g)
{
    begin(g);
    for (int i = 0; i < g->step_count; i++) {
        g->random = g->steps[i].random;
        cr_assert(take_step(g), "graph %d: %s does not run again: %s", g->number, g->steps[i].name,
                  tarn_error());
    }
    tarn_tensor *loss = tarn_zeros(tarn_shape()), *sum = project(loss);
    tarn_free(loss);
    for (int i = 0; i < g->count; i++)
        if (!g->used[i])
            sum = tarn_add(sum, project(g->tensors[i]));
    return sum;
}

static double loss_of(graph *g)
{
    tarn_tape *tape = tarn_tape_begin_no_grad();
    double loss = (double)tarn_item(run(g));
    tarn_tape_end(tape);
    return loss;
}

/* ---- The check */

static long elements_checked, elements_skipped;

static bool close_to(double a, double b, double tolerance)
{
    return fabs(a - b) <= tolerance * fmax(1, fmax(fabs(a), fabs(b)));
}

/* The loss with an element moved. */
static double moved(graph *g, tarn_real *element, double by)
{
    const tarn_real value = *element;
    *element = value + by;
    double loss = loss_of(g);
    *element = value;
    return loss;
}

/* With smaller steps where the first disagrees, so that a kink nearby does no harm. One so near
   that even the smallest step meets it has different slopes on its two sides, and is skipped. */
static bool agrees(graph *g, tarn_real *element, double by_tape, double *difference)
{
    double h = 1e-5, above, below;
    elements_checked++;
    for (int i = 0; i < 3; i++, h /= 8) {
        above = moved(g, element, h), below = moved(g, element, -h);
        *difference = (above - below) / (2 * h);
        if (close_to(by_tape, *difference, 1e-6))
            return true;
    }
    const double here = loss_of(g);
    h *= 8;
    if (close_to((above - here) / h, (here - below) / h, 1e-4))
        return false;
    elements_skipped++;
    return true;
}

static void print(const graph *g)
{
    fprintf(stderr, "graph %d:", g->number);
    for (int i = 0; i < g->step_count; i++)
        fprintf(stderr, " %s", g->steps[i].name);
    fprintf(stderr, "; inputs");
    for (int i = 0; i < g->input_count; i++)
        fprintf(stderr, " %s", tarn_shape_to_text(tarn_shape_get(g->inputs[i])).text);
    fprintf(stderr, "\n");
}

static bool check_input(graph *g, int index)
{
    tarn_tensor *x = g->inputs[index];
    const tarn_real *gradients = tarn_gradients(x);
    for (int64_t i = 0; i < tarn_size(x); i++) {
        double difference, by_tape = gradients ? (double)gradients[i] : 0;
        if (agrees(g, &tarn_values(x)[i], by_tape, &difference))
            continue;
        print(g);
        fprintf(stderr,
                "input %d, element %lld: the gradient is %.9g, the numeric difference %.9g\n",
                index, (long long)i, by_tape, difference);
        return false;
    }
    return true;
}

static bool check_graph(int number)
{
    static graph g;
    plan(&g, number);
    tarn_tape *tape = tarn_tape_begin();
    bool right = tarn_backward(run(&g));
    tarn_tape_end(tape);
    cr_assert(right, "graph %d: %s", number, tarn_error());
    for (int i = 0; right && i < g.input_count; i++)
        right = g.constant[i] ? !tarn_gradients(g.inputs[i]) : check_input(&g, i);
    for (int i = 0; i < g.input_count; i++)
        tarn_free(g.inputs[i]);
    return right;
}

Test(random_graphs, gradients_equal_numeric_differences, .timeout = 240)
{
    const char *one = getenv("TARN_GRAPH");
    int wrong = 0;
    if (one)
        cr_assert(check_graph(atoi(one)));
    for (int i = 0; !one && i < GRAPHS && wrong < 10; i++)
        wrong += !check_graph(i);
    cr_assert_eq(wrong, 0, "%d graphs are wrong", wrong);
    cr_log_info("%ld elements checked, %ld of them skipped for a kink", elements_checked,
                elements_skipped);
    for (int i = 0; !one && i < OPERATIONS; i++) {
        cr_log_info("%s: %d times", operations[i].name, times_used[i]);
        cr_expect_geq(times_used[i], 30, "%s: only %d times", operations[i].name, times_used[i]);
    }
    cr_expect_lt((double)elements_skipped, 0.01 * (double)elements_checked);
}

#else

/* In float differences say too little. */
Test(random_graphs, gradients_equal_numeric_differences, .disabled = true)
{
}

#endif
