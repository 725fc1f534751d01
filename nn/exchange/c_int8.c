#include "nn/exchange/c_int8.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/error.h"
#include "nn/layer.h"
#include "nn/module_internal.h"

static const char me[] = "nn_export_c";
enum { LARGEST = 127, LARGEST_BIAS = 1 << 30 };

static bool has_weights(const tarn__step *step)
{
    const tarn_module_type *type = step->module->type;
    return type == &tarn__nn_conv2d || type == &tarn__nn_linear || type == &tarn__nn_batch_norm2d;
}

static bool is_last(const tarn__c_writer *w, const tarn__step *step)
{
    return step - w->steps.steps == w->last;
}

/* ---- Scales: a value is scale times whole numbers from -127 to 127 */

/* What moves or chooses numbers, and leaves them what they are. */
static bool keeps_scale(const tarn__step *step)
{
    const tarn_module_type *type = step->module->type;
    return type == &tarn__nn_relu || type == &tarn__nn_max_pool2d;
}

/* Such a step has one scale for both its values: the output's if nothing else reads its input,
   which may then be cut to what is left of it. */
static bool share_scales(tarn__c_writer *w, const float *ranges)
{
    const tarn__steps *s = &w->steps;
    int *as = malloc((size_t)s->value_count * sizeof *as);
    if (!as)
        return tarn_set_error("%s: out of memory for the scales of values", me);
    for (int v = 0; v < s->value_count; v++)
        as[v] = v;
    for (int i = 0; i < w->last; i++) {
        const tarn__step *step = &s->steps[i];
        if (!keeps_scale(step))
            continue;
        const bool alone =
            tarn__steps_readers(s, step->input) == 1 && as[step->input] == step->input;
        as[alone ? step->input : step->output] = alone ? step->output : step->input;
    }
    for (int v = 0; v < s->value_count; v++) {
        int root = v;
        while (as[root] != root)
            root = as[root];
        w->scales[v] = ranges[root] > 0 ? ranges[root] / LARGEST : 1;
    }
    free(as);
    return true;
}

bool tarn__c_int8_begin(tarn__c_writer *w)
{
    const tarn__steps *s = &w->steps;
    w->last = -1;
    for (int i = 0; i < s->count; i++)
        if (has_weights(&s->steps[i]))
            w->last = i;
    if (w->last < 0)
        return tarn_set_error("%s: the network has no convolution or linear layer that int8 would "
                              "be for",
                              me);
    float *ranges = calloc((size_t)s->value_count, sizeof *ranges);
    w->scales = calloc((size_t)s->value_count, sizeof *w->scales);
    const bool done =
        ranges && w->scales
            ? tarn__ranges_of(s, me, w->args->calibration, ranges) && share_scales(w, ranges)
            : tarn_set_error("%s: out of memory for the scales of values", me);
    free(ranges);
    return done;
}

/* ---- Constants */

int tarn__c_shift_of(double largest)
{
    int exponent;
    frexp(largest, &exponent);
    const int shift = 31 - exponent;
    return shift > 62 ? 62 : shift < 1 ? 1 : shift;
}

static int64_t outputs_of(const tarn__c_writer *w, const tarn__step *step)
{
    const tarn_shape y = w->steps.shapes[step->output];
    return y.dim[y.ndim - 1];
}

/* The scale of an output's weights. A bias that is much larger than they are needs a larger one. */
static double weight_scale(const tarn__c_writer *w, const tarn__step *step, int64_t output)
{
    const int64_t outputs = outputs_of(w, step);
    double largest = 0;
    for (int64_t i = output; i < step->weight_count; i += outputs)
        largest = fmax(largest, fabs((double)step->weight[i]));
    const double bias = step->bias ? fabs((double)step->bias[output]) : 0;
    const double scale =
        fmax(largest / LARGEST, bias / ((double)w->scales[step->input] * LARGEST_BIAS));
    return scale > 0 ? scale : 1;
}

