/* How layers that look at images are written in C, in float. */
#include <stdio.h>

#include "nn/exchange/c_float.h"
#include "nn/exchange/steps_graph.h"
#include "nn/layer.h"

/* ---- Constants */

void tarn__c_weights_by_output(tarn__c_writer *w, const tarn__step *step, int64_t outputs)
{
    tarn__c_floats(w, step, "weight", step->weight, step->weight_count / outputs, outputs);
    tarn__c_floats(w, step, "bias", step->bias, outputs, 1);
}

static void window_data(tarn__c_writer *w, const tarn__step *step)
{
    tarn__c_window(w, step, "window", "");
}

static void window_with_weights(tarn__c_writer *w, const tarn__step *step)
{
    char more[160];
    const tarn__c_label label = tarn__c_label_of(w, step);
    snprintf(more, sizeof more, "    .weight = %s_weight,\n    .bias = %s_bias,\n", label.text,
             label.text);
    tarn__c_window(w, step, "window", more);
}

static int64_t channels_out(const tarn__c_writer *w, const tarn__step *step)
{
    const tarn_shape y = w->steps.shapes[step->output];
    return y.ndim > 0 ? y.dim[y.ndim - 1] : 1;
}

static void conv2d_data(tarn__c_writer *w, const tarn__step *step)
{
    tarn__c_weights_by_output(w, step, channels_out(w, step));
    window_with_weights(w, step);
}

static void conv_transpose2d_data(tarn__c_writer *w, const tarn__step *step)
{
    tarn__c_floats(w, step, "weight", step->weight, step->weight_count, 1);
    tarn__c_floats(w, step, "bias", step->bias, channels_out(w, step), 1);
    window_with_weights(w, step);
}

/* ---- Calls */

static void call_with(tarn__c_writer *w, const tarn__step *step, const char *more)
{
    char arguments[100];
    snprintf(arguments, sizeof arguments, "&%s, %s", tarn__c_label_of(w, step).text, more);
    tarn__c_call(w, step, arguments);
}

static void window_call(tarn__c_writer *w, const tarn__step *step)
{
    call_with(w, step, "");
}

static void pad2d_call(tarn__c_writer *w, const tarn__step *step)
{
    call_with(w, step, "0.0f, ");
}

static tarn_nn_upsample2d_args resizing_of(const tarn__step *step)
{
    const tarn__graph_step *s = step->op ? step->op->step : NULL;
    const tarn_module *m = step->module;
    return (tarn_nn_upsample2d_args){
        .bilinear = s ? s->bilinear : tarn__whole_of(m, "bilinear"),
        .bicubic = s ? s->bicubic : tarn__whole_of(m, "bicubic"),
        .align_corners = s ? s->align_corners : tarn__whole_of(m, "align_corners"),
        .antialias = s ? s->antialias : tarn__whole_of(m, "antialias"),
    };
}

static void bilinear_call(tarn__c_writer *w, const tarn__step *step)
{
    call_with(w, step, resizing_of(step).align_corners ? "1, " : "0, ");
}

static void bicubic_call(tarn__c_writer *w, const tarn__step *step)
{
    const tarn_nn_upsample2d_args how = resizing_of(step);
    call_with(w, step, how.antialias ? "0, 1, " : how.align_corners ? "1, 0, " : "0, 0, ");
}

/* Of a Graph the channels may lie inside, as ONNX has it too. */
static void pixels_call(tarn__c_writer *w, const tarn__step *step)
{
    call_with(w, step, step->op && step->op->step->mode ? "1, " : "0, ");
}

/* ---- The table */

#define WINDOW(name, part)                                                                         \
    {                                                                                              \
        &tarn__nn_##name, #part, {"float/window", "float/" #part}, window_data, window_call, false \
    }
#define CONVOLUTION(name)                                                                          \
    {                                                                                              \
        &tarn__nn_##name, "conv2d", {"float/window", "float/inside", "float/conv2d"}, conv2d_data, \
            window_call, false                                                                     \
    }

