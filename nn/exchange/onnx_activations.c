/* How activations are said in ONNX: nodes of their own where opset 17 has them, else several. */
#include <math.h>

#include "nn/exchange/onnx_nodes.h"
#include "nn/layer.h"

/* ---- One node */

static const struct {
    const tarn_module_type *type;
    const char *name, *number; /* of the module, which is the node's alpha */
} elementwise[] = {
    {&tarn__nn_relu, "Relu", NULL},
    {&tarn__nn_sigmoid, "Sigmoid", NULL},
    {&tarn__nn_tanh, "Tanh", NULL},
    {&tarn__nn_softmax, "Softmax", NULL},
    {&tarn__nn_log_softmax, "LogSoftmax", NULL},
    {&tarn__nn_softsign, "Softsign", NULL},
    {&tarn__nn_selu, "Selu", NULL}, /* whose two numbers are the node's defaults */
    {&tarn__nn_hardsigmoid, "HardSigmoid", NULL},
    {&tarn__nn_hardswish, "HardSwish", NULL},
    {&tarn__nn_elu, "Elu", "alpha"},
    {&tarn__nn_celu, "Celu", "alpha"},
    {&tarn__nn_leaky_relu, "LeakyRelu", "slope"},
};

/* The last dimension in Tarn, of images the second in ONNX. */
static int channels_axis(const tarn_onnx *o, const tarn__step *step)
{
    return tarn__onnx_in_of(o, step).ndim == 3 ? 1 : -1;
}

void tarn__onnx_write_elementwise(tarn_onnx *o, const tarn__step *step, const char *x,
                                  const char *y)
{
    const tarn_module_type *type = step->module->type;
    if (type == &tarn__nn_softmax || type == &tarn__nn_log_softmax)
        tarn_onnx_int(o, "axis", channels_axis(o, step));
    if (type == &tarn__nn_hardsigmoid)
        tarn_onnx_float(o, "alpha", 1.0 / 6); /* 0.2 if nothing is said */
    for (size_t i = 0; i < sizeof elementwise / sizeof *elementwise; i++) {
        if (elementwise[i].type != type)
            continue;
        if (elementwise[i].number)
            tarn_onnx_float(o, "alpha", tarn__number_of(step->module, elementwise[i].number));
        tarn__onnx_give(o, elementwise[i].name, y, x, NULL);
    }
}

/* ---- Several */

void tarn__onnx_write_relu6(tarn_onnx *o, const tarn__step *step, const char *x, const char *y)
{
    (void)step;
    const tarn__onnx_name low = tarn__onnx_number(o, 0), high = tarn__onnx_number(o, 6);
    tarn_onnx_node(o, "Clip", y, 3, (const char *[]){x, low.text, high.text});
}

void tarn__onnx_write_silu(tarn_onnx *o, const tarn__step *step, const char *x, const char *y)
{
    (void)step;
    tarn__onnx_give(o, "Mul", y, x, tarn__onnx_on_the_way(o, "Sigmoid", x, NULL).text);
}

/* ONNX knows no beta. */
void tarn__onnx_write_softplus(tarn_onnx *o, const tarn__step *step, const char *x, const char *y)
{
    const double beta = tarn__number_of(step->module, "beta");
    if (beta == 1) {
        tarn__onnx_give(o, "Softplus", y, x, NULL);
        return;
    }
    const tarn__onnx_name inner =
        tarn__onnx_on_the_way(o, "Softplus", tarn__onnx_by(o, "Mul", x, beta).text, NULL);
    tarn__onnx_give(o, "Mul", y, inner.text, tarn__onnx_number(o, 1 / beta).text);
}

/* x tanh(ln(1 + e^x)); ONNX has Mish from opset 18 only. */
void tarn__onnx_write_mish(tarn_onnx *o, const tarn__step *step, const char *x, const char *y)
{
    (void)step;
    const tarn__onnx_name inner = tarn__onnx_on_the_way(o, "Softplus", x, NULL);
    tarn__onnx_give(o, "Mul", y, x, tarn__onnx_on_the_way(o, "Tanh", inner.text, NULL).text);
}

