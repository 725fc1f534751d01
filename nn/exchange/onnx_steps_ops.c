/* How the operations of a graph are said in ONNX: one table, and a function for each kind. */
#include <stdlib.h>

#include "nn/exchange/onnx_images.h"
#include "nn/exchange/onnx_steps.h"

static void unary(tarn__onnx_graph *g, const char *type)
{
    const tarn__onnx_order order = tarn__onnx_order_of(g, 0);
    const tarn__onnx_name x = tarn__onnx_read(g, 0, order), y = tarn__onnx_gives(g, order);
    const tarn__graph_op *op = g->step->op;
    if (op == &tarn__graph_leaky_relu || op == &tarn__graph_elu)
        tarn_onnx_float(g->o, "alpha", g->step->a);
    if (op == &tarn__graph_softmax || op == &tarn__graph_log_softmax)
        tarn_onnx_int(g->o, "axis", order == TARN__ONNX_FIRST ? 1 : -1);
    tarn__onnx_give(g->o, type, y.text, x.text, NULL);
}

/* As the layer of that name. */
static void layer(tarn__onnx_graph *g, const char *type)
{
    const tarn__onnx_order order = tarn__onnx_order_of(g, 0);
    const tarn__onnx_name x = tarn__onnx_read(g, 0, order), y = tarn__onnx_gives(g, order);
    (g->step->op == &tarn__graph_silu   ? tarn__onnx_write_silu
     : g->step->op == &tarn__graph_gelu ? tarn__onnx_write_gelu
                                        : tarn__onnx_write_gelu_tanh)(g->o, NULL, x.text, y.text);
    (void)type;
}

static void by_number(tarn__onnx_graph *g, const char *type)
{
    const tarn__onnx_order order = tarn__onnx_order_of(g, 0);
    const tarn__onnx_name x = tarn__onnx_read(g, 0, order), y = tarn__onnx_gives(g, order),
                          number = tarn__onnx_number(g->o, g->step->a);
    tarn__onnx_give(g->o, type, y.text, x.text, number.text);
}

static void clamp(tarn__onnx_graph *g, const char *type)
{
    const tarn__onnx_order order = tarn__onnx_order_of(g, 0);
    const tarn__onnx_name x = tarn__onnx_read(g, 0, order), y = tarn__onnx_gives(g, order),
                          low = tarn__onnx_number(g->o, g->step->a),
                          high = tarn__onnx_number(g->o, g->step->b);
    tarn_onnx_node(g->o, type, y.text, 3, (const char *[]){x.text, low.text, high.text});
}

/* A number alone needs no other shape. */
static tarn__onnx_name read_summand(tarn__onnx_graph *g, int i, tarn__onnx_order order)
{
    return tarn__onnx_read(g, i, tarn__onnx_shape_in(g, i).ndim == 0 ? TARN__ONNX_PLAIN : order);
}

static void binary(tarn__onnx_graph *g, const char *type)
{
    const tarn__onnx_order order =
        tarn__onnx_shape_out(g).ndim == 4 ? tarn__onnx_common_order(g) : TARN__ONNX_PLAIN;
    const tarn__onnx_name a = read_summand(g, 0, order), b = read_summand(g, 1, order),
                          y = tarn__onnx_gives(g, order);
    tarn__onnx_give(g->o, type, y.text, a.text, b.text);
}

static void matmul(tarn__onnx_graph *g, const char *type)
{
    const tarn__onnx_name a = tarn__onnx_read(g, 0, TARN__ONNX_PLAIN),
                          b = tarn__onnx_read(g, 1, TARN__ONNX_PLAIN),
                          y = tarn__onnx_gives(g, TARN__ONNX_PLAIN);
    tarn__onnx_give(g->o, type, y.text, a.text, b.text);
}

/* ---- Images */

static tarn_shape sample_of(tarn_shape shape)
{
    return tarn_shape(shape.dim[1], shape.dim[2], shape.dim[3]);
}

