/* What several layers need, beside what every module has. */
#include <math.h>
#include <string.h>

#include "core/base/error.h"
#include "core/base/format.h"
#include "nn/layer.h"

bool tarn__nn_at_least(const char *layer, const char *name, int value, int least)
{
    return value >= least ||
           tarn_fail("%s: %s is %d, expects at least %d", layer, name, value, least);
}

tarn_module *tarn__nn_with_weights(tarn_module *layer, tarn_shape shape, int outputs, double fan_in,
                                   tarn__nn_weights *weights)
{
    const double bound = 1 / sqrt(fan_in);
    weights->weight = tarn_nn_init_uniform(shape, bound);
    bool complete = tarn_nn_add_parameter(layer, "weight", weights->weight);
    if (complete && outputs > 0) {
        weights->bias = tarn_nn_init_uniform(tarn_shape(outputs), bound);
        complete = tarn_nn_add_parameter(layer, "bias", weights->bias);
    }
    if (complete)
        return layer;
    tarn_nn_free(layer);
    return NULL;
}

bool tarn__nn_add_scale_and_shift(tarn_module *module, int channels, tarn_tensor **weight,
                                  tarn_tensor **bias)
{
    *weight = tarn_full(tarn_shape(channels), 1);
    *bias = tarn_zeros(tarn_shape(channels));
    /* Goes on after a failure, so that both tensors end up owned or freed. */
    bool complete = tarn_nn_add_parameter(module, "weight", *weight);
    complete &= tarn_nn_add_parameter(module, "bias", *bias);
    return complete;
}

void tarn_nn_describe_numbers(const tarn_module *self, char *text, size_t size)
{
    if (!self || !text || size == 0)
        return;
    const tarn_module_numbers *numbers = &self->type->numbers;
    const char *args = (const char *)self + numbers->at;
    size_t used = 0;
    text[0] = '\0';
    for (int i = 0; i < numbers->list.count && used < size; i++) {
        const tarn_option *option = &numbers->list.options[i];
        const bool named = i >= numbers->mandatory;
        const double value = tarn_option_get(option, args);
        if (!named || value != option->value)
            used += (size_t)tarn__format(text + used, size - used, "%s%s%s%s%.10g",
                                         used ? ", " : "", named ? "." : "",
                                         named ? option->name : "", named ? " = " : "", value);
    }
}