static const tarn__c_kind kinds[] = {
    CONVOLUTION(conv2d),
    /* Of 1 x 1 pixels, with each channel in a group of its own. */
    CONVOLUTION(batch_norm2d),
    /* Of 1 x 1 pixels. */
    CONVOLUTION(linear),
    {&tarn__nn_conv_transpose2d,
     "conv_transpose2d",
     {"float/window", "float/conv_transpose2d"},
     conv_transpose2d_data,
     window_call,
     false},
    WINDOW(max_pool2d, max_pool2d),
    WINDOW(avg_pool2d, avg_pool2d),
    WINDOW(adaptive_avg_pool2d, adaptive_avg_pool2d),
    WINDOW(global_avg_pool2d, adaptive_avg_pool2d),
    WINDOW(adaptive_max_pool2d, adaptive_max_pool2d),
    WINDOW(global_max_pool2d, adaptive_max_pool2d),
    {&tarn__nn_pad2d,
     "pad2d",
     {"float/window", "float/inside", "float/pad2d"},
     window_data,
     pad2d_call,
     false},
};
static const tarn__c_kind nearest = {
    NULL,        "upsample_nearest2d", {"float/window", "float/upsample_nearest2d"},
    window_data, window_call,          false};
static const tarn__c_kind bilinear = {
    NULL,        "upsample_bilinear2d", {"float/window", "float/upsample_bilinear2d"},
    window_data, bilinear_call,         false};
static const tarn__c_kind bicubic = {
    NULL,        "upsample_bicubic2d", {"float/window", "float/upsample_bicubic2d"},
    window_data, bicubic_call,         false};
static const tarn__c_kind shuffle = {
    NULL,        "pixel_shuffle", {"float/window", "float/pixel_shuffle"},
    window_data, pixels_call,     false};
static const tarn__c_kind unshuffle = {
    NULL,        "pixel_unshuffle", {"float/window", "float/pixel_unshuffle"},
    window_data, pixels_call,       false};

/* The functions count places in the image and in the result at once, in int. */
static bool places_fit(const tarn__c_writer *w, const tarn__step *step)
{
    const tarn_shape x = w->steps.shapes[step->input], y = w->steps.shapes[step->output];
    for (int i = 0; i < 2 && i < x.ndim && i < y.ndim - 1; i++)
        if (x.dim[i] > 0 && 2 * y.dim[i] + 1 > INT32_MAX / x.dim[i])
            return false;
    return true;
}

/* NULL for a mean of more pixels than four by four, as of an image that gets smaller. */
static const tarn__c_kind *kind_of_resizing(const tarn__c_writer *w, const tarn__step *step)
{
    const tarn_nn_upsample2d_args how = resizing_of(step);
    const tarn_shape x = w->steps.shapes[step->input], y = w->steps.shapes[step->output];
    if (!places_fit(w, step) || (how.antialias && (y.dim[0] < x.dim[0] || y.dim[1] < x.dim[1])))
        return NULL;
    return how.bilinear ? &bilinear : how.bicubic ? &bicubic : &nearest;
}

/* Of a Graph what no layer does: only of one image. */
static const tarn__c_kind *kind_of_op(const tarn__c_writer *w, const tarn__steps_op *op,
                                      const tarn__step *step)
{
    if (op->first.ndim != 4 || op->first.dim[0] != 1)
        return NULL;
    if (op->step->op == &tarn__graph_pixel_shuffle)
        return &shuffle;
    if (op->step->op == &tarn__graph_pixel_unshuffle)
        return &unshuffle;
    return op->step->op == &tarn__graph_resize ? kind_of_resizing(w, step) : NULL;
}

const tarn__c_kind *tarn__c_float_image_kind(const tarn__c_writer *w, const tarn__step *step)
{
    const tarn_module_type *type = step->module->type;
    const bool adapts =
        type == &tarn__nn_adaptive_avg_pool2d || type == &tarn__nn_adaptive_max_pool2d;
    if (step->op)
        return kind_of_op(w, step->op, step);
    if (type == &tarn__nn_upsample2d)
        return kind_of_resizing(w, step);
    if (adapts && !places_fit(w, step))
        return NULL;
    if (type == &tarn__nn_pixel_shuffle)
        return &shuffle;
    if (type == &tarn__nn_pixel_unshuffle)
        return &unshuffle;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (kinds[i].type == type)
            return &kinds[i];
    return NULL;
}