static void pooling(tarn__onnx_graph *g, const char *type)
{
    (void)type;
    const tarn__graph_step *s = g->step;
    const bool average = s->op == &tarn__graph_avg_pool2d;
    const tarn__onnx_name x = tarn__onnx_read(g, 0, TARN__ONNX_FIRST),
                          y = tarn__onnx_gives(g, TARN__ONNX_FIRST);
    const tarn__onnx_pool pool = {
        .average = average,
        .counts = average && s->count_include_pad,
        .windows = {.kernel = {s->kernel, s->kernel_w},
                    .stride = {s->stride, s->stride_w},
                    .dilation = {average ? 1 : s->dilation, average ? 1 : s->dilation_w},
                    .before = {s->padding, s->padding_w},
                    .after = {s->padding, s->padding_w}},
        .in = sample_of(tarn__onnx_shape_in(g, 0)),
        .out = sample_of(tarn__onnx_shape_out(g))};
    tarn__onnx_put_pooling(g->o, &pool, x.text, y.text);
}

static void adaptive(tarn__onnx_graph *g, const char *type)
{
    (void)type;
    const bool average = g->step->op == &tarn__graph_adaptive_avg_pool2d;
    const tarn_shape in = sample_of(tarn__onnx_shape_in(g, 0)),
                     out = sample_of(tarn__onnx_shape_out(g));
    if (!average && (in.dim[0] % out.dim[0] != 0 || in.dim[1] % out.dim[1] != 0)) {
        tarn__onnx_cannot(g);
        return;
    }
    const tarn__onnx_name x = tarn__onnx_read(g, 0, TARN__ONNX_FIRST),
                          y = tarn__onnx_gives(g, TARN__ONNX_FIRST);
    tarn__onnx_put_adaptive(g->o, average, in, out, x.text, y.text);
}

/* SpaceToDepth leaves the channels of a block side by side, as mode 1 does. */
static void shuffle(tarn__onnx_graph *g, const char *type)
{
    const bool inside = g->step->mode, apart = g->step->op == &tarn__graph_pixel_shuffle;
    if (!apart && !inside) {
        tarn__onnx_cannot(g);
        return;
    }
    const tarn__onnx_name x = tarn__onnx_read(g, 0, TARN__ONNX_FIRST),
                          y = tarn__onnx_gives(g, TARN__ONNX_FIRST);
    tarn_onnx_int(g->o, "blocksize", g->step->kernel);
    if (apart)
        tarn_onnx_text(g->o, "mode", inside ? "DCR" : "CRD");
    tarn__onnx_give(g->o, type, y.text, x.text, NULL);
}

/* Runtimes take images alone. */
static void local_response_norm(tarn__onnx_graph *g, const char *type)
{
    const tarn__graph_step *s = g->step;
    if (s->kernel % 2 == 0 || tarn__onnx_shape_in(g, 0).ndim != 4) {
        tarn__onnx_cannot(g);
        return;
    }
    const tarn__onnx_name x = tarn__onnx_read(g, 0, TARN__ONNX_FIRST),
                          y = tarn__onnx_gives(g, TARN__ONNX_FIRST);
    tarn_onnx_float(g->o, "alpha", s->a);
    tarn_onnx_float(g->o, "beta", s->b);
    tarn_onnx_float(g->o, "bias", s->c);
    tarn_onnx_int(g->o, "size", s->kernel);
    tarn__onnx_give(g->o, type, y.text, x.text, NULL);
}

static void global(tarn__onnx_graph *g, const char *type)
{
    const tarn__onnx_name x = tarn__onnx_read(g, 0, TARN__ONNX_FIRST),
                          y = tarn__onnx_gives(g, TARN__ONNX_PLAIN);
    tarn__onnx_give(g->o, "Flatten", y.text, tarn__onnx_on_the_way(g->o, type, x.text, NULL).text,
                    NULL);
}

/* N and C as they are, then that height and width. */
static tarn__onnx_name sizes(tarn__onnx_graph *g, const char *x, const int64_t *pixels)
{
    const tarn__onnx_name begin = tarn__onnx_ints_of(g, "begin", 1, (int64_t[]){0}),
                          end = tarn__onnx_ints_of(g, "end", 1, (int64_t[]){2}),
                          rest = tarn__onnx_ints_of(g, "pixels", 2, pixels),
                          shape = tarn__onnx_on_the_way(g->o, "Shape", x, NULL),
                          slice = tarn__onnx_inner(g, "kept"), all = tarn__onnx_inner(g, "sizes");
    tarn_onnx_node(g->o, "Slice", slice.text, 3,
                   (const char *[]){shape.text, begin.text, end.text});
    tarn_onnx_int(g->o, "axis", 0);
    tarn__onnx_give(g->o, "Concat", all.text, slice.text, rest.text);
    return all;
}

