/* How test_random_graphs.c draws the arguments of operations, in the sections of core/ops.h; those
   on images are in random_images.h. */
#ifndef TARN_TESTS_CORE_RANDOM_OPS_H
#define TARN_TESTS_CORE_RANDOM_OPS_H

#include "tests/core/random_graph.h"

/* ---- Elementwise */

static tarn_tensor *scale(graph *g)
{
    return tarn_scale(pick(g, ANY_RANK, ANY), 0.5 * draw(g, 9) - 2);
}

static tarn_tensor *dropout(graph *g)
{
    return tarn_dropout(pick(g, ANY_RANK, ANY), 0.25 * draw(g, 4));
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

static tarn_tensor *celu(graph *g)
{
    return tarn_celu(pick(g, ANY_RANK, ANY), .alpha = 0.7);
}

static tarn_tensor *power_of(graph *g)
{
    tarn_tensor *a = pick(g, ANY_RANK, POSITIVE);
    return tarn_power(a, broadcasting(g, a, ANY));
}

static tarn_tensor *glu(graph *g)
{
    tarn_tensor *x = pick(g, 1 + draw(g, 4), ANY);
    return x && tarn_dim(x, -1) % 2 == 0 ? tarn_glu(x) : NULL;
}

/* ---- Reductions */

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

/* Of few or alike elements the deviation is too near to 0, where it has a tip. */
static tarn_tensor *far_from_0(tarn_tensor *y)
{
    for (int64_t i = 0; i < tarn_size(y); i++)
        if (!((double)tarn_values(y)[i] > 0.1))
            return NULL;
    return y;
}

static tarn_tensor *std(graph *g)
{
    tarn_tensor *x = pick(g, ANY_RANK, ANY);
    return tarn_size(x) > 1 ? far_from_0(tarn_std(x, .biased = draw(g, 2))) : NULL;
}

static tarn_tensor *std_axes(graph *g)
{
    tarn_tensor *x = pick(g, 2 + draw(g, 3), ANY);
    const int keepdims = draw(g, 2), biased = draw(g, 2);
    if (!x || tarn_dim(x, 0) * tarn_dim(x, 1) < 2)
        return NULL;
    return far_from_0(tarn_std_axes(x, tarn_axes(1, 0), .keepdims = keepdims, .biased = biased));
}

static tarn_tensor *norm(graph *g)
{
    return far_from_0(tarn_norm(pick(g, ANY_RANK, ANY)));
}

static tarn_tensor *norm_axes(graph *g)
{
    tarn_tensor *x = pick(g, 1 + draw(g, 4), ANY);
    const int keepdims = draw(g, 2), axis = any_axis(g, x);
    return far_from_0(tarn_norm_axes(x, tarn_axes(axis), .keepdims = keepdims));
}

static tarn_tensor *prod(graph *g)
{
    return tarn_prod(pick(g, draw(g, 3), ANY));
}

static tarn_tensor *prod_axis(graph *g)
{
    tarn_tensor *x = pick(g, 1 + draw(g, 4), ANY);
    return tarn_prod_axis(x, any_axis(g, x));
}

static tarn_tensor *cumsum(graph *g)
{
    tarn_tensor *x = pick(g, 1 + draw(g, 4), ANY);
    return tarn_cumsum(x, any_axis(g, x));
}

static tarn_tensor *max_axes(graph *g)
{
    tarn_tensor *x = pick(g, 2 + draw(g, 3), ANY);
    const int keepdims = draw(g, 2);
    return tarn_max_axes(x, tarn_axes(0, -1), .keepdims = keepdims);
}

static tarn_tensor *min_axes(graph *g)
{
    tarn_tensor *x = pick(g, 2 + draw(g, 3), ANY);
    const int keepdims = draw(g, 2);
    return tarn_min_axes(x, tarn_axes(1, 0), .keepdims = keepdims);
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

/* ---- Shape */

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
    if (draw(g, 3) == 0)
        return tarn_pad(x, tarn_shape(a, b), tarn_shape(c, d), .mode = TARN_PAD_REPLICATE);
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

static tarn_tensor *index_select(graph *g)
{
    int32_t ids[4];
    tarn_tensor *x = pick(g, 1 + draw(g, 3), ANY);
    const int axis = any_axis(g, x);
    for (int i = 0; x && i < 4; i++)
        ids[i] = draw(g, (int)tarn_dim(x, axis));
    return tarn_index_select(x, axis, tarn_labels(4, ids));
}

static tarn_tensor *slice_step(graph *g)
{
    tarn_tensor *x = pick(g, 1 + draw(g, 4), ANY);
    const int axis = any_axis(g, x), length = x ? (int)tarn_dim(x, axis) : 1;
    return tarn_slice_step(x, axis, draw(g, length), length, 1 + draw(g, 3));
}

static tarn_tensor *flip(graph *g)
{
    tarn_tensor *x = pick(g, 1 + draw(g, 4), ANY);
    return tarn_flip(x, any_axis(g, x));
}

static tarn_tensor *roll(graph *g)
{
    tarn_tensor *x = pick(g, 1 + draw(g, 4), ANY);
    const int axis = any_axis(g, x);
    return tarn_roll(x, axis, draw(g, 9) - 4);
}

static tarn_tensor *repeat(graph *g)
{
    tarn_tensor *x = pick(g, 1 + draw(g, 3), ANY);
    const int axis = any_axis(g, x);
    return tarn_repeat(x, axis, 1 + draw(g, 3));
}

static tarn_tensor *gather(graph *g)
{
    int32_t ids[MOST_ELEMENTS];
    tarn_tensor *x = pick(g, 1 + draw(g, 3), ANY);
    const int axis = any_axis(g, x);
    for (int64_t i = 0; i < tarn_size(x); i++)
        ids[i] = draw(g, (int)tarn_dim(x, axis));
    return tarn_size(x) <= MOST_ELEMENTS ? tarn_gather(x, axis, tarn_labels(tarn_size(x), ids))
                                         : NULL;
}

static tarn_tensor *scatter_add(graph *g)
{
    int32_t ids[MOST_ELEMENTS];
    tarn_tensor *x = pick(g, 1 + draw(g, 3), ANY), *source = same_as(g, x, ANY);
    const int axis = any_axis(g, x);
    if (!x || tarn_size(x) > MOST_ELEMENTS)
        return NULL;
    for (int64_t i = 0; i < tarn_size(x); i++)
        ids[i] = draw(g, (int)tarn_dim(x, axis));
    return tarn_scatter_add(x, axis, tarn_labels(tarn_size(x), ids), source);
}

static tarn_tensor *tril(graph *g)
{
    tarn_tensor *x = pick(g, 2 + draw(g, 2), ANY);
    return tarn_tril(x, draw(g, 5) - 2);
}

static tarn_tensor *triu(graph *g)
{
    tarn_tensor *x = pick(g, 2 + draw(g, 2), ANY);
    return tarn_triu(x, draw(g, 5) - 2);
}

static tarn_tensor *rms_norm(graph *g)
{
    tarn_tensor *x = pick(g, 1 + draw(g, 3), ANY);
    return x ? tarn_rms_norm(x, input(g, tarn_shape(tarn_dim(x, -1)), ANY), .eps = 0.1) : NULL;
}

/* ---- Softmax and losses */

static tarn_tensor *logsumexp(graph *g)
{
    return tarn_logsumexp(pick(g, 1 + draw(g, 3), ANY));
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

static tarn_tensor *bernoulli_nll(graph *g)
{
    tarn_tensor *a = pick(g, ANY_RANK, ANY), *b = same_as(g, a, ANY);
    return tarn_bernoulli_nll(tarn_sigmoid(a), tarn_sigmoid(b),
                              .reduction = (tarn_reduction)draw(g, 3));
}

static tarn_tensor *kl_div(graph *g)
{
    tarn_tensor *a = pick(g, 2, ANY), *b = same_as(g, a, ANY);
    return tarn_kl_div(tarn_log_softmax(a), tarn_softmax(b),
                       .reduction = (tarn_reduction)draw(g, 3));
}

#endif
