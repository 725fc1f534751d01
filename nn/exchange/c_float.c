/* How each kind of layer is written in C, in float, but for those of images. */
#include <stdio.h>

#include "nn/exchange/c_float.h"
#include "nn/exchange/c_writer.h"
#include "nn/layer.h"

static int last_dim(tarn_shape shape)
{
    return shape.ndim > 0 ? (int)shape.dim[shape.ndim - 1] : 1;
}

/* ---- Constants */

static void weights_as_they_are(tarn__c_writer *w, const tarn__step *step)
{
    tarn__c_floats(w, step, "weight", step->weight, step->weight_count, 1);
    if (step->module->type != &tarn__nn_embedding)
        tarn__c_floats(w, step, "bias", step->bias, last_dim(w->steps.shapes[step->output]), 1);
}

static void linear_data(tarn__c_writer *w, const tarn__step *step)
{
    tarn__c_weights_by_output(w, step, tarn__whole_of(step->module, "out"));
}

/* ---- Calls */

static void linear_call(tarn__c_writer *w, const tarn__step *step)
{
    char arguments[160];
    const tarn__c_label label = tarn__c_label_of(w, step);
    snprintf(arguments, sizeof arguments, "%d, %d, %s_weight, %s_bias, ",
             tarn__whole_of(step->module, "in"), tarn__whole_of(step->module, "out"), label.text,
             label.text);
    tarn__c_call(w, step, arguments);
}

static void each_call(tarn__c_writer *w, const tarn__step *step)
{
    char arguments[80];
    snprintf(arguments, sizeof arguments, "%lld, ", (long long)tarn__c_size_of(w, step->output));
    tarn__c_call(w, step, arguments);
}

static void each_with_number(tarn__c_writer *w, const tarn__step *step)
{
    char arguments[80];
    const tarn_module_type *type = step->module->type;
    const char *name = type == &tarn__nn_leaky_relu ? "slope"
                       : type == &tarn__nn_softplus ? "beta"
                                                    : "alpha";
    snprintf(arguments, sizeof arguments, "%lld, %s, ", (long long)tarn__c_size_of(w, step->output),
             tarn__c_float(tarn__number_of(step->module, name)).text);
    tarn__c_call(w, step, arguments);
}

static void rows_call(tarn__c_writer *w, const tarn__step *step)
{
    char arguments[80];
    const int size = last_dim(w->steps.shapes[step->output]);
    snprintf(arguments, sizeof arguments, "%lld, %d, ",
             (long long)tarn__c_size_of(w, step->output) / size, size);
    tarn__c_call(w, step, arguments);
}

static void prelu_data(tarn__c_writer *w, const tarn__step *step)
{
    tarn__c_floats(w, step, "weight", step->weight, step->weight_count, 1);
}

static void prelu_call(tarn__c_writer *w, const tarn__step *step)
{
    char arguments[120];
    snprintf(arguments, sizeof arguments, "%lld, %lld, %s_weight, ",
             (long long)(tarn__c_size_of(w, step->output) / step->weight_count),
             (long long)step->weight_count, tarn__c_label_of(w, step).text);
    tarn__c_call(w, step, arguments);
}

static void rms_norm_data(tarn__c_writer *w, const tarn__step *step)
{
    if (step->weight)
        tarn__c_floats(w, step, "weight", step->weight, step->weight_count, 1);
}

static void rms_norm_call(tarn__c_writer *w, const tarn__step *step)
{
    char arguments[160];
    const int size = last_dim(w->steps.shapes[step->output]);
    snprintf(arguments, sizeof arguments, "%lld, %d, %s, %s%s, ",
             (long long)tarn__c_size_of(w, step->output) / size, size,
             tarn__c_float(tarn__number_of(step->module, "eps")).text,
             step->weight ? tarn__c_label_of(w, step).text : "0", step->weight ? "_weight" : "");
    tarn__c_call(w, step, arguments);
}

static void norm_call(tarn__c_writer *w, const tarn__step *step)
{
    char arguments[240], groups[24] = "";
    const tarn__c_label label = tarn__c_label_of(w, step);
    const int channels = last_dim(w->steps.shapes[step->output]);
    if (step->module->type == &tarn__nn_group_norm)
        snprintf(groups, sizeof groups, " %d,", tarn__whole_of(step->module, "groups"));
    snprintf(arguments, sizeof arguments, "%lld, %d,%s %s, %s_weight, %s_bias, ",
             (long long)tarn__c_size_of(w, step->output) / channels, channels, groups,
             tarn__c_float(tarn__number_of(step->module, "eps")).text, label.text, label.text);
    tarn__c_call(w, step, arguments);
}

static void local_response_norm_call(tarn__c_writer *w, const tarn__step *step)
{
    char arguments[200];
    const tarn_module *m = step->module;
    const int size = last_dim(w->steps.shapes[step->output]);
    snprintf(arguments, sizeof arguments, "%lld, %d, %d, %s, %s, %s, ",
             (long long)tarn__c_size_of(w, step->output) / size, size, tarn__whole_of(m, "size"),
             tarn__c_float(tarn__number_of(m, "alpha")).text,
             tarn__c_float(tarn__number_of(m, "beta")).text,
             tarn__c_float(tarn__number_of(m, "k")).text);
    tarn__c_call(w, step, arguments);
}

static void embedding_call(tarn__c_writer *w, const tarn__step *step)
{
    char arguments[160];
    snprintf(arguments, sizeof arguments, "%lld, %d, %d, %s_weight, ",
             (long long)tarn__c_size_of(w, step->input), tarn__whole_of(step->module, "count"),
             tarn__whole_of(step->module, "size"), tarn__c_label_of(w, step).text);
    tarn__c_call(w, step, arguments);
}

