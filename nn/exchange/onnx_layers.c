/* Which layers can be said in ONNX, and those that put values together. */
#include "nn/exchange/onnx_nodes.h"
#include "nn/layer.h"

/* ---- Order */

/* From the numbers of an image, channel by channel, to pixel by pixel. */
static void put_in_order(tarn_onnx *o, tarn_shape image, const char *x, const char *y)
{
    const int64_t dims[] = {0, image.dim[2], image.dim[0], image.dim[1]};
    const tarn__onnx_name shape =
        tarn__onnx_shape_of(o, o->reshapes++ ? "image2" : "image", 4, dims);
    const tarn__onnx_name apart = tarn__onnx_on_the_way(o, "Reshape", x, shape.text);
    tarn__onnx_give(o, "Flatten", y, tarn__onnx_to_channels_last(o, apart.text).text, NULL);
}

/* What a value is called where the step reads it: in order, unless the output is to have the
   same disorder. */
static tarn__onnx_name reading(tarn_onnx *o, const tarn__step *step, int value)
{
    const tarn__onnx_name name = tarn__onnx_value(o, value);
    if (o->scrambled[value].ndim == 0 || o->scrambled[step->output].ndim > 0)
        return name;
    const tarn__onnx_name ordered = tarn__onnx_named(o, value == step->input ? "input" : "other");
    put_in_order(o, o->scrambled[value], name.text, ordered.text);
    return ordered;
}

/* ---- Beside each other, and by ids */

/* Ids are floats in Tarn. Of an image of ids comes an image of vectors. */
static void write_embedding(tarn_onnx *o, const tarn__step *step, const char *x, const char *y)
{
    const tarn_shape table = tarn_shape_get(tarn__part_of(step->module, "weight"));
    const tarn__onnx_name weight = tarn__onnx_constant(o, "weight", table, step->weight);
    const bool image = tarn__onnx_in_of(o, step).ndim == 2;
    tarn_onnx_int(o, "to", 7); /* int64 */
    const tarn__onnx_name ids = tarn__onnx_on_the_way(o, "Cast", x, NULL);
    if (image)
        tarn__onnx_give_channels_first(
            o, y, tarn__onnx_on_the_way(o, "Gather", weight.text, ids.text).text);
    else
        tarn__onnx_give(o, "Gather", y, weight.text, ids.text);
}

static void write_residual(tarn_onnx *o, const tarn__step *step, const char *x, const char *y)
{
    const bool relu = tarn__whole_of(step->module, "relu");
    const tarn__onnx_name other = reading(o, step, step->other);
    if (relu)
        tarn__onnx_give(o, "Relu", y, tarn__onnx_on_the_way(o, "Add", x, other.text).text, NULL);
    else
        tarn__onnx_give(o, "Add", y, x, other.text);
}

static void write_sum(tarn_onnx *o, const tarn__step *step, const char *x, const char *y)
{
    tarn__onnx_give(o, "Add", y, x, reading(o, step, step->other).text);
}

static void write_concat(tarn_onnx *o, const tarn__step *step, const char *x, const char *y)
{
    tarn_onnx_int(o, "axis", tarn__onnx_in_of(o, step).ndim == 3 ? 1 : -1);
    tarn__onnx_give(o, "Concat", y, x, reading(o, step, step->other).text);
}

/* As many channels before each as behind it: of an even size ONNX has one more behind. */
static void write_local_response_norm(tarn_onnx *o, const tarn__step *step, const char *x,
                                      const char *y)
{
    static const char *const numbers[][2] = {{"alpha", "alpha"}, {"beta", "beta"}, {"bias", "k"}};
    for (int i = 0; i < 3; i++)
        tarn_onnx_float(o, numbers[i][0], tarn__number_of(step->module, numbers[i][1]));
    tarn_onnx_int(o, "size", tarn__whole_of(step->module, "size"));
    tarn__onnx_give(o, "LRN", y, x, NULL);
}

/* ---- All of them */

