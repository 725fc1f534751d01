/* How test_random_graphs.c draws the arguments of operations: linear algebra, images,
   normalization. */
#ifndef TARN_TESTS_CORE_RANDOM_IMAGES_H
#define TARN_TESTS_CORE_RANDOM_IMAGES_H

#include "tests/core/random_graph.h"

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
    const int stride_w = 1 + draw(g, 2), padding_w = draw(g, 3), same = draw(g, 4) == 0;
    if (!x || dilation * (kh - 1) >= tarn_dim(x, 1) + 2 * padding ||
        dilation * (kw - 1) >= tarn_dim(x, 2) + 2 * padding_w)
        return NULL;
    tarn_tensor *weight = input(g, tarn_shape(kh, kw, channels / groups, out), ANY);
    tarn_tensor *bias = weight && kind & 1 ? input(g, tarn_shape(out), ANY) : NULL;
    if (same)
        return tarn_conv2d(x, weight, bias, .dilation = dilation, .groups = groups, .same = true);
    return tarn_conv2d(x, weight, bias, .stride = stride, .stride_w = stride_w, .padding = padding,
                       .padding_w = padding_w, .dilation = dilation, .groups = groups,
                       .relu = kind & 2);
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

/* Windows that fit any image: with ceil_mode a part of one is enough. */
typedef struct windows {
    int kernel, kernel_w, stride, stride_w, padding, padding_w;
    bool ceil_mode;
} windows;

static windows draw_windows(graph *g, const tarn_tensor *x)
{
    windows w = {.kernel = 1 + draw(g, 3), .kernel_w = 1 + draw(g, 3), .stride = 1 + draw(g, 2)};
    w.stride_w = 1 + draw(g, 2);
    w.padding = draw(g, w.kernel / 2 + 1);
    w.padding_w = draw(g, w.kernel_w / 2 + 1);
    w.ceil_mode = draw(g, 2);
    if (!x || w.kernel > tarn_dim(x, 1) + 2 * w.padding ||
        w.kernel_w > tarn_dim(x, 2) + 2 * w.padding_w)
        w.kernel = 0;
    return w;
}

static tarn_tensor *max_pool2d(graph *g)
{
    tarn_tensor *x = pick(g, 4, ANY);
    const windows w = draw_windows(g, x);
    if (w.kernel == 0)
        return NULL;
    return tarn_max_pool2d(x, w.kernel, .kernel_w = w.kernel_w, .stride = w.stride,
                           .stride_w = w.stride_w, .padding = w.padding, .padding_w = w.padding_w,
                           .ceil_mode = w.ceil_mode);
}

static tarn_tensor *avg_pool2d(graph *g)
{
    tarn_tensor *x = pick(g, 4, ANY);
    const windows w = draw_windows(g, x);
    const bool count = draw(g, 2);
    if (w.kernel == 0)
        return NULL;
    return tarn_avg_pool2d(x, w.kernel, .kernel_w = w.kernel_w, .stride = w.stride,
                           .stride_w = w.stride_w, .padding = w.padding, .padding_w = w.padding_w,
                           .ceil_mode = w.ceil_mode, .count_include_pad = count);
}

static tarn_tensor *pixel_shuffle(graph *g)
{
    tarn_tensor *x = pick(g, 4, ANY);
    return tarn_pixel_shuffle(x, x && tarn_dim(x, 3) % 4 == 0 ? 2 : 1);
}

static tarn_tensor *pixel_unshuffle(graph *g)
{
    tarn_tensor *x = pick(g, 4, ANY);
    return tarn_pixel_unshuffle(x, x && tarn_dim(x, 1) % 2 + tarn_dim(x, 2) % 2 == 0 ? 2 : 1);
}

static tarn_tensor *adaptive_max_pool2d(graph *g)
{
    tarn_tensor *x = pick(g, 4, ANY);
    const int height = 1 + draw(g, 4), width = 1 + draw(g, 4);
    return tarn_adaptive_max_pool2d(x, height, width);
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
    const int kernel_w = 1 + draw(g, 3), stride_w = 1 + draw(g, 2);
    tarn_tensor *weight = input(g, tarn_shape(kernel, kernel_w, out / groups, channels), ANY);
    tarn_tensor *bias = kind & 1 ? input(g, tarn_shape(out), ANY) : NULL;
    return tarn_conv_transpose2d(x, weight, bias, .stride = stride, .stride_w = stride_w,
                                 .dilation = dilation, .output_padding = output_padding,
                                 .output_padding_w = 0, .groups = groups);
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
    const int height = 1 + draw(g, 5), width = 1 + draw(g, 5), kind = draw(g, 3);
    return tarn_upsample_bilinear2d(x, height, width, .align_corners = kind == 1,
                                    .antialias = kind == 2);
}

static tarn_tensor *upsample_bicubic2d(graph *g)
{
    tarn_tensor *x = pick(g, 4, ANY);
    const int height = 1 + draw(g, 5), width = 1 + draw(g, 5), kind = draw(g, 3);
    return tarn_upsample_bicubic2d(x, height, width, .align_corners = kind == 1,
                                   .antialias = kind == 2);
}

#endif
