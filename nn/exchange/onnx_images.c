/* How the layers of images, and the linear one, are said in ONNX. */
#include "nn/exchange/onnx_images.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nn/layer.h"

/* The mode and the pads of a Pad of images. ONNX has "wrap" from opset 19 only, see
   tarn__onnx_can(). */
static tarn__onnx_name pads_of(tarn_onnx *o, const tarn__geometry *g, int mode)
{
    const int64_t pads[8] = {0, 0, g->before[0], g->before[1], 0, 0, g->after[0], g->after[1]};
    if (mode != TARN_PAD_CONSTANT)
        tarn_onnx_text(o, "mode", mode == TARN_PAD_REFLECT ? "reflect" : "edge");
    char name[32];
    snprintf(name, sizeof name, "pads%d", ++o->constants);
    return tarn__onnx_shape_of(o, name, 8, pads);
}

/* (KH,KW,I,O) becomes (O,I,KH,KW), and so that of the transposed one. */
void tarn__onnx_write_convolution(tarn_onnx *o, const tarn__step *step, const char *x,
                                  const char *y)
{
    const tarn_module *m = step->module;
    const tarn_shape from = tarn_shape_get(tarn__part_of(m, "weight"));
    const tarn_shape to = tarn_shape(from.dim[3], from.dim[2], from.dim[0], from.dim[1]);
    const bool transposed = m->type == &tarn__nn_conv_transpose2d;
    const tarn__onnx_name weight = tarn__onnx_named(o, "weight");
    tarn__onnx_name bias = {""};
    tarn__onnx_permuted(o, weight.text, to, step->weight, from, tarn_axes(3, 2, 0, 1));
    if (step->bias)
        bias = tarn__onnx_constant(o, "bias", tarn_shape(step->bias_count), step->bias);
    tarn__geometry g = tarn__geometry_of(m);
    tarn__onnx_name image;
    const int mode = transposed ? TARN_PAD_CONSTANT : tarn__whole_of(m, "padding_mode");
    if (mode != TARN_PAD_CONSTANT) {
        image = tarn__onnx_on_the_way(o, "Pad", x, pads_of(o, &g, mode).text);
        x = image.text;
        memset(g.before, 0, sizeof g.before);
        memset(g.after, 0, sizeof g.after);
    }
    tarn__onnx_pair(o, "kernel_shape", g.kernel);
    tarn__onnx_pair(o, "strides", g.stride);
    tarn__onnx_pair(o, "dilations", g.dilation);
    tarn__onnx_pads(o, g.before, g.after);
    tarn_onnx_int(o, "group", tarn__whole_of(m, "groups"));
    if (transposed)
        tarn__onnx_pair(
            o, "output_padding",
            (int[]){tarn__whole_of(m, "output_padding"), tarn__whole_of(m, "output_padding_w")});
    tarn_onnx_node(o, transposed ? "ConvTranspose" : "Conv", y, step->bias ? 3 : 2,
                   (const char *[]){x, weight.text, bias.text});
}

/* Gemm takes vectors only. Of more dimensions it is MatMul and Add, of images with the channels
   last. */
static void write_linear_of_many(tarn_onnx *o, const tarn__step *step, const char *x, const char *y)
{
    const bool image = tarn__onnx_in_of(o, step).ndim == 3;
    const int64_t out = tarn__whole_of(step->module, "out");
    const tarn_shape shape = tarn_shape(step->weight_count / out, out);
    const tarn__onnx_name weight = tarn__onnx_constant(o, "weight", shape, step->weight);
    const tarn__onnx_name last = image ? tarn__onnx_to_channels_last(o, x) : (tarn__onnx_name){""};
    tarn__onnx_name sum = tarn__onnx_named(o, image || step->bias ? "sum" : "");
    tarn__onnx_give(o, "MatMul", image || step->bias ? sum.text : y, image ? last.text : x,
                    weight.text);
    if (step->bias) {
        const tarn__onnx_name bias = tarn__onnx_constant(o, "bias", tarn_shape(out), step->bias);
        const tarn__onnx_name with = tarn__onnx_named(o, "with_bias");
        tarn__onnx_give(o, "Add", image ? with.text : y, sum.text, bias.text);
        sum = with;
    }
    if (image)
        tarn__onnx_give_channels_first(o, y, sum.text);
}