static const struct kind {
    const tarn_module_type *type;
    tarn__onnx_layer *write;
    /* What it does with a scrambled input: a layer that does neither gets it in order. */
    enum { ORDERED, TAKES, KEEPS } scrambled;
} kinds[] = {
    {&tarn__nn_conv2d, tarn__onnx_write_convolution, ORDERED},
    {&tarn__nn_conv_transpose2d, tarn__onnx_write_convolution, ORDERED},
    {&tarn__nn_linear, tarn__onnx_write_linear, TAKES},
    {&tarn__nn_max_pool2d, tarn__onnx_write_pooling, ORDERED},
    {&tarn__nn_avg_pool2d, tarn__onnx_write_pooling, ORDERED},
    {&tarn__nn_adaptive_avg_pool2d, tarn__onnx_write_adaptive, ORDERED},
    {&tarn__nn_adaptive_max_pool2d, tarn__onnx_write_adaptive, ORDERED},
    {&tarn__nn_global_avg_pool2d, tarn__onnx_write_global, ORDERED},
    {&tarn__nn_global_max_pool2d, tarn__onnx_write_global, ORDERED},
    {&tarn__nn_pixel_shuffle, tarn__onnx_write_shuffle, ORDERED},
    {&tarn__nn_pixel_unshuffle, tarn__onnx_write_unshuffle, ORDERED},
    {&tarn__nn_upsample2d, tarn__onnx_write_upsampling, ORDERED},
    {&tarn__nn_pad2d, tarn__onnx_write_pad, ORDERED},
    {&tarn__nn_flatten, tarn__onnx_write_flatten, KEEPS},
    {&tarn__nn_batch_norm2d, tarn__onnx_write_batch_norm, KEEPS},
    {&tarn__nn_layer_norm, tarn__onnx_write_layer_norm, KEEPS},
    {&tarn__nn_group_norm, tarn__onnx_write_group_norm, ORDERED},
    {&tarn__nn_rms_norm, tarn__onnx_write_rms_norm, ORDERED},
    {&tarn__nn_relu, tarn__onnx_write_elementwise, KEEPS},
    {&tarn__nn_sigmoid, tarn__onnx_write_elementwise, KEEPS},
    {&tarn__nn_tanh, tarn__onnx_write_elementwise, KEEPS},
    {&tarn__nn_softplus, tarn__onnx_write_softplus, KEEPS},
    {&tarn__nn_softmax, tarn__onnx_write_elementwise, KEEPS},
    {&tarn__nn_log_softmax, tarn__onnx_write_elementwise, KEEPS},
    {&tarn__nn_leaky_relu, tarn__onnx_write_elementwise, KEEPS},
    {&tarn__nn_elu, tarn__onnx_write_elementwise, KEEPS},
    {&tarn__nn_celu, tarn__onnx_write_elementwise, KEEPS},
    {&tarn__nn_selu, tarn__onnx_write_elementwise, KEEPS},
    {&tarn__nn_softsign, tarn__onnx_write_elementwise, KEEPS},
    {&tarn__nn_hardsigmoid, tarn__onnx_write_elementwise, KEEPS},
    {&tarn__nn_hardswish, tarn__onnx_write_elementwise, KEEPS},
    {&tarn__nn_relu6, tarn__onnx_write_relu6, KEEPS},
    {&tarn__nn_silu, tarn__onnx_write_silu, KEEPS},
    {&tarn__nn_gelu, tarn__onnx_write_gelu, KEEPS},
    {&tarn__nn_gelu_tanh, tarn__onnx_write_gelu_tanh, KEEPS},
    {&tarn__nn_mish, tarn__onnx_write_mish, KEEPS},
    {&tarn__nn_log_sigmoid, tarn__onnx_write_log_sigmoid, KEEPS},
    {&tarn__nn_prelu, tarn__onnx_write_prelu, ORDERED},
    {&tarn__nn_glu, tarn__onnx_write_glu, ORDERED},
    {&tarn__nn_embedding, write_embedding, ORDERED},
    {&tarn__nn_residual, write_residual, KEEPS},
    {&tarn__nn_sum, write_sum, KEEPS},
    {&tarn__nn_concat, write_concat, ORDERED},
    {&tarn__nn_local_response_norm, write_local_response_norm, ORDERED},
    {&tarn__nn_graph, tarn__onnx_write_graph, ORDERED},
};