/* What a sum is to be multiplied by. */
static double factor_of(const tarn__c_writer *w, const tarn__step *step, int64_t output)
{
    return weight_scale(w, step, output) * (double)w->scales[step->input] /
           (is_last(w, step) ? 1 : (double)w->scales[step->output]);
}

static int weights_shift(const tarn__c_writer *w, const tarn__step *step)
{
    double largest = 0;
    for (int64_t o = 0; o < outputs_of(w, step); o++)
        largest = fmax(largest, factor_of(w, step, o));
    return tarn__c_shift_of(largest);
}

static int32_t multiplier_of(double factor, int shift)
{
    return (int32_t)fmin(round(ldexp(factor, shift)), INT32_MAX);
}

static void put_weights(tarn__c_writer *w, const tarn__step *step)
{
    const int64_t outputs = outputs_of(w, step), taps = step->weight_count / outputs;
    tarn__c_begin_array(w, step, "int8_t", 1, "weight", step->weight_count);
    for (int64_t o = 0; o < outputs; o++) {
        const double scale = weight_scale(w, step, o);
        for (int64_t i = 0; i < taps; i++)
            tarn__c_element(w, "%d", (int)lround((double)step->weight[i * outputs + o] / scale));
    }
    tarn__c_end_array(w);
    tarn__c_begin_array(w, step, "int32_t", 4, "bias", outputs);
    for (int64_t o = 0; o < outputs; o++)
        tarn__c_element(w, "%ld",
                        step->bias ? lround((double)step->bias[o] / weight_scale(w, step, o) /
                                            (double)w->scales[step->input])
                                   : 0L);
    tarn__c_end_array(w);
    const int shift = weights_shift(w, step);
    tarn__c_begin_array(w, step, is_last(w, step) ? "float" : "int32_t", 4,
                        is_last(w, step) ? "scale" : "multiplier", outputs);
    for (int64_t o = 0; o < outputs; o++)
        if (is_last(w, step))
            tarn__c_element(w, "%s", tarn__c_float(factor_of(w, step, o)).text);
        else
            tarn__c_element(w, "%ld", (long)multiplier_of(factor_of(w, step, o), shift));
    tarn__c_end_array(w);
}

static void conv2d_data(tarn__c_writer *w, const tarn__step *step)
{
    char more[300], rest[120] = "";
    const tarn__c_label label = tarn__c_label_of(w, step);
    put_weights(w, step);
    if (!is_last(w, step))
        snprintf(rest, sizeof rest, "    .multiplier = %s_multiplier,\n    .shift = %d,\n",
                 label.text, weights_shift(w, step));
    snprintf(more, sizeof more, "    .weight = %s_weight,\n    .bias = %s_bias,\n%s", label.text,
             label.text, rest);
    tarn__c_window(w, step, "window_int8", more);
}

static void window_data(tarn__c_writer *w, const tarn__step *step)
{
    tarn__c_window(w, step, "window_int8", "");
}

/* The mean of so many numbers. */
static void mean_data(tarn__c_writer *w, const tarn__step *step)
{
    char more[160];
    const tarn_shape x = w->steps.shapes[step->input];
    const int kernel =
        step->module->type == &tarn__nn_avg_pool2d ? tarn__whole_of(step->module, "kernel") : 0;
    const double out_pixels = (double)tarn__c_size_of(w, step->output) / (double)x.dim[2];
    const double pixels =
        kernel > 0 ? (double)kernel * kernel : (double)(x.dim[0] * x.dim[1]) / out_pixels;
    const double factor = (double)w->scales[step->input] / (double)w->scales[step->output] / pixels;
    const int shift = tarn__c_shift_of(factor);
    tarn__c_begin_array(w, step, "int32_t", 4, "multiplier", 1);
    tarn__c_element(w, "%ld", (long)multiplier_of(factor, shift));
    tarn__c_end_array(w);
    snprintf(more, sizeof more, "    .multiplier = %s_multiplier,\n    .shift = %d,\n",
             tarn__c_label_of(w, step).text, shift);
    tarn__c_window(w, step, "window_int8", more);
}