void tarn__onnx_write_linear(tarn_onnx *o, const tarn__step *step, const char *x, const char *y)
{
    if (tarn__onnx_in_of(o, step).ndim != 1) {
        write_linear_of_many(o, step, x, y);
        return;
    }
    const tarn__onnx_name weight =
        tarn__onnx_in_order(o, step, "weight", step->weight, tarn__onnx_in_of(o, step).dim[0],
                            tarn__onnx_out_of(o, step).dim[0]);
    tarn__onnx_name bias = {""};
    if (step->bias)
        bias = tarn__onnx_constant(o, "bias", tarn_shape(step->bias_count), step->bias);
    tarn_onnx_node(o, "Gemm", y, step->bias ? 3 : 2, (const char *[]){x, weight.text, bias.text});
}

/* The image with so many pixels of a value around it. */
static tarn__onnx_name surrounded(tarn_onnx *o, const char *x, const int64_t before[2],
                                  const int64_t after[2], double value)
{
    const int64_t pads[8] = {0, 0, before[0], before[1], 0, 0, after[0], after[1]};
    char name[32];
    snprintf(name, sizeof name, "pads%d", ++o->constants);
    const tarn__onnx_name sides = tarn__onnx_shape_of(o, name, 8, pads),
                          number = tarn__onnx_number(o, value);
    snprintf(name, sizeof name, "%d", ++o->temporaries);
    const tarn__onnx_name image = tarn__onnx_named(o, name);
    tarn_onnx_node(o, "Pad", image.text, 3, (const char *[]){x, sides.text, number.text});
    return image;
}

/* What ceil_mode lets the last window reach beyond the padding is padding here, since runtimes
   differ in what they take ceil_mode for. A mean counts padding, but not that: it gets the padding
   as an image that is larger. So do maxima of windows with gaps that reach further than a window
   without would be wide, which runtimes refuse. */
void tarn__onnx_put_pooling(tarn_onnx *o, const tarn__onnx_pool *p, const char *x, const char *y)
{
    const tarn__geometry *g = &p->windows;
    const int64_t none[2] = {0, 0};
    int64_t beyond[2], behind[2];
    for (int i = 0; i < 2; i++) {
        const int64_t span = (int64_t)g->dilation[i] * (g->kernel[i] - 1) + 1;
        const int64_t end = (p->out.dim[i] - 1) * g->stride[i] + span;
        const int64_t lacking = end - (p->in.dim[i] + g->before[i] + g->after[i]);
        beyond[i] = lacking > 0 ? lacking : 0;
        behind[i] = g->after[i] + beyond[i];
    }
    tarn__onnx_name image;
    if (p->counts && (beyond[0] > 0 || beyond[1] > 0)) {
        image = surrounded(o, x, g->before, g->after, 0);
        x = image.text;
        tarn__onnx_pads(o, none, beyond);
        tarn_onnx_int(o, "count_include_pad", 0);
    } else if (behind[0] >= g->kernel[0] || behind[1] >= g->kernel[1]) {
        image = surrounded(o, x, g->before, behind, -(double)INFINITY);
        x = image.text;
    } else {
        tarn__onnx_pads(o, g->before, behind);
        if (p->average)
            tarn_onnx_int(o, "count_include_pad", p->counts);
    }
    tarn__onnx_pair(o, "kernel_shape", g->kernel);
    tarn__onnx_pair(o, "strides", g->stride);
    if (!p->average && (g->dilation[0] > 1 || g->dilation[1] > 1))
        tarn__onnx_pair(o, "dilations", g->dilation);
    tarn__onnx_give(o, p->average ? "AveragePool" : "MaxPool", y, x, NULL);
}

