#include "nn/exchange/c_int8.h"

#include <math.h>
#include <string.h>

#include "core/base/format.h"
#include "nn/exchange/c_float.h"
#include "nn/layer.h"

/* ---- What the tables of kinds write with */

void tarn__c_print(tarn__c_writer *w, const char *format, ...)
{
    char text[1000];
    va_list arguments;
    va_start(arguments, format);
    tarn__format_list(text, sizeof text, format, arguments);
    va_end(arguments);
    if (!w->quiet)
        fputs(text, w->args->stream);
}

tarn__c_label tarn__c_label_of(const tarn__c_writer *w, const tarn__step *step)
{
    tarn__c_label label;
    snprintf(label.text, sizeof label.text, "%s_%d", w->kind_of(w, step)->function,
             (int)(step - w->steps.steps) + 1);
    return label;
}

bool tarn__c_is_float(const tarn__c_writer *w, int value)
{
    return !w->scales || value >= w->steps.steps[w->last].output;
}

tarn__c_label tarn__c_place_of(const tarn__c_writer *w, int value)
{
    tarn__c_label label = {"image"};
    const bool in_tail = w->scales && tarn__c_is_float(w, value);
    const int64_t at = in_tail ? w->tail.at[value] : w->plan.at[value];
    const char *buffer = in_tail ? "tail" : "work";
    if (value == w->steps.output)
        snprintf(label.text, sizeof label.text, "scores");
    else if (value > 0 || w->scales)
        snprintf(label.text, sizeof label.text, at > 0 ? "%s + %lld" : "%s", buffer, (long long)at);
    return label;
}

void tarn__c_call(tarn__c_writer *w, const tarn__step *step, const char *arguments)
{
    tarn__c_print(w, "    %s(%s%s, %s);", w->kind_of(w, step)->function, arguments,
                  tarn__c_place_of(w, step->input).text, tarn__c_place_of(w, step->output).text);
}

int64_t tarn__c_size_of(const tarn__c_writer *w, int value)
{
    return tarn_shape_size(w->steps.shapes[value]);
}

tarn__c_label tarn__c_float(double number)
{
    tarn__c_label label;
    tarn__format(label.text, sizeof label.text, "%.9g", (double)(float)number);
    strcat(label.text, strpbrk(label.text, ".e") ? "f" : ".0f");
    return label;
}

tarn__c_label tarn__c_number(double value)
{
    const tarn__c_label infinite = {"HUGE_VALF"}, negative = {"-HUGE_VALF"};
    return isinf((float)value) ? value > 0 ? infinite : negative : tarn__c_float(value);
}

void tarn__c_begin_array(tarn__c_writer *w, const tarn__step *step, const char *type, int bytes,
                         const char *name, int64_t count)
{
    tarn__c_print(w, "static const %s %s_%s[%lld] = {", type, tarn__c_label_of(w, step).text, name,
                  (long long)count);
    w->elements = 0;
    w->constants += count * bytes;
}

void tarn__c_element(tarn__c_writer *w, const char *format, ...)
{
    char text[32];
    va_list arguments;
    va_start(arguments, format);
    tarn__format_list(text, sizeof text, format, arguments);
    va_end(arguments);
    tarn__c_print(w, "%s%s,", w->elements++ % 8 ? " " : "\n    ", text);
}

void tarn__c_end_array(tarn__c_writer *w)
{
    tarn__c_print(w, "\n};\n");
}

void tarn__c_floats(tarn__c_writer *w, const tarn__step *step, const char *name,
                    const float *numbers, int64_t rows, int64_t columns)
{
    tarn__c_begin_array(w, step, "float", sizeof(float), name, rows * columns);
    for (int64_t i = 0; i < rows * columns; i++)
        tarn__c_element(w, "%s",
                        numbers ? tarn__c_float((double)numbers[i % rows * columns + i / rows]).text
                                : "0");
    tarn__c_end_array(w);
}

/* An image, or a list of vectors as one that is a pixel wide. */
static tarn_shape as_image(tarn_shape shape)
{
    const int64_t channels = shape.ndim > 0 ? shape.dim[shape.ndim - 1] : 1;
    if (shape.ndim == 3)
        return shape;
    return tarn_shape(tarn_shape_size(shape) / channels, 1, channels);
}

static int number_or(const tarn_module *module, const char *name, int other)
{
    const double number = tarn__number_of(module, name);
    return isnan(number) ? other : (int)number;
}

void tarn__c_window(tarn__c_writer *w, const tarn__step *step, const char *type, const char *more)
{
    const tarn_module *m = step->module;
    const bool norm = m->type == &tarn__nn_batch_norm2d;
    const tarn_shape y = as_image(w->steps.shapes[step->output]);
    /* A vector that is normalized may come in as the image that it was before it was flattened. */
    const tarn_shape x = norm ? y : as_image(w->steps.shapes[step->input]);
    tarn__c_print(w, "static const struct %s %s = {\n", type, tarn__c_label_of(w, step).text);
    tarn__c_print(w, "    .height = %d, .width = %d, .channels = %d,\n", (int)x.dim[0],
                  (int)x.dim[1], (int)x.dim[2]);
    tarn__c_print(w, "    .out_height = %d, .out_width = %d, .out_channels = %d,\n", (int)y.dim[0],
                  (int)y.dim[1], (int)y.dim[2]);
    const tarn__geometry g = tarn__geometry_of(m);
    const int groups = norm ? (int)x.dim[2] : number_or(m, "groups", 1);
    if (strcmp(type, "window_int8") == 0)
        tarn__c_print(
            w, "    .kernel = %d, .stride = %d, .padding = %d, .dilation = %d, .groups = %d,\n",
            g.kernel[0], g.stride[0], (int)g.before[0], g.dilation[0], groups);
    else
        tarn__c_print(w,
                      "    .kernel = {%d, %d}, .stride = {%d, %d}, .dilation = {%d, %d},\n"
                      "    .padding = {%d, %d}, .counted = {%d, %d}, .mode = %d, .groups = %d,\n",
                      g.kernel[0], g.kernel[1], g.stride[0], g.stride[1], g.dilation[0],
                      g.dilation[1], (int)g.before[0], (int)g.before[1], (int)g.counted[0],
                      (int)g.counted[1], g.mode, groups);
    tarn__c_print(w, "%s};\n", more);
}
