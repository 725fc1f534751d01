/*
 * The weights of a layer in int8: whole numbers from -127 to 127 with a scale for each output,
 *
 *     y = sum of w (x - x_zero) + b,      w about weight / scale, b = bias / (scale x_step)
 *
 * so that y times scale x_step is the output. What x_zero is multiplied by is known, and goes into
 * the bias. So does what rounding the weights makes of the mean output, which the samples of the
 * calibration tell (Nagel, van Baalen, Blankevoort, Welling 2019, section 4.2).
 */
#include <math.h>

#include "nn/exchange/c_int8.h"
#include "nn/layer.h"

/* With the weights of the most taps that a layer may have, a sum stays below 2^31. */
enum { LARGEST_BIAS = 1 << 30 };

int tarn__c_shift_of(double largest)
{
    int exponent;
    frexp(largest, &exponent);
    const int shift = 31 - exponent;
    return shift > 62 ? 62 : shift < 1 ? 1 : shift;
}

int32_t tarn__c_multiplier_of(double factor, int shift)
{
    return (int32_t)fmin(round(ldexp(factor, shift)), INT32_MAX);
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
    const double scale = fmax(largest / TARN__INT8_LARGEST,
                              bias / ((double)w->scales[step->input].step * LARGEST_BIAS));
    return scale > 0 ? scale : 1;
}

/* What a sum is to be multiplied by. */
static double factor_of(const tarn__c_writer *w, const tarn__step *step, int64_t output)
{
    const double out = tarn__c_int8_is_last(w, step) ? 1 : (double)w->scales[step->output].step;
    return weight_scale(w, step, output) * (double)w->scales[step->input].step / out;
}

int tarn__c_int8_shift(const tarn__c_writer *w, const tarn__step *step)
{
    double largest = 0;
    for (int64_t o = 0; o < outputs_of(w, step); o++)
        largest = fmax(largest, factor_of(w, step, o));
    return tarn__c_shift_of(largest);
}

/* The mean of the numbers that a weight is multiplied with: of a linear layer's own input, of all
   pixels of a convolution's channel, and so of a linear layer of many rows. */
static double mean_read(const tarn__c_writer *w, const tarn__step *step, int64_t weight)
{
    const tarn__stats *in = &w->stats[step->input];
    if (step->module->type == &tarn__nn_linear &&
        in->size * outputs_of(w, step) == step->weight_count)
        return in->mean[weight / outputs_of(w, step)];
    int64_t channel = weight; /* of batch normalization */
    if (step->module->type != &tarn__nn_batch_norm2d)
        channel = tarn__channel_read(step, in->channels, weight);
    double sum = 0;
    for (int64_t i = channel; i < in->size; i += in->channels)
        sum += in->mean[i];
    return sum * (double)in->channels / (double)in->size;
}

static int rounded(const tarn__step *step, int64_t weight, double scale)
{
    return (int)lround((double)step->weight[weight] / scale);
}

static int32_t bias_of(const tarn__c_writer *w, const tarn__step *step, int64_t output)
{
    const int64_t outputs = outputs_of(w, step);
    const double scale = weight_scale(w, step, output);
    const tarn__scale in = w->scales[step->input];
    double bias = step->bias ? (double)step->bias[output] : 0;
    int64_t sum = 0;
    for (int64_t i = output; i < step->weight_count; i += outputs) {
        const int number = rounded(step, i, scale);
        bias += ((double)step->weight[i] - scale * number) * mean_read(w, step, i);
        sum += number;
    }
    return (int32_t)(llround(bias / scale / (double)in.step) - in.zero * sum);
}

static void put_multipliers(tarn__c_writer *w, const tarn__step *step)
{
    const bool last = tarn__c_int8_is_last(w, step);
    const int shift = tarn__c_int8_shift(w, step);
    tarn__c_begin_array(w, step, last ? "float" : "int32_t", 4, last ? "scale" : "multiplier",
                        outputs_of(w, step));
    for (int64_t o = 0; o < outputs_of(w, step); o++)
        if (last)
            tarn__c_element(w, "%s", tarn__c_float(factor_of(w, step, o)).text);
        else
            tarn__c_element(w, "%ld", (long)tarn__c_multiplier_of(factor_of(w, step, o), shift));
    tarn__c_end_array(w);
}

void tarn__c_int8_weights(tarn__c_writer *w, const tarn__step *step)
{
    const int64_t outputs = outputs_of(w, step);
    tarn__c_begin_array(w, step, "int8_t", 1, "weight", step->weight_count);
    for (int64_t o = 0; o < outputs; o++) {
        const double scale = weight_scale(w, step, o);
        for (int64_t i = o; i < step->weight_count; i += outputs)
            tarn__c_element(w, "%d", rounded(step, i, scale));
    }
    tarn__c_end_array(w);
    tarn__c_begin_array(w, step, "int32_t", 4, "bias", outputs);
    for (int64_t o = 0; o < outputs; o++)
        tarn__c_element(w, "%ld", (long)bias_of(w, step, o));
    tarn__c_end_array(w);
    put_multipliers(w, step);
}