void tarn__onnx_write_pooling(tarn_onnx *o, const tarn__step *step, const char *x, const char *y)
{
    const tarn_module *m = step->module;
    const bool average = m->type == &tarn__nn_avg_pool2d;
    const tarn__onnx_pool pool = {.average = average,
                                  .counts = average && tarn__whole_of(m, "count_include_pad"),
                                  .windows = tarn__geometry_of(m),
                                  .in = tarn__onnx_in_of(o, step),
                                  .out = tarn__onnx_out_of(o, step)};
    tarn__onnx_put_pooling(o, &pool, x, y);
}

float tarn__onnx_share(int64_t in, int64_t out, int64_t pixel, int64_t window)
{
    const int64_t begin = window * in / out, end = ((window + 1) * in + out - 1) / out;
    return pixel >= begin && pixel < end ? 1 / (float)(end - begin) : 0;
}

/* A matrix (in, out), or its transpose, that takes the mean of each window. */
static tarn__onnx_name put_matrix(tarn_onnx *o, const char *what, int64_t in, int64_t out,
                                  bool transpose)
{
    float *values = malloc((size_t)in * (size_t)out * sizeof *values);
    for (int64_t i = 0; values && i < out; i++)
        for (int64_t k = 0; k < in; k++)
            values[transpose ? i * in + k : k * out + i] = tarn__onnx_share(in, out, k, i);
    char name[32];
    snprintf(name, sizeof name, "%s%d", what, ++o->constants);
    const tarn__onnx_name matrix = tarn__onnx_named(o, name);
    if (values)
        tarn_onnx_tensor(o, matrix.text, transpose ? tarn_shape(out, in) : tarn_shape(in, out),
                         values);
    o->graph.failed = o->graph.failed || !values;
    free(values);
    return matrix;
}

/* Windows of several sizes are not in ONNX; matrices take their means, of rows, then of columns,
   and nothing their maxima. What has as many rows or columns as before stays. */
static void put_means(tarn_onnx *o, tarn_shape in, tarn_shape out, const char *x, const char *y)
{
    const bool narrower = in.dim[1] != out.dim[1];
    tarn__onnx_name lower;
    if (in.dim[0] != out.dim[0]) {
        const tarn__onnx_name rows = put_matrix(o, "rows", in.dim[0], out.dim[0], true);
        if (narrower)
            lower = tarn__onnx_on_the_way(o, "MatMul", rows.text, x);
        else
            tarn__onnx_give(o, "MatMul", y, rows.text, x);
        x = narrower ? lower.text : x;
    }
    if (narrower)
        tarn__onnx_give(o, "MatMul", y, x,
                        put_matrix(o, "columns", in.dim[1], out.dim[1], false).text);
}

void tarn__onnx_put_adaptive(tarn_onnx *o, bool average, tarn_shape in, tarn_shape out,
                             const char *x, const char *y)
{
    if (out.dim[0] == 1 && out.dim[1] == 1) {
        tarn__onnx_give(o, average ? "GlobalAveragePool" : "GlobalMaxPool", y, x, NULL);
        return;
    }
    if (in.dim[0] % out.dim[0] != 0 || in.dim[1] % out.dim[1] != 0) {
        put_means(o, in, out, x, y);
        return;
    }
    const int64_t window[] = {in.dim[0] / out.dim[0], in.dim[1] / out.dim[1]};
    tarn_onnx_ints(o, "kernel_shape", 2, window);
    tarn_onnx_ints(o, "strides", 2, window);
    tarn__onnx_give(o, average ? "AveragePool" : "MaxPool", y, x, NULL);
}

void tarn__onnx_write_adaptive(tarn_onnx *o, const tarn__step *step, const char *x, const char *y)
{
    tarn__onnx_put_adaptive(o, step->module->type == &tarn__nn_adaptive_avg_pool2d,
                            tarn__onnx_in_of(o, step), tarn__onnx_out_of(o, step), x, y);
}