static const struct kind *kind_of(const tarn_module_type *type)
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (kinds[i].type == type)
            return &kinds[i];
    return NULL;
}

/* Asks what was given for modules of one's own to write the step, or, onnx being NULL, whether. */
static bool ask(tarn_onnx *onnx, const tarn_onnx *o, const tarn__step *step, const char *x,
                const char *y)
{
    const tarn__onnx_name name = tarn__onnx_module(o, step);
    return o->args->own && o->args->own(onnx, &(tarn_onnx_place){.module = step->module,
                                                                 .name = name.text,
                                                                 .input = x,
                                                                 .output = y,
                                                                 .context = o->args->context});
}

static bool pads_in_circles(const tarn_module *m)
{
    return (m->type == &tarn__nn_pad2d && tarn__whole_of(m, "mode") == TARN_PAD_CIRCULAR) ||
           (m->type == &tarn__nn_conv2d && tarn__whole_of(m, "padding_mode") == TARN_PAD_CIRCULAR);
}

bool tarn__onnx_can(const void *onnx, const tarn__step *step)
{
    const tarn_onnx *o = onnx;
    const int ndim = tarn__onnx_in_of(o, step).ndim;
    if (step->module->type == &tarn__nn_group_norm)
        return ndim == 1 || ndim == 3;
    if (step->module->type == &tarn__nn_local_response_norm)
        return ndim == 3 && tarn__whole_of(step->module, "size") % 2 == 1;
    if (pads_in_circles(step->module))
        return false;
    if (step->module->type == &tarn__nn_embedding)
        return ndim != 3;
    const tarn_shape in = tarn__onnx_in_of(o, step), out = tarn__onnx_out_of(o, step);
    if (step->module->type == &tarn__nn_adaptive_max_pool2d)
        return in.dim[0] % out.dim[0] == 0 && in.dim[1] % out.dim[1] == 0;
    return kind_of(step->module->type) || ask(NULL, o, step, tarn__onnx_value(o, step->input).text,
                                              tarn__onnx_value(o, step->output).text);
}

/* The image whose numbers the step's output is, if they are in another order than Tarn's. */
static tarn_shape scramble_of(const tarn_onnx *o, const tarn__step *step)
{
    const struct kind *kind = kind_of(step->module->type);
    const tarn_shape in = tarn__onnx_in_of(o, step), none = tarn_shape();
    if (!kind || kind->scrambled != KEEPS)
        return none;
    if (step->module->type == &tarn__nn_flatten && in.ndim == 3)
        return in.dim[0] * in.dim[1] > 1 ? in : none;
    const tarn_shape input = o->scrambled[step->input];
    return step->other < 0 || tarn_shape_equal(input, o->scrambled[step->other]) ? input : none;
}

void tarn__onnx_write(tarn_onnx *o, const tarn__step *step)
{
    o->step = step;
    o->temporaries = o->constants = o->reshapes = 0;
    o->scrambled[step->output] = scramble_of(o, step);
    const struct kind *kind = kind_of(step->module->type);
    const bool takes = kind && kind->scrambled == TAKES;
    const bool last = step->output == o->steps.output && o->scrambled[step->output].ndim > 0;
    const tarn__onnx_name y = tarn__onnx_value(o, step->output);
    const tarn__onnx_name to = last ? tarn__onnx_named(o, "scrambled") : y;
    const tarn__onnx_name x =
        takes ? tarn__onnx_value(o, step->input) : reading(o, step, step->input);
    if (kind)
        kind->write(o, step, x.text, to.text);
    else if (!ask(o, o, step, x.text, to.text))
        tarn__onnx_fail(o,
                        ".own gives false for \"%s\" (%.60s), of which it said before that it "
                        "can",
                        tarn__name_in(o->steps.model, step->module).text, step->module->type->name);
    if (last)
        put_in_order(o, o->scrambled[step->output], to.text, y.text);
}