static void concat_call(tarn__c_writer *w, const tarn__step *step)
{
    char arguments[120];
    const long long size = tarn__c_size_of(w, step->output);
    const long long rows = size / last_dim(w->steps.shapes[step->output]);
    snprintf(arguments, sizeof arguments, "%lld, %lld, %lld, %s, ", rows,
             (long long)tarn__c_size_of(w, step->input) / rows,
             (long long)tarn__c_size_of(w, step->other) / rows,
             tarn__c_place_of(w, step->other).text);
    tarn__c_call(w, step, arguments);
}

static void sum_call(tarn__c_writer *w, const tarn__step *step)
{
    char arguments[120];
    snprintf(arguments, sizeof arguments, "%lld, %s, ", (long long)tarn__c_size_of(w, step->output),
             tarn__c_place_of(w, step->other).text);
    tarn__c_call(w, step, arguments);
}

static void residual_call(tarn__c_writer *w, const tarn__step *step)
{
    const tarn__c_label place = tarn__c_place_of(w, step->output);
    const long long size = tarn__c_size_of(w, step->output);
    sum_call(w, step);
    if (tarn__whole_of(step->module, "relu"))
        tarn__c_print(w, "\n    relu(%lld, %s, %s);", size, place.text, place.text);
}

/* ---- The table */

#define EACH(name, function)                                                                       \
    {                                                                                              \
        &tarn__nn_##name, function, {"float/" #name}, NULL, each_call, true                        \
    }
#define EACH_BY_MATH(name, function)                                                               \
    {                                                                                              \
        &tarn__nn_##name, function, {"float/math", "float/" #name}, NULL, each_call, true          \
    }

static const tarn__c_kind kinds[] = {
    {&tarn__nn_linear, "linear", {"float/linear"}, linear_data, linear_call, false},
    EACH(relu, "relu"),
    EACH_BY_MATH(sigmoid, "sigmoid"),
    EACH_BY_MATH(tanh, "tanh_each"),
    EACH_BY_MATH(gelu, "gelu"),
    EACH_BY_MATH(gelu_tanh, "gelu_tanh"),
    EACH_BY_MATH(silu, "silu"),
    {&tarn__nn_softplus,
     "softplus",
     {"float/math", "float/softplus"},
     NULL,
     each_with_number,
     true},
    EACH_BY_MATH(log_sigmoid, "log_sigmoid"),
    EACH_BY_MATH(mish, "mish"),
    EACH_BY_MATH(selu, "selu"),
    EACH(softsign, "softsign"),
    EACH(relu6, "relu6"),
    EACH(hardsigmoid, "hardsigmoid"),
    EACH(hardswish, "hardswish"),
    {&tarn__nn_celu, "celu", {"float/math", "float/celu"}, NULL, each_with_number, true},
    {&tarn__nn_prelu, "prelu", {"float/prelu"}, prelu_data, prelu_call, true},
    {&tarn__nn_glu, "glu", {"float/math", "float/glu"}, NULL, rows_call, false},
    {&tarn__nn_rms_norm,
     "rms_norm",
     {"float/math", "float/rms_norm"},
     rms_norm_data,
     rms_norm_call,
     true},
    {&tarn__nn_leaky_relu, "leaky_relu", {"float/leaky_relu"}, NULL, each_with_number, true},
    {&tarn__nn_elu, "elu", {"float/math", "float/elu"}, NULL, each_with_number, true},
    {&tarn__nn_softmax, "softmax", {"float/math", "float/softmax"}, NULL, rows_call, true},
    {&tarn__nn_log_softmax,
     "log_softmax",
     {"float/math", "float/log_softmax"},
     NULL,
     rows_call,
     true},
    {&tarn__nn_layer_norm,
     "layer_norm",
     {"float/math", "float/layer_norm"},
     weights_as_they_are,
     norm_call,
     true},
    {&tarn__nn_group_norm,
     "group_norm",
     {"float/math", "float/group_norm"},
     weights_as_they_are,
     norm_call,
     true},
    {&tarn__nn_local_response_norm,
     "local_response_norm",
     {"float/math", "float/local_response_norm"},
     NULL,
     local_response_norm_call,
     false},
    {&tarn__nn_embedding,
     "embedding",
     {"float/embedding"},
     weights_as_they_are,
     embedding_call,
     false},
    {&tarn__nn_residual, "add", {"float/add"}, NULL, residual_call, true},
    {&tarn__nn_sum, "add", {"float/add"}, NULL, sum_call, true},
    {&tarn__nn_concat, "concat", {"float/concat"}, NULL, concat_call, false},
};
static const tarn__c_kind residual_with_relu = {
    &tarn__nn_residual, "add", {"float/add", "float/relu"}, NULL, residual_call, true};

const tarn__c_kind *tarn__c_float_kind(const tarn__c_writer *w, const tarn__step *step)
{
    const tarn_module_type *type = step->module->type;
    if (step->op) {
        const tarn__c_kind *kind = tarn__c_float_graph_kind(w, step);
        return kind ? kind : tarn__c_float_image_kind(w, step);
    }
    if (type == &tarn__nn_residual && tarn__whole_of(step->module, "relu"))
        return &residual_with_relu;
    if (type == &tarn__nn_linear && w->steps.shapes[step->output].ndim > 1)
        return tarn__c_float_image_kind(w, step); /* many rows: a convolution of 1 x 1 pixels */
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (kinds[i].type == type)
            return &kinds[i];
    return tarn__c_float_image_kind(w, step);
}