/* Whole factors are exact as floats; for others the sizes say more. */
static void resize(tarn__onnx_graph *g, const char *type)
{
    const tarn__graph_step *s = g->step;
    const tarn_shape in = tarn__onnx_shape_in(g, 0), out = tarn__onnx_shape_out(g);
    if (s->antialias && (out.dim[1] < in.dim[1] || out.dim[2] < in.dim[2])) { /* from opset 18 on */
        tarn__onnx_cannot(g);
        return;
    }
    const tarn__onnx_name x = tarn__onnx_read(g, 0, TARN__ONNX_FIRST),
                          y = tarn__onnx_gives(g, TARN__ONNX_FIRST);
    const bool whole = out.dim[1] % in.dim[1] == 0 && out.dim[2] % in.dim[2] == 0;
    const float factors[] = {1, 1, (float)(out.dim[1] / in.dim[1]),
                             (float)(out.dim[2] / in.dim[2])};
    tarn__onnx_name how = tarn__onnx_inner(g, "scales");
    if (whole)
        tarn_onnx_tensor(g->o, how.text, tarn_shape(4), factors);
    else
        how = sizes(g, x.text, out.dim + 1);
    tarn__onnx_put_resize_mode(g->o, &(tarn_nn_upsample2d_args){
                                         .bilinear = s->bilinear,
                                         .bicubic = s->bicubic,
                                         .align_corners = s->align_corners,
                                         .antialias = s->antialias,
                                     });
    tarn_onnx_node(g->o, type, y.text, whole ? 3 : 4,
                   (const char *[]){x.text, "", whole ? how.text : "", how.text});
}

/* ---- Shapes */

static void flatten(tarn__onnx_graph *g, const char *type)
{
    const tarn__onnx_name x = tarn__onnx_read(g, 0, TARN__ONNX_PLAIN),
                          y = tarn__onnx_gives(g, TARN__ONNX_PLAIN);
    tarn__onnx_give(g->o, type, y.text, x.text, NULL);
}

/* The shape with the batch in it, which the graph's input tells. */
static tarn__onnx_name shape_with_batch(tarn__onnx_graph *g, tarn_shape shape, int at)
{
    const tarn__onnx_name begin = tarn__onnx_ints_of(g, "begin", 1, (int64_t[]){0}),
                          end = tarn__onnx_ints_of(g, "end", 1, (int64_t[]){1}),
                          before = tarn__onnx_ints_of(g, "before", at, shape.dim),
                          after = tarn__onnx_ints_of(g, "after", shape.ndim - at - 1,
                                                     shape.dim + at + 1),
                          all = tarn__onnx_on_the_way(g->o, "Shape", g->input, NULL),
                          batch = tarn__onnx_inner(g, "batch"), to = tarn__onnx_inner(g, "shape");
    tarn_onnx_node(g->o, "Slice", batch.text, 3, (const char *[]){all.text, begin.text, end.text});
    tarn_onnx_int(g->o, "axis", 0);
    tarn_onnx_node(g->o, "Concat", to.text, 3,
                   (const char *[]){before.text, batch.text, after.text});
    return to;
}

/* ONNX finds out one size itself: the batch, where nothing else is open. */
static void reshape(tarn__onnx_graph *g, const char *type)
{
    tarn_shape shape = g->step->shape;
    int batch = -1, open = -1;
    for (int i = 0; i < shape.ndim; i++) {
        batch = shape.dim[i] == TARN__GRAPH_BATCH ? i : batch;
        open = shape.dim[i] == -1 ? i : open;
    }
    const tarn__onnx_name x = tarn__onnx_read(g, 0, TARN__ONNX_PLAIN),
                          y = tarn__onnx_gives(g, TARN__ONNX_PLAIN);
    if (batch >= 0 && open < 0)
        shape.dim[batch] = -1;
    const tarn__onnx_name to = batch >= 0 && open >= 0
                                   ? shape_with_batch(g, shape, batch)
                                   : tarn__onnx_ints_of(g, "shape", shape.ndim, shape.dim);
    tarn__onnx_give(g->o, type, y.text, x.text, to.text);
}

