#include "nn/exchange/c_int8.h"

#include <math.h>

#include "nn/exchange/c_float.h"
#include "nn/layer.h"
#include "nn/look.h"
#include "nn/module_internal.h"

/* ---- Constants */

/* Of a window, with what more it has; the numbers that stand for 0 are of all. */
static void put_window(tarn__c_writer *w, const tarn__step *step, const char *more)
{
    char all[400];
    const int out = tarn__c_int8_is_last(w, step) ? 0 : w->scales[step->output].zero;
    snprintf(all, sizeof all, "    .zero = %d, .out_zero = %d,\n%s", w->scales[step->input].zero,
             out, more);
    tarn__c_window(w, step, "window_int8", all);
}

static void conv2d_data(tarn__c_writer *w, const tarn__step *step)
{
    char more[300], rest[120] = "";
    const tarn__c_label label = tarn__c_label_of(w, step);
    tarn__c_int8_weights(w, step);
    if (!tarn__c_int8_is_last(w, step))
        snprintf(rest, sizeof rest, "    .multiplier = %s_multiplier,\n    .shift = %d,\n",
                 label.text, tarn__c_int8_shift(w, step));
    snprintf(more, sizeof more, "    .weight = %s_weight,\n    .bias = %s_bias,\n%s", label.text,
             label.text, rest);
    put_window(w, step, more);
}

static void window_data(tarn__c_writer *w, const tarn__step *step)
{
    put_window(w, step, "");
}

/* How many steps of a value a step of the other is. */
static double ratio_of(const tarn__c_writer *w, int of, int by)
{
    return (double)w->scales[of].step / (double)w->scales[by].step;
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
    const double factor = ratio_of(w, step->input, step->output) / pixels;
    const int shift = tarn__c_shift_of(factor);
    tarn__c_begin_array(w, step, "int32_t", 4, "multiplier", 1);
    tarn__c_element(w, "%ld", (long)tarn__c_multiplier_of(factor, shift));
    tarn__c_end_array(w);
    snprintf(more, sizeof more, "    .multiplier = %s_multiplier,\n    .shift = %d,\n",
             tarn__c_label_of(w, step).text, shift);
    put_window(w, step, more);
}

/* ---- Activations: a table of what the module itself makes of each number */

enum { NUMBERS = TARN__INT8_LARGEST - TARN__INT8_LOWEST + 1 };
typedef struct table {
    double numbers[NUMBERS];
} table;

static void note_table(void *context, const tarn_module *module, const tarn_tensor *input,
                       const tarn_tensor *output)
{
    (void)module, (void)input;
    for (int i = 0; output && i < NUMBERS; i++)
        ((table *)context)->numbers[i] = (double)tarn_values((tarn_tensor *)output)[i];
}

static void table_data(tarn__c_writer *w, const tarn__step *step)
{
    table t = {{0}};
    const tarn__scale in = w->scales[step->input], out = w->scales[step->output];
    tarn_tensor *x = tarn_zeros(tarn_shape(1, NUMBERS));
    for (int i = 0; x && i < NUMBERS; i++)
        tarn_values(x)[i] = (tarn_real)in.step * (tarn_real)(i + TARN__INT8_LOWEST - in.zero);
    w->failed = w->failed || !tarn__nn_look((tarn_module *)step->module, x, note_table, &t);
    tarn_free(x);
    tarn__c_begin_array(w, step, "int8_t", 1, "table", NUMBERS);
    for (int i = 0; i < NUMBERS; i++) {
        const double value = round(t.numbers[i] / (double)out.step) + out.zero;
        tarn__c_element(w, "%d", (int)fmax(TARN__INT8_LOWEST, fmin(TARN__INT8_LARGEST, value)));
    }
    tarn__c_end_array(w);
}

/* ---- Sums */

static void residual_data(tarn__c_writer *w, const tarn__step *step)
{
    const double of_a = ratio_of(w, step->other, step->output);
    const double of_b = ratio_of(w, step->input, step->output);
    const int shift = tarn__c_shift_of(fmax(of_a, of_b)), zero = w->scales[step->output].zero;
    tarn__c_print(w, "static const struct sum_int8 %s = {\n    .count = %lld,\n",
                  tarn__c_label_of(w, step).text, (long long)tarn__c_size_of(w, step->output));
    tarn__c_print(w, "    .of_a = %ld, .of_b = %ld, .shift = %d,\n",
                  (long)tarn__c_multiplier_of(of_a, shift),
                  (long)tarn__c_multiplier_of(of_b, shift), shift);
    tarn__c_print(w, "    .a_zero = %d, .b_zero = %d, .out_zero = %d, .least = %d,\n};\n",
                  w->scales[step->other].zero, w->scales[step->input].zero, zero,
                  tarn__whole_of(step->module, "relu") ? zero : TARN__INT8_LOWEST);
}