/* ---- Activations: a table of what the module itself makes of each number */

typedef struct table {
    double numbers[2 * LARGEST + 1];
} table;

static void note_table(void *context, const tarn_module *module, const tarn_tensor *input,
                       const tarn_tensor *output)
{
    (void)module, (void)input;
    for (int i = 0; output && i <= 2 * LARGEST; i++)
        ((table *)context)->numbers[i] = (double)tarn_values((tarn_tensor *)output)[i];
}

static void table_data(tarn__c_writer *w, const tarn__step *step)
{
    table t = {{0}};
    tarn_tensor *x = tarn_zeros(tarn_shape(1, 2 * LARGEST + 1));
    for (int i = 0; x && i <= 2 * LARGEST; i++)
        tarn_values(x)[i] = (tarn_real)w->scales[step->input] * (tarn_real)(i - LARGEST);
    w->failed = w->failed || !tarn__nn_look((tarn_module *)step->module, x, note_table, &t);
    tarn_free(x);
    tarn__c_begin_array(w, step, "int8_t", 1, "table", 2 * LARGEST + 1);
    for (int i = 0; i <= 2 * LARGEST; i++) {
        const double value = round(t.numbers[i] / (double)w->scales[step->output]);
        tarn__c_element(w, "%d", (int)fmax(-LARGEST, fmin(LARGEST, value)));
    }
    tarn__c_end_array(w);
}

/* ---- Calls */

static void call(tarn__c_writer *w, const tarn__step *step, const char *arguments)
{
    tarn__c_print(w, "    %s(%s%s, %s);", tarn__c_int8_kind(w, step)->function, arguments,
                  tarn__c_place_of(w, step->input).text, tarn__c_place_of(w, step->output).text);
}

static void window_call(tarn__c_writer *w, const tarn__step *step)
{
    char arguments[160];
    const tarn__c_label label = tarn__c_label_of(w, step);
    const char *scale = is_last(w, step) ? ", " : "";
    snprintf(arguments, sizeof arguments, "&%s%s%s%s, ", label.text, scale,
             *scale ? label.text : "", *scale ? "_scale" : "");
    call(w, step, arguments);
}

static void linear_call(tarn__c_writer *w, const tarn__step *step)
{
    char arguments[300], rest[120];
    const tarn__c_label label = tarn__c_label_of(w, step);
    if (is_last(w, step))
        snprintf(rest, sizeof rest, "%s_scale, ", label.text);
    else
        snprintf(rest, sizeof rest, "%s_multiplier, %d,\n        ", label.text,
                 weights_shift(w, step));
    snprintf(arguments, sizeof arguments, "%d, %d, %s_weight, %s_bias, %s",
             tarn__whole_of(step->module, "in"), tarn__whole_of(step->module, "out"), label.text,
             label.text, rest);
    call(w, step, arguments);
}

static void each_call(tarn__c_writer *w, const tarn__step *step)
{
    char arguments[40];
    snprintf(arguments, sizeof arguments, "%lld, ", (long long)tarn__c_size_of(w, step->output));
    call(w, step, arguments);
}

static void table_call(tarn__c_writer *w, const tarn__step *step)
{
    char arguments[100];
    snprintf(arguments, sizeof arguments, "%lld, %s_table, ",
             (long long)tarn__c_size_of(w, step->output), tarn__c_label_of(w, step).text);
    call(w, step, arguments);
}

static void residual_call(tarn__c_writer *w, const tarn__step *step)
{
    char arguments[160];
    const double of_a = (double)w->scales[step->other] / (double)w->scales[step->output];
    const double of_b = (double)w->scales[step->input] / (double)w->scales[step->output];
    const int shift = tarn__c_shift_of(fmax(of_a, of_b));
    snprintf(arguments, sizeof arguments, "%lld, %d, %ld, %ld, %d, %s, ",
             (long long)tarn__c_size_of(w, step->output),
             tarn__whole_of(step->module, "relu") ? 0 : -LARGEST, (long)multiplier_of(of_a, shift),
             (long)multiplier_of(of_b, shift), shift, tarn__c_place_of(w, step->other).text);
    call(w, step, arguments);
}