static void permute(tarn__onnx_graph *g, const char *type)
{
    const tarn__onnx_order order = tarn__onnx_order_of(g, 0);
    const tarn__onnx_name x = tarn__onnx_read(g, 0, order),
                          y = tarn__onnx_gives(g, TARN__ONNX_PLAIN);
    int64_t axes[TARN_MAX_NDIM];
    const int count = g->step->axes.count;
    for (int i = 0; i < count; i++)
        axes[i] = tarn__onnx_axis(order, g->step->axes.axis[i]);
    tarn_onnx_ints(g->o, "perm", count, axes);
    tarn__onnx_give(g->o, type, y.text, x.text, NULL);
}

static void concat(tarn__onnx_graph *g, const char *type)
{
    const tarn__onnx_order order = tarn__onnx_common_order(g);
    const int count = g->step->input_count;
    tarn__onnx_name *names = malloc((size_t)count * sizeof *names);
    const char **inputs = malloc((size_t)count * sizeof *inputs);
    for (int i = 0; names && inputs && i < count; i++) {
        names[i] = tarn__onnx_read(g, i, order);
        inputs[i] = names[i].text;
    }
    const tarn__onnx_name y = tarn__onnx_gives(g, order);
    g->o->graph.failed = g->o->graph.failed || !names || !inputs;
    tarn_onnx_int(g->o, "axis", tarn__onnx_axis(order, g->step->axis));
    if (names && inputs)
        tarn_onnx_node(g->o, type, y.text, count, inputs);
    free(inputs);
    free(names);
}

static void slice(tarn__onnx_graph *g, const char *type)
{
    const tarn__onnx_order order = tarn__onnx_order_of(g, 0);
    const int64_t axis = tarn__onnx_axis(order, g->step->axis);
    const tarn__onnx_name x = tarn__onnx_read(g, 0, order), y = tarn__onnx_gives(g, order),
                          from = tarn__onnx_ints_of(g, "from", 1, &g->step->from),
                          to = tarn__onnx_ints_of(g, "to", 1, &g->step->to),
                          axes = tarn__onnx_ints_of(g, "axis", 1, &axis);
    tarn_onnx_node(g->o, type, y.text, 4, (const char *[]){x.text, from.text, to.text, axes.text});
}

static void pad(tarn__onnx_graph *g, const char *type)
{
    const tarn__onnx_order order = tarn__onnx_order_of(g, 0);
    const int ndim = tarn__onnx_shape_in(g, 0).ndim, mode = g->step->mode;
    int64_t pads[2 * TARN_MAX_NDIM];
    if (mode == TARN_PAD_CIRCULAR) { /* from opset 19 on */
        tarn__onnx_cannot(g);
        return;
    }
    for (int i = 0; i < ndim; i++) {
        pads[tarn__onnx_axis(order, i)] = g->step->shape.dim[i];
        pads[ndim + tarn__onnx_axis(order, i)] = g->step->after.dim[i];
    }
    const tarn__onnx_name x = tarn__onnx_read(g, 0, order), y = tarn__onnx_gives(g, order),
                          sides = tarn__onnx_ints_of(g, "pads", 2 * ndim, pads),
                          value = tarn__onnx_number(g->o, g->step->a);
    if (mode != TARN_PAD_CONSTANT)
        tarn_onnx_text(g->o, "mode", mode == TARN_PAD_REFLECT ? "reflect" : "edge");
    tarn_onnx_node(g->o, type, y.text, 3, (const char *[]){x.text, sides.text, value.text});
}

/* ReduceSum has its axes as an input, the others, before opset 18, as an attribute. */
static void reduce(tarn__onnx_graph *g, const char *type)
{
    const tarn__graph_step *s = g->step;
    const tarn__onnx_order order = s->keepdims ? tarn__onnx_order_of(g, 0) : TARN__ONNX_PLAIN;
    int64_t list[TARN_MAX_NDIM];
    for (int i = 0; i < s->axes.count; i++)
        list[i] = tarn__onnx_axis(order, s->axes.axis[i]);
    const tarn__onnx_name x = tarn__onnx_read(g, 0, order), y = tarn__onnx_gives(g, order);
    const bool sums = s->op == &tarn__graph_sum;
    const tarn__onnx_name axes =
        sums ? tarn__onnx_ints_of(g, "axes", s->axes.count, list) : (tarn__onnx_name){""};
    if (!sums)
        tarn_onnx_ints(g->o, "axes", s->axes.count, list);
    tarn_onnx_int(g->o, "keepdims", s->keepdims);
    tarn__onnx_give(g->o, type, y.text, x.text, sums ? axes.text : NULL);
}

