/* How operations with weights are said in ONNX. */
#include "nn/exchange/onnx_norms.h"
#include "nn/exchange/onnx_steps.h"

static tarn__onnx_name read_or_none(tarn__onnx_graph *g, int i)
{
    return tarn__onnx_is_left_out(g, i) ? (tarn__onnx_name){""}
                                        : tarn__onnx_read(g, i, TARN__ONNX_PLAIN);
}

/* What the operation itself gives, before max(y, 0) and maxima of windows. */
static tarn__onnx_name first(const tarn__onnx_graph *g, const tarn__onnx_name *y)
{
    return g->step->relu || g->step->max_pool > 0 ? tarn__onnx_inner(g, "before") : *y;
}

static void behind(tarn__onnx_graph *g, const tarn__onnx_name *y)
{
    const tarn__graph_step *s = g->step;
    const tarn__onnx_name before = tarn__onnx_inner(g, "before"),
                          relu = tarn__onnx_inner(g, "relu");
    const bool pools = s->max_pool > 0;
    if (s->relu)
        tarn__onnx_give(g->o, "Relu", pools ? relu.text : y->text, before.text, NULL);
    if (pools) {
        const int window[2] = {s->max_pool, s->max_pool};
        tarn__onnx_pair(g->o, "kernel_shape", window);
        tarn__onnx_pair(g->o, "strides", window);
        tarn__onnx_give(g->o, "MaxPool", y->text, s->relu ? relu.text : before.text, NULL);
    }
}

void tarn__onnx_step_convolution(tarn__onnx_graph *g, const char *type)
{
    const tarn__graph_step *s = g->step;
    const tarn_shape kernel = tarn__onnx_shape_in(g, 1);
    const tarn__onnx_name x = tarn__onnx_read(g, 0, TARN__ONNX_FIRST),
                          weight = tarn__onnx_read(g, 1, TARN__ONNX_KERNEL),
                          bias = read_or_none(g, 2), y = tarn__onnx_gives(g, TARN__ONNX_FIRST);
    const int dilation[2] = {s->dilation, s->dilation_w};
    int64_t pads[2][2] = {{s->padding, s->padding_w}, {s->padding, s->padding_w}};
    for (int i = 0; s->same && i < 2; i++) {
        const int64_t all = dilation[i] * (kernel.dim[i] - 1);
        pads[0][i] = all / 2;
        pads[1][i] = all - all / 2;
    }
    tarn_onnx_ints(g->o, "kernel_shape", 2, kernel.dim);
    tarn__onnx_pair(g->o, "strides", (int[]){s->stride, s->stride_w});
    tarn__onnx_pair(g->o, "dilations", dilation);
    tarn__onnx_pads(g->o, pads[0], pads[1]);
    tarn_onnx_int(g->o, "group", s->groups);
    if (s->op == &tarn__graph_conv_transpose2d)
        tarn__onnx_pair(g->o, "output_padding", (int[]){s->output_padding, s->output_padding_w});
    tarn_onnx_node(g->o, type, first(g, &y).text, *bias.text ? 3 : 2,
                   (const char *[]){x.text, weight.text, bias.text});
    behind(g, &y);
}

/* Gemm is for matrices only. */
void tarn__onnx_step_linear(tarn__onnx_graph *g, const char *type)
{
    const tarn__onnx_name x = tarn__onnx_read(g, 0, TARN__ONNX_PLAIN),
                          weight = tarn__onnx_read(g, 1, TARN__ONNX_PLAIN),
                          bias = read_or_none(g, 2), y = tarn__onnx_gives(g, TARN__ONNX_PLAIN),
                          to = first(g, &y);
    const bool has_bias = *bias.text;
    if (tarn__onnx_shape_in(g, 0).ndim == 2)
        tarn_onnx_node(g->o, type, to.text, has_bias ? 3 : 2,
                       (const char *[]){x.text, weight.text, bias.text});
    else if (has_bias)
        tarn__onnx_give(g->o, "Add", to.text,
                        tarn__onnx_on_the_way(g->o, "MatMul", x.text, weight.text).text, bias.text);
    else
        tarn__onnx_give(g->o, "MatMul", to.text, x.text, weight.text);
    behind(g, &y);
}