/* ---- The tables */

#define WITH_WINDOW(part)                                                                          \
    {                                                                                              \
        "int8/rescale", "int8/window_int8", "int8/" #part                                          \
    }
#define TABLE(name)                                                                                \
    {                                                                                              \
        &tarn__nn_##name, "lookup", {"int8/lookup"}, table_data, table_call, true                  \
    }

static const tarn__c_kind conv2d = {
    NULL,
    "conv2d_int8",
    {"int8/rescale", "int8/window_int8", "int8/conv2d_sum", "int8/conv2d_int8"},
    conv2d_data,
    window_call,
    false};
static const tarn__c_kind conv2d_last = {
    NULL,        "conv2d_last", {"int8/window_int8", "int8/conv2d_sum", "int8/conv2d_last"},
    conv2d_data, window_call,   false};
static const tarn__c_kind linear = {
    NULL, "linear_int8", {"int8/rescale", "int8/linear_int8"}, put_weights, linear_call, false};
static const tarn__c_kind linear_last = {NULL,        "linear_last", {"int8/linear_last"},
                                         put_weights, linear_call,   false};

static const tarn__c_kind kinds[] = {
    {&tarn__nn_max_pool2d,
     "max_pool2d_int8",
     {"int8/window_int8", "int8/max_pool2d_int8"},
     window_data,
     window_call,
     false},
    {&tarn__nn_avg_pool2d, "avg_pool2d_int8", WITH_WINDOW(avg_pool2d_int8), mean_data, window_call,
     false},
    {&tarn__nn_adaptive_avg_pool2d, "tiles_int8", WITH_WINDOW(tiles_int8), mean_data, window_call,
     false},
    {&tarn__nn_global_avg_pool2d, "tiles_int8", WITH_WINDOW(tiles_int8), mean_data, window_call,
     false},
    {&tarn__nn_relu, "relu_int8", {"int8/relu_int8"}, NULL, each_call, true},
    TABLE(sigmoid),
    TABLE(tanh),
    TABLE(gelu),
    TABLE(gelu_tanh),
    TABLE(silu),
    TABLE(softplus),
    TABLE(leaky_relu),
    TABLE(elu),
    {&tarn__nn_residual, "add_int8", {"int8/add_int8"}, NULL, residual_call, true},
};

/* Of more products a sum would not fit into 32 bits. */
enum { MOST_TAPS = 66000 };

static const tarn__c_kind *kind_with_weights(const tarn__c_writer *w, const tarn__step *step)
{
    if (step->weight_count / outputs_of(w, step) > MOST_TAPS)
        return NULL;
    if (step->module->type == &tarn__nn_linear)
        return is_last(w, step) ? &linear_last : &linear;
    return is_last(w, step) ? &conv2d_last : &conv2d;
}

/* Whether it is computed before the last step with weights. */
static bool is_int8(const tarn__c_writer *w, int value)
{
    return value < w->steps.steps[w->last].output;
}

const tarn__c_kind *tarn__c_int8_kind(const tarn__c_writer *w, const tarn__step *step)
{
    const tarn_shape in = w->steps.shapes[step->input], out = w->steps.shapes[step->output];
    if (step - w->steps.steps > w->last)
        return is_int8(w, step->input) || (step->other >= 0 && is_int8(w, step->other))
                   ? NULL
                   : tarn__c_float_kind(step);
    if (has_weights(step))
        return kind_with_weights(w, step);
    if (step->module->type == &tarn__nn_adaptive_avg_pool2d &&
        (in.dim[0] % out.dim[0] != 0 || in.dim[1] % out.dim[1] != 0))
        return NULL;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (kinds[i].type == step->module->type)
            return &kinds[i];
    return NULL;
}
