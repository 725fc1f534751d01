/* The numbers of steps, and batch normalization folded into what is before it. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/error.h"
#include "nn/exchange/steps.h"
#include "nn/exchange/weights.h"
#include "nn/layer.h"
#include "nn/module_registry.h"

static bool out_of_memory(const char *who)
{
    return tarn_set_error("%s: out of memory for the network's numbers", who);
}

/* A copy; NULL of NULL. False with tarn_error() set. */
static bool copy(const tarn__steps *s, const char *who, const tarn__step *step, const char *name,
                 float **to, int64_t *count)
{
    const tarn_tensor *tensor = tarn__part_of(step->module, name);
    if (!tensor)
        return true;
    const tarn_real *values = tarn_values((tarn_tensor *)tensor);
    *count = tarn_size(tensor);
    *to = malloc((size_t)*count * sizeof **to + 1);
    if (!*to)
        return out_of_memory(who);
    for (int64_t i = 0; i < *count; i++) {
        (*to)[i] = (float)values[i];
        if (!isfinite((*to)[i]))
            return tarn_set_error("%s: %s of \"%s\" holds %g at position %lld, expects finite "
                                  "numbers of float",
                                  who, name, tarn__name_in(s->model, step->module).text,
                                  (double)values[i], (long long)i);
    }
    return true;
}

/* What was computed of finite numbers may exceed the range, or be that of a negative variance. */
static bool are_finite(const tarn__steps *s, const char *who, const tarn__step *step)
{
    bool finite = true;
    for (int64_t i = 0; i < step->weight_count; i++)
        finite &= isfinite(step->weight[i]);
    for (int64_t i = 0; i < step->bias_count; i++)
        finite &= isfinite(step->bias[i]);
    return finite || tarn_set_error("%s: the weights of \"%s\", normalized or with the batch "
                                    "normalization in them, are no finite numbers of float",
                                    who, tarn__name_in(s->model, step->module).text);
}

/* Weights of weight norm become those that are computed with. */
static bool take_lengths(const tarn__steps *s, const char *who, tarn__step *step)
{
    float *lengths = NULL;
    int64_t count = 0;
    if (!copy(s, who, step, "weight_g", &lengths, &count))
        return false;
    for (int64_t k = 0; k < count; k++) {
        double sum = 0;
        for (int64_t i = k; i < step->weight_count; i += count)
            sum += (double)step->weight[i] * (double)step->weight[i];
        for (int64_t i = k; i < step->weight_count; i += count)
            step->weight[i] = (float)((double)step->weight[i] * (double)lengths[k] / sqrt(sum));
    }
    free(lengths);
    return true;
}

/* weight and bias, until now gamma and beta, become those of y = weight x + bias. */
static bool take_statistics(const tarn__steps *s, const char *who, tarn__step *step)
{
    float *mean = NULL, *variance = NULL;
    int64_t count = 0;
    const bool copied = copy(s, who, step, "running_mean", &mean, &count) &&
                        copy(s, who, step, "running_var", &variance, &count);
    const double eps = tarn__number_of(step->module, "eps");
    for (int64_t i = 0; copied && i < count; i++) {
        const double scale = step->weight[i] / sqrt((double)variance[i] + eps);
        step->bias[i] = (float)(step->bias[i] - scale * mean[i]);
        step->weight[i] = (float)scale;
    }
    free(mean);
    free(variance);
    return copied;
}

static bool is_norm(const tarn_module_type *type)
{
    return type == &tarn__nn_batch_norm2d || type == &tarn__nn_layer_norm ||
           type == &tarn__nn_group_norm;
}

/* Normalization without parameters multiplies by 1 and adds 0. */
static bool take_ones_and_zeros(const tarn__steps *s, const char *who, tarn__step *step)
{
    const tarn_shape shape = s->shapes[step->output];
    const int64_t count = shape.ndim > 0 ? shape.dim[shape.ndim - 1] : 0;
    step->weight = calloc((size_t)count + 1, sizeof *step->weight);
    step->bias = calloc((size_t)count + 1, sizeof *step->bias);
    if (!step->weight || !step->bias)
        return out_of_memory(who);
    for (int64_t i = 0; i < count; i++)
        step->weight[i] = 1;
    step->weight_count = step->bias_count = count;
    return true;
}

bool tarn__steps_take_weights(tarn__steps *s, const char *who)
{
    for (int i = 0; i < s->count; i++) {
        tarn__step *step = &s->steps[i];
        if (!copy(s, who, step, "weight", &step->weight, &step->weight_count) ||
            !copy(s, who, step, "bias", &step->bias, &step->bias_count))
            return false;
        if (tarn__part_of(step->module, "weight_g") &&
            tarn__type_is_of_library(step->module->type) &&
            (!take_lengths(s, who, step) || !are_finite(s, who, step)))
            return false;
        if (!step->weight && is_norm(step->module->type) && !take_ones_and_zeros(s, who, step))
            return false;
        if (step->module->type == &tarn__nn_batch_norm2d &&
            (!take_statistics(s, who, step) || !are_finite(s, who, step)))
            return false;
    }
    return true;
}

/* The step that gives the value, if batch normalization can be multiplied into it. */
static tarn__step *before(tarn__steps *s, int value)
{
    if (tarn__steps_readers(s, value) != 1)
        return NULL;
    for (int i = 0; i < s->count; i++) {
        const tarn_module_type *type = s->steps[i].module->type;
        if (s->steps[i].output == value)
            return type == &tarn__nn_conv2d || type == &tarn__nn_linear ||
                           type == &tarn__nn_conv_transpose2d
                       ? &s->steps[i]
                       : NULL;
    }
    return NULL;
}

void tarn__fold_numbers(const tarn__fold_shape *shape, float *weight, float *bias,
                        const float *scale, const float *shift)
{
    for (int64_t i = 0; i < shape->count; i++) {
        int64_t output = i % shape->outputs;
        if (shape->transposed) {
            const int64_t of_group = shape->outputs / shape->groups,
                          group = i % shape->inputs / (shape->inputs / shape->groups);
            output = group * of_group + i / shape->inputs % of_group;
        }
        weight[i] *= scale[output];
    }
    for (int64_t k = 0; k < shape->outputs; k++)
        bias[k] = bias[k] * scale[k] + shift[k];
}

static bool fold(const char *who, tarn__step *into, const tarn__step *norm)
{
    const int64_t outputs = norm->bias_count;
    if (!into->bias) {
        into->bias = calloc((size_t)outputs, sizeof *into->bias);
        if (!into->bias)
            return out_of_memory(who);
        into->bias_count = outputs;
    }
    tarn__fold_shape shape = {.count = into->weight_count, .outputs = outputs};
    if (into->module->type == &tarn__nn_conv_transpose2d) {
        shape.transposed = true;
        shape.inputs = tarn__whole_of(into->module, "in");
        shape.groups = tarn__whole_of(into->module, "groups");
    }
    tarn__fold_numbers(&shape, into->weight, into->bias, norm->weight, norm->bias);
    into->output = norm->output;
    return true;
}

bool tarn__steps_fold(tarn__steps *s, const char *who)
{
    for (int i = 0; i < s->count;) {
        tarn__step *step = &s->steps[i];
        tarn__step *into =
            step->module->type == &tarn__nn_batch_norm2d ? before(s, step->input) : NULL;
        if (!into) {
            i++;
            continue;
        }
        if (!fold(who, into, step) || !are_finite(s, who, into))
            return false;
        free(step->weight);
        free(step->bias);
        memmove(step, step + 1, (size_t)(--s->count - i) * sizeof *step);
    }
    return true;
}