void tarn__onnx_step_batch_norm(tarn__onnx_graph *g, const char *type)
{
    const int ndim = tarn__onnx_shape_in(g, 0).ndim;
    const tarn__onnx_order order = ndim == 4 ? TARN__ONNX_FIRST : TARN__ONNX_PLAIN;
    if (ndim != 2 && ndim != 4) {
        tarn__onnx_cannot(g);
        return;
    }
    tarn__onnx_name names[5];
    const char *inputs[5];
    for (int i = 0; i < 5; i++) {
        names[i] = tarn__onnx_read(g, i, i == 0 ? order : TARN__ONNX_PLAIN);
        inputs[i] = names[i].text;
    }
    const tarn__onnx_name y = tarn__onnx_gives(g, order);
    tarn_onnx_float(g->o, "epsilon", g->step->a);
    tarn_onnx_float(g->o, "momentum", 1 - g->step->b);
    tarn_onnx_node(g->o, type, first(g, &y).text, 5, inputs);
    behind(g, &y);
}

void tarn__onnx_step_layer_norm(tarn__onnx_graph *g, const char *type)
{
    const tarn__onnx_name x = tarn__onnx_read(g, 0, TARN__ONNX_PLAIN),
                          weight = tarn__onnx_read(g, 1, TARN__ONNX_PLAIN),
                          bias = tarn__onnx_read(g, 2, TARN__ONNX_PLAIN),
                          y = tarn__onnx_gives(g, TARN__ONNX_PLAIN);
    tarn_onnx_float(g->o, "epsilon", g->step->a);
    tarn_onnx_int(g->o, "axis", -tarn__onnx_shape_in(g, 1).ndim);
    tarn_onnx_node(g->o, type, y.text, 3, (const char *[]){x.text, weight.text, bias.text});
}

/* Scale and shift broadcast against the last axis, which is not the last of an image. */
void tarn__onnx_step_group_norm(tarn__onnx_graph *g, const char *type)
{
    tarn_shape sample = tarn__onnx_shape_in(g, 0);
    const tarn__onnx_order order = sample.ndim == 4 ? TARN__ONNX_FIRST : TARN__ONNX_PLAIN;
    if (sample.ndim != 2 && sample.ndim != 4) {
        tarn__onnx_cannot(g);
        return;
    }
    sample = sample.ndim == 2 ? tarn_shape(sample.dim[1])
                              : tarn_shape(sample.dim[1], sample.dim[2], sample.dim[3]);
    const tarn__onnx_name x = tarn__onnx_read(g, 0, order), weight = tarn__onnx_read(g, 1, order),
                          bias = tarn__onnx_read(g, 2, order), y = tarn__onnx_gives(g, order);
    const tarn__onnx_name normed =
        tarn__onnx_normed_groups(g->o, sample, g->step->groups, g->step->a, x.text);
    tarn__onnx_give(g->o, type, y.text,
                    tarn__onnx_on_the_way(g->o, "Mul", normed.text, weight.text).text, bias.text);
}

/* Ids are floats in Tarn. */
void tarn__onnx_step_gather(tarn__onnx_graph *g, const char *type)
{
    const tarn__onnx_name x = tarn__onnx_read(g, 0, TARN__ONNX_PLAIN),
                          table = tarn__onnx_read(g, 1, TARN__ONNX_PLAIN),
                          y = tarn__onnx_gives(g, TARN__ONNX_PLAIN);
    tarn_onnx_int(g->o, "to", 7); /* int64 */
    const tarn__onnx_name ids = tarn__onnx_on_the_way(g->o, "Cast", x.text, NULL);
    tarn__onnx_give(g->o, type, y.text, table.text, ids.text);
}