/* ---- All of them */

static const struct entry {
    const tarn__graph_op *op;
    const char *type;
    tarn__onnx_operation *write;
} entries[] = {
    {&tarn__graph_conv2d, "Conv", tarn__onnx_step_convolution},
    {&tarn__graph_conv_transpose2d, "ConvTranspose", tarn__onnx_step_convolution},
    {&tarn__graph_linear, "Gemm", tarn__onnx_step_linear},
    {&tarn__graph_matmul, "MatMul", matmul},
    {&tarn__graph_max_pool2d, "MaxPool", pooling},
    {&tarn__graph_avg_pool2d, "AveragePool", pooling},
    {&tarn__graph_adaptive_avg_pool2d, "AveragePool", adaptive},
    {&tarn__graph_adaptive_max_pool2d, "MaxPool", adaptive},
    {&tarn__graph_pixel_shuffle, "DepthToSpace", shuffle},
    {&tarn__graph_pixel_unshuffle, "SpaceToDepth", shuffle},
    {&tarn__graph_global_avg_pool2d, "GlobalAveragePool", global},
    {&tarn__graph_upsample, "Resize", resize},
    {&tarn__graph_resize, "Resize", resize},
    {&tarn__graph_batch_norm2d, "BatchNormalization", tarn__onnx_step_batch_norm},
    {&tarn__graph_layer_norm, "LayerNormalization", tarn__onnx_step_layer_norm},
    {&tarn__graph_group_norm, "Add", tarn__onnx_step_group_norm},
    {&tarn__graph_local_response_norm, "LRN", local_response_norm},
    {&tarn__graph_flatten, "Flatten", flatten},
    {&tarn__graph_reshape, "Reshape", reshape},
    {&tarn__graph_permute, "Transpose", permute},
    {&tarn__graph_concat, "Concat", concat},
    {&tarn__graph_slice, "Slice", slice},
    {&tarn__graph_pad, "Pad", pad},
    {&tarn__graph_gather, "Gather", tarn__onnx_step_gather},
    {&tarn__graph_sum, "ReduceSum", reduce},
    {&tarn__graph_mean, "ReduceMean", reduce},
    {&tarn__graph_max, "ReduceMax", reduce},
    {&tarn__graph_min, "ReduceMin", reduce},
    {&tarn__graph_softmax, "Softmax", unary},
    {&tarn__graph_log_softmax, "LogSoftmax", unary},
    {&tarn__graph_dropout, "Identity", unary},
    {&tarn__graph_add, "Add", binary},
    {&tarn__graph_sub, "Sub", binary},
    {&tarn__graph_mul, "Mul", binary},
    {&tarn__graph_div, "Div", binary},
    {&tarn__graph_maximum, "Max", binary},
    {&tarn__graph_minimum, "Min", binary},
    {&tarn__graph_pow, "Pow", by_number},
    {&tarn__graph_scale, "Mul", by_number},
    {&tarn__graph_clamp, "Clip", clamp},
    {&tarn__graph_leaky_relu, "LeakyRelu", unary},
    {&tarn__graph_elu, "Elu", unary},
    {&tarn__graph_relu, "Relu", unary},
    {&tarn__graph_sigmoid, "Sigmoid", unary},
    {&tarn__graph_tanh, "Tanh", unary},
    {&tarn__graph_gelu, "", layer},
    {&tarn__graph_gelu_tanh, "", layer},
    {&tarn__graph_silu, "", layer},
    {&tarn__graph_softplus, "Softplus", unary},
    {&tarn__graph_erf, "Erf", unary},
    {&tarn__graph_exp, "Exp", unary},
    {&tarn__graph_log, "Log", unary},
    {&tarn__graph_sqrt, "Sqrt", unary},
    {&tarn__graph_neg, "Neg", unary},
    {&tarn__graph_abs, "Abs", unary},
};

void tarn__onnx_write_step(tarn__onnx_graph *g)
{
    for (size_t i = 0; i < sizeof entries / sizeof *entries; i++)
        if (entries[i].op == g->step->op) {
            entries[i].write(g, entries[i].type);
            return;
        }
    tarn__onnx_cannot(g);
}