void tarn__onnx_write_global(tarn_onnx *o, const tarn__step *step, const char *x, const char *y)
{
    const bool average = step->module->type == &tarn__nn_global_avg_pool2d;
    const char *pool = average ? "GlobalAveragePool" : "GlobalMaxPool";
    tarn__onnx_give(o, "Flatten", y, tarn__onnx_on_the_way(o, pool, x, NULL).text, NULL);
}

void tarn__onnx_put_resize_mode(tarn_onnx *o, const tarn_nn_upsample2d_args *how)
{
    const bool nearest = !how->bilinear && !how->bicubic;
    tarn_onnx_text(o, "mode", nearest ? "nearest" : how->bicubic ? "cubic" : "linear");
    tarn_onnx_text(o, "coordinate_transformation_mode",
                   how->align_corners ? "align_corners"
                   : nearest          ? "asymmetric"
                                      : "half_pixel");
    tarn_onnx_text(o, "nearest_mode", "floor");
    if (how->bicubic && how->antialias) {
        tarn_onnx_float(o, "cubic_coeff_a", -0.5);
        tarn_onnx_int(o, "exclude_outside", 1);
    }
}

void tarn__onnx_write_upsampling(tarn_onnx *o, const tarn__step *step, const char *x, const char *y)
{
    const tarn_module *m = step->module;
    const float scale = (float)tarn__whole_of(m, "scale");
    const tarn__onnx_name scales =
        tarn__onnx_constant(o, "scales", tarn_shape(4), (float[]){1, 1, scale, scale});
    tarn__onnx_put_resize_mode(o, &(tarn_nn_upsample2d_args){
                                      .bilinear = tarn__whole_of(m, "bilinear"),
                                      .bicubic = tarn__whole_of(m, "bicubic"),
                                      .align_corners = tarn__whole_of(m, "align_corners"),
                                      .antialias = tarn__whole_of(m, "antialias"),
                                  });
    tarn_onnx_node(o, "Resize", y, 3, (const char *[]){x, "", scales.text});
}

void tarn__onnx_write_pad(tarn_onnx *o, const tarn__step *step, const char *x, const char *y)
{
    const tarn__geometry g = tarn__geometry_of(step->module);
    const int mode = tarn__whole_of(step->module, "mode");
    tarn__onnx_give(o, "Pad", y, x, pads_of(o, &g, mode).text);
}

void tarn__onnx_write_shuffle(tarn_onnx *o, const tarn__step *step, const char *x, const char *y)
{
    tarn_onnx_int(o, "blocksize", tarn__whole_of(step->module, "factor"));
    tarn_onnx_text(o, "mode", "CRD");
    tarn__onnx_give(o, "DepthToSpace", y, x, NULL);
}

/* SpaceToDepth has the channels of a block in another order. */
void tarn__onnx_write_unshuffle(tarn_onnx *o, const tarn__step *step, const char *x, const char *y)
{
    const tarn_shape out = tarn__onnx_out_of(o, step); /* (H,W,C) */
    const int64_t r = tarn__whole_of(step->module, "factor"), h = out.dim[0], w = out.dim[1];
    const int64_t apart[] = {0, out.dim[2] / (r * r), h, r, w, r}, whole[] = {0, out.dim[2], h, w};
    const tarn__onnx_name axes = tarn__onnx_shape_of(o, "apart", 6, apart);
    const tarn__onnx_name image = tarn__onnx_on_the_way(o, "Reshape", x, axes.text);
    tarn_onnx_ints(o, "perm", 6, (int64_t[]){0, 1, 3, 5, 2, 4});
    const tarn__onnx_name turned = tarn__onnx_on_the_way(o, "Transpose", image.text, NULL);
    tarn__onnx_give(o, "Reshape", y, turned.text, tarn__onnx_shape_of(o, "whole", 4, whole).text);
}

void tarn__onnx_write_flatten(tarn_onnx *o, const tarn__step *step, const char *x, const char *y)
{
    (void)step;
    tarn__onnx_give(o, "Flatten", y, x, NULL);
}