/* -ln(1 + e^-x), which the logarithm of a sigmoid would be only where that is not 0. */
void tarn__onnx_write_log_sigmoid(tarn_onnx *o, const tarn__step *step, const char *x,
                                  const char *y)
{
    (void)step;
    const tarn__onnx_name inner = tarn__onnx_on_the_way(o, "Neg", x, NULL);
    tarn__onnx_give(o, "Neg", y, tarn__onnx_on_the_way(o, "Softplus", inner.text, NULL).text, NULL);
}

/* (x / 2) (1 + erf(x / sqrt(2))); ONNX has Gelu from opset 20 only. */
void tarn__onnx_write_gelu(tarn_onnx *o, const tarn__step *step, const char *x, const char *y)
{
    (void)step;
    const tarn__onnx_name erf =
        tarn__onnx_on_the_way(o, "Erf", tarn__onnx_by(o, "Mul", x, sqrt(0.5)).text, NULL);
    tarn__onnx_give(o, "Mul", y, tarn__onnx_by(o, "Mul", x, 0.5).text,
                    tarn__onnx_by(o, "Add", erf.text, 1).text);
}

void tarn__onnx_write_gelu_tanh(tarn_onnx *o, const tarn__step *step, const char *x, const char *y)
{
    (void)step;
    const tarn__onnx_name cube =
        tarn__onnx_on_the_way(o, "Mul", tarn__onnx_on_the_way(o, "Mul", x, x).text,
                              tarn__onnx_by(o, "Mul", x, 0.044715).text);
    const tarn__onnx_name sum = tarn__onnx_on_the_way(o, "Add", x, cube.text);
    const tarn__onnx_name inner = tarn__onnx_by(o, "Mul", sum.text, 0.79788456080286536);
    const tarn__onnx_name tanh = tarn__onnx_on_the_way(o, "Tanh", inner.text, NULL);
    tarn__onnx_give(o, "Mul", y, tarn__onnx_by(o, "Mul", x, 0.5).text,
                    tarn__onnx_by(o, "Add", tanh.text, 1).text);
}

void tarn__onnx_write_prelu(tarn_onnx *o, const tarn__step *step, const char *x, const char *y)
{
    const int64_t c = step->weight_count;
    const bool image = tarn__onnx_in_of(o, step).ndim == 3;
    const tarn__onnx_name slope =
        tarn__onnx_constant(o, "weight", image ? tarn_shape(c, 1, 1) : tarn_shape(c), step->weight);
    tarn__onnx_give(o, "PRelu", y, x, slope.text);
}

/* One half of the channels, from there on so many. */
static tarn__onnx_name half(tarn_onnx *o, const tarn__step *step, const char *x, int64_t from,
                            int64_t count, const char *const names[3])
{
    const tarn__onnx_name starts = tarn__onnx_shape_of(o, names[0], 1, &from);
    const tarn__onnx_name ends = tarn__onnx_shape_of(o, names[1], 1, &(int64_t){from + count});
    const tarn__onnx_name axes =
        tarn__onnx_shape_of(o, names[2], 1, &(int64_t){channels_axis(o, step)});
    const tarn__onnx_name y = tarn__onnx_named(o, from > 0 ? "gate" : "value");
    tarn_onnx_node(o, "Slice", y.text, 4, (const char *[]){x, starts.text, ends.text, axes.text});
    return y;
}

void tarn__onnx_write_glu(tarn_onnx *o, const tarn__step *step, const char *x, const char *y)
{
    static const char *const first[] = {"from1", "to1", "axis1"};
    static const char *const second[] = {"from2", "to2", "axis2"};
    const tarn_shape out = tarn__onnx_out_of(o, step);
    const int64_t count = out.dim[out.ndim - 1];
    const tarn__onnx_name value = half(o, step, x, 0, count, first);
    const tarn__onnx_name gate = half(o, step, x, count, count, second);
    tarn__onnx_give(o, "Mul", y, value.text,
                    tarn__onnx_on_the_way(o, "Sigmoid", gate.text, NULL).text);
}
