/* Channels of one size across layers, see nn/exchange/calibration.h. */
#include <math.h>
#include <stdlib.h>

#include "core/base/error.h"
#include "nn/exchange/calibration.h"
#include "nn/layer.h"

/* No channel is enlarged more than this, by the largest. */
static const double MOST = 64;

static bool has_inputs(const tarn__step *step)
{
    return step->module->type == &tarn__nn_conv2d || step->module->type == &tarn__nn_linear;
}

/* Whether k x gives k y for positive k, each channel by itself. */
static bool passes_factors(const tarn__step *step)
{
    const tarn_module_type *type = step->module->type;
    return type == &tarn__nn_relu || type == &tarn__nn_leaky_relu || type == &tarn__nn_max_pool2d ||
           type == &tarn__nn_avg_pool2d || type == &tarn__nn_adaptive_avg_pool2d ||
           type == &tarn__nn_global_avg_pool2d;
}

/* The step that gives the value, if only one step reads it; else NULL. */
static tarn__step *only_source(tarn__steps *s, int value)
{
    if (tarn__steps_readers(s, value) != 1)
        return NULL;
    for (int i = 0; i < s->count; i++)
        if (s->steps[i].output == value)
            return &s->steps[i];
    return NULL;
}

/* The layer with weights from which factors pass to the input of the step. */
static tarn__step *source_of(tarn__steps *s, const tarn__step *step)
{
    tarn__step *source = only_source(s, step->input);
    while (source && passes_factors(source))
        source = only_source(s, source->input);
    return source && has_inputs(source) ? source : NULL;
}

static int64_t outputs_of(const tarn__step *step)
{
    return tarn__whole_of(step->module, "out");
}

int64_t tarn__channel_read(const tarn__step *step, int64_t channels, int64_t weight)
{
    const int64_t outputs = outputs_of(step), output = weight % outputs, row = weight / outputs;
    if (step->module->type == &tarn__nn_linear)
        return row % channels;
    const int64_t groups = tarn__whole_of(step->module, "groups"), each = channels / groups;
    return output / (outputs / groups) * each + row % each;
}

/* How large the weights are that read each channel, by the largest of their output. */
static bool weigh(const char *who, const tarn__step *step, int64_t channels, double *weights)
{
    const int64_t outputs = outputs_of(step);
    double *largest = calloc((size_t)outputs + 1, sizeof *largest);
    if (!largest)
        return tarn_set_error("%s: out of memory for the weights of channels", who);
    for (int64_t i = 0; i < step->weight_count; i++)
        largest[i % outputs] = fmax(largest[i % outputs], fabs((double)step->weight[i]));
    for (int64_t i = 0; i < step->weight_count; i++) {
        const int64_t c = tarn__channel_read(step, channels, i);
        const double most = largest[i % outputs];
        if (most > 0)
            weights[c] = fmax(weights[c], fabs((double)step->weight[i]) / most);
    }
    free(largest);
    return true;
}

static double largest_of(const double *numbers, int64_t count)
{
    double largest = 0;
    for (int64_t i = 0; i < count; i++)
        largest = fmax(largest, numbers[i]);
    return largest;
}

/* The numbers by the largest of them, and not below 1 / MOST. */
static void normalize(double *numbers, int64_t count)
{
    const double largest = largest_of(numbers, count);
    for (int64_t i = 0; i < count; i++)
        numbers[i] = largest > 0 ? fmax(numbers[i] / largest, 1 / MOST) : 1;
}

/* The divisor of each channel that the step reads. */
static bool find_divisors(const char *who, const tarn__step *step, const tarn__stats *read,
                          int64_t channels, double *divisors)
{
    double *weights = calloc((size_t)channels + 1, sizeof *weights);
    if (!weights)
        return tarn_set_error("%s: out of memory for the weights of channels", who);
    const bool weighed = weigh(who, step, channels, weights);
    const bool depthwise = step->module->type == &tarn__nn_conv2d &&
                           tarn__whole_of(step->module, "groups") == channels;
    for (int64_t c = 0; c < channels; c++)
        divisors[c] = read->largest[c] - read->least[c];
    normalize(divisors, channels);
    normalize(weights, channels);
    for (int64_t c = 0; c < channels && !depthwise; c++)
        divisors[c] = sqrt(divisors[c] / weights[c]);
    free(weights);
    return weighed;
}

static void divide_stats(tarn__stats *of, const double *divisors)
{
    for (int64_t i = 0; i < of->size; i++)
        of->mean[i] /= divisors[i % of->channels];
    for (int64_t c = 0; c < of->channels; c++) {
        of->least[c] /= divisors[c];
        of->largest[c] /= divisors[c];
        of->divisor[c] *= divisors[c];
    }
}

/* Moves the factors from the source to the step that reads it, and all values between. */
static void move(tarn__steps *s, tarn__stats *stats, tarn__step *source, tarn__step *step,
                 const double *divisors)
{
    const int64_t channels = stats[source->output].channels;
    for (int64_t i = 0; i < source->weight_count; i++)
        source->weight[i] = (float)((double)source->weight[i] / divisors[i % channels]);
    for (int64_t i = 0; i < source->bias_count; i++)
        source->bias[i] = (float)((double)source->bias[i] / divisors[i]);
    for (int64_t i = 0; i < step->weight_count; i++)
        step->weight[i] =
            (float)((double)step->weight[i] * divisors[tarn__channel_read(step, channels, i)]);
    int value = step->input;
    while (value != source->output) {
        divide_stats(&stats[value], divisors);
        value = only_source(s, value)->input;
    }
    divide_stats(&stats[value], divisors);
}

bool tarn__equalize(tarn__steps *s, const char *who, tarn__stats *stats)
{
    for (int i = 0; i < s->count; i++) {
        tarn__step *step = &s->steps[i], *source = has_inputs(step) ? source_of(s, step) : NULL;
        if (!source)
            continue;
        const int64_t channels = stats[source->output].channels;
        double *divisors = calloc((size_t)channels + 1, sizeof *divisors);
        if (!divisors)
            return tarn_set_error("%s: out of memory for the factors of channels", who);
        const bool found = find_divisors(who, step, &stats[step->input], channels, divisors);
        if (found)
            move(s, stats, source, step, divisors);
        free(divisors);
        if (!found)
            return false;
    }
    return true;
}