/* ---- Calls */

static void window_call(tarn__c_writer *w, const tarn__step *step)
{
    char arguments[160];
    const tarn__c_label label = tarn__c_label_of(w, step);
    const char *scale = tarn__c_int8_is_last(w, step) ? ", " : "";
    snprintf(arguments, sizeof arguments, "&%s%s%s%s, ", label.text, scale,
             *scale ? label.text : "", *scale ? "_scale" : "");
    tarn__c_call(w, step, arguments);
}

static void linear_call(tarn__c_writer *w, const tarn__step *step)
{
    char arguments[300], rest[120];
    const tarn__c_label label = tarn__c_label_of(w, step);
    if (tarn__c_int8_is_last(w, step))
        snprintf(rest, sizeof rest, "%s_scale, ", label.text);
    else
        snprintf(rest, sizeof rest, "%s_multiplier, %d, %d,\n        ", label.text,
                 tarn__c_int8_shift(w, step), w->scales[step->output].zero);
    snprintf(arguments, sizeof arguments, "%d, %d, %s_weight, %s_bias, %s",
             tarn__whole_of(step->module, "in"), tarn__whole_of(step->module, "out"), label.text,
             label.text, rest);
    tarn__c_call(w, step, arguments);
}

static void relu_call(tarn__c_writer *w, const tarn__step *step)
{
    char arguments[60];
    snprintf(arguments, sizeof arguments, "%lld, %d, ", (long long)tarn__c_size_of(w, step->output),
             w->scales[step->input].zero);
    tarn__c_call(w, step, arguments);
}

static void table_call(tarn__c_writer *w, const tarn__step *step)
{
    char arguments[100];
    snprintf(arguments, sizeof arguments, "%lld, %s_table, ",
             (long long)tarn__c_size_of(w, step->output), tarn__c_label_of(w, step).text);
    tarn__c_call(w, step, arguments);
}

static void residual_call(tarn__c_writer *w, const tarn__step *step)
{
    char arguments[120];
    snprintf(arguments, sizeof arguments, "&%s, %s, ", tarn__c_label_of(w, step).text,
             tarn__c_place_of(w, step->other).text);
    tarn__c_call(w, step, arguments);
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
    NULL,        "linear_int8", {"int8/rescale", "int8/linear_int8"}, tarn__c_int8_weights,
    linear_call, false};
static const tarn__c_kind linear_last = {
    NULL, "linear_last", {"int8/linear_last"}, tarn__c_int8_weights, linear_call, false};

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
    {&tarn__nn_relu, "relu_int8", {"int8/relu_int8"}, NULL, relu_call, true},
    TABLE(sigmoid),
    TABLE(tanh),
    TABLE(gelu),
    TABLE(gelu_tanh),
    TABLE(silu),
    TABLE(softplus),
    TABLE(leaky_relu),
    TABLE(elu),
    TABLE(celu),
    TABLE(log_sigmoid),
    TABLE(mish),
    TABLE(selu),
    TABLE(softsign),
    TABLE(relu6),
    TABLE(hardsigmoid),
    TABLE(hardswish),
    {&tarn__nn_residual, "add_int8", {"int8/add_int8"}, residual_data, residual_call, true},
};

/* Of more products a sum would not fit into 32 bits. */
enum { MOST_TAPS = 33000 };

static const tarn__c_kind *kind_with_weights(const tarn__c_writer *w, const tarn__step *step)
{
    const tarn_shape y = w->steps.shapes[step->output];
    if (step->weight_count / y.dim[y.ndim - 1] > MOST_TAPS)
        return NULL;
    if (step->module->type == &tarn__nn_linear && y.ndim == 1)
        return tarn__c_int8_is_last(w, step) ? &linear_last : &linear;
    return tarn__c_int8_is_last(w, step) ? &conv2d_last : &conv2d;
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
                   : tarn__c_float_kind(w, step);
    if (!tarn__geometry_of(step->module).plain)
        return NULL;
    if (tarn__c_int8_has_weights(step))
        return kind_with_weights(w, step);
    if (step->module->type == &tarn__nn_adaptive_avg_pool2d &&
        (in.dim[0] % out.dim[0] != 0 || in.dim[1] % out.dim[1] != 0))
        return NULL;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (kinds[i].type == step->module->type)
            return &kinds[i];
    return NULL;
}
