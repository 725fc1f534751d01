/* How normalization is said in ONNX. */
#include "nn/exchange/onnx_norms.h"

#include <stdio.h>
#include <stdlib.h>

#include "nn/layer.h"

/* A parameter or buffer of batch normalization; other where it has none. */
static tarn__onnx_name statistics(tarn_onnx *o, const tarn__step *step, const char *what,
                                  float other)
{
    const tarn_tensor *tensor = tarn__part_of(step->module, what);
    const int64_t count = step->bias_count;
    float *values = malloc((size_t)count * sizeof *values);
    for (int64_t i = 0; values && i < count; i++)
        values[i] = tensor ? (float)tarn_values((tarn_tensor *)tensor)[i] : other;
    o->graph.failed = o->graph.failed || !values;
    const tarn__onnx_name name =
        values ? tarn__onnx_in_order(o, step, what, values, count, 0) : (tarn__onnx_name){""};
    free(values);
    return name;
}

/* ONNX has it over dimension 1; over the last of several it is y = scale x + shift. */
void tarn__onnx_write_batch_norm(tarn_onnx *o, const tarn__step *step, const char *x, const char *y)
{
    const tarn_shape in = tarn__onnx_in_of(o, step), channels = tarn_shape(step->bias_count);
    if (in.ndim != 1 && in.ndim != 3) {
        const tarn__onnx_name scale = tarn__onnx_constant(o, "scale", channels, step->weight);
        const tarn__onnx_name shift = tarn__onnx_constant(o, "shift", channels, step->bias);
        tarn__onnx_give(o, "Add", y, tarn__onnx_on_the_way(o, "Mul", x, scale.text).text,
                        shift.text);
        return;
    }
    const tarn__onnx_name gamma = statistics(o, step, "weight", 1);
    const tarn__onnx_name beta = statistics(o, step, "bias", 0);
    const tarn__onnx_name mean = statistics(o, step, "running_mean", 0);
    const tarn__onnx_name variance = statistics(o, step, "running_var", 1);
    tarn_onnx_float(o, "epsilon", tarn__number_of(step->module, "eps"));
    tarn_onnx_node(o, "BatchNormalization", y, 5,
                   (const char *[]){x, gamma.text, beta.text, mean.text, variance.text});
}

void tarn__onnx_write_layer_norm(tarn_onnx *o, const tarn__step *step, const char *x, const char *y)
{
    const bool image = tarn__onnx_in_of(o, step).ndim == 3;
    const tarn__onnx_name weight =
        tarn__onnx_in_order(o, step, "weight", step->weight, step->weight_count, 0);
    const tarn__onnx_name bias =
        tarn__onnx_in_order(o, step, "bias", step->bias, step->bias_count, 0);
    const tarn__onnx_name last = image ? tarn__onnx_to_channels_last(o, x) : (tarn__onnx_name){""};
    const tarn__onnx_name normed = tarn__onnx_named(o, "normed");
    tarn_onnx_float(o, "epsilon", tarn__number_of(step->module, "eps"));
    tarn_onnx_node(o, "LayerNormalization", image ? normed.text : y, 3,
                   (const char *[]){image ? last.text : x, weight.text, bias.text});
    if (image)
        tarn__onnx_give_channels_first(o, y, normed.text);
}

/* InstanceNormalization of (N, groups, all of a group). */
tarn__onnx_name tarn__onnx_normed_groups(tarn_onnx *o, tarn_shape in, int64_t groups, double eps,
                                         const char *x)
{
    const bool image = in.ndim == 3;
    const int64_t whole[] = {0, in.dim[in.ndim - 1], image ? in.dim[0] : 0, image ? in.dim[1] : 0};
    float *ones = calloc((size_t)(2 * groups), sizeof *ones);
    for (int64_t i = 0; ones && i < groups; i++)
        ones[i] = 1;
    o->graph.failed = o->graph.failed || !ones;
    if (!ones)
        return (tarn__onnx_name){""};
    char names[5][24];
    static const char *const what[] = {"groups", "shape", "ones", "zeros", "normed"};
    o->constants++;
    for (int i = 0; i < 5; i++)
        snprintf(names[i], sizeof names[i], "%s%d", what[i], o->constants);
    const tarn__onnx_name apart = tarn__onnx_shape_of(o, names[0], 3, (int64_t[]){0, groups, -1});
    const tarn__onnx_name back = tarn__onnx_shape_of(o, names[1], image ? 4 : 2, whole);
    const tarn__onnx_name one = tarn__onnx_constant(o, names[2], tarn_shape(groups), ones);
    const tarn__onnx_name zero =
        tarn__onnx_constant(o, names[3], tarn_shape(groups), ones + groups);
    free(ones);
    const tarn__onnx_name cut = tarn__onnx_on_the_way(o, "Reshape", x, apart.text),
                          normed = tarn__onnx_named(o, names[4]);
    tarn_onnx_float(o, "epsilon", eps);
    tarn_onnx_node(o, "InstanceNormalization", normed.text, 3,
                   (const char *[]){cut.text, one.text, zero.text});
    return tarn__onnx_on_the_way(o, "Reshape", normed.text, back.text);
}

/* Then scale and shift channel by channel. */
void tarn__onnx_write_group_norm(tarn_onnx *o, const tarn__step *step, const char *x, const char *y)
{
    const tarn_shape in = tarn__onnx_in_of(o, step);
    const int64_t c = step->weight_count;
    const tarn_shape channels = in.ndim == 3 ? tarn_shape(c, 1, 1) : tarn_shape(c);
    const tarn__onnx_name weight = tarn__onnx_constant(o, "weight", channels, step->weight);
    const tarn__onnx_name bias = tarn__onnx_constant(o, "bias", channels, step->bias);
    const tarn__onnx_name normed = tarn__onnx_normed_groups(
        o, in, tarn__whole_of(step->module, "groups"), tarn__number_of(step->module, "eps"), x);
    tarn__onnx_give(o, "Add", y, tarn__onnx_on_the_way(o, "Mul", normed.text, weight.text).text,
                    bias.text);
}

/* x / sqrt(mean of x^2 + eps), and then weight where there is one; ONNX has it from opset 23. */
void tarn__onnx_write_rms_norm(tarn_onnx *o, const tarn__step *step, const char *x, const char *y)
{
    const bool image = tarn__onnx_in_of(o, step).ndim == 3;
    const int64_t c = step->weight_count;
    const tarn__onnx_name squares = tarn__onnx_on_the_way(o, "Mul", x, x);
    tarn_onnx_ints(o, "axes", 1, &(int64_t){image ? 1 : -1});
    const tarn__onnx_name mean = tarn__onnx_on_the_way(o, "ReduceMean", squares.text, NULL);
    const tarn__onnx_name sum =
        tarn__onnx_by(o, "Add", mean.text, tarn__number_of(step->module, "eps"));
    const tarn__onnx_name root = tarn__onnx_on_the_way(o, "Sqrt", sum.text, NULL);
    if (!step->weight) {
        tarn__onnx_give(o, "Div", y, x, root.text);
        return;
    }
    const tarn__onnx_name weight =
        tarn__onnx_constant(o, "weight", image ? tarn_shape(c, 1, 1) : tarn_shape(c), step->weight);
    tarn__onnx_give(o, "Mul", y, tarn__onnx_on_the_way(o, "Div", x, root.text).text, weight.text);
}
