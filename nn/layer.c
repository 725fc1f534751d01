/* What several layers need, beside what every module has. */
#include <math.h>
#include <string.h>

#include "core/base/error.h"
#include "core/base/format.h"
#include "nn/init.h"
#include "nn/layer.h"

bool tarn__nn_at_least(const char *layer, const char *name, int value, int least)
{
    return value >= least ||
           tarn_fail("%s: %s is %d, expects at least %d", layer, name, value, least);
}

bool tarn__nn_pair_at_least(const char *layer, const char *name, int height, int *width, int least)
{
    if (*width == height)
        *width = TARN_AS_HEIGHT;
    if (!tarn__nn_at_least(layer, name, height, least))
        return false;
    return *width >= least || *width == TARN_AS_HEIGHT ||
           tarn_fail("%s: %s_w is %d, expects at least %d, or TARN_AS_HEIGHT", layer, name, *width,
                     least);
}

bool tarn__nn_is_pad_mode(const char *layer, const char *name, int mode)
{
    return (mode >= TARN_PAD_CONSTANT && mode <= TARN_PAD_CIRCULAR) ||
           tarn_fail("%s: %s is %d, expects TARN_PAD_CONSTANT, TARN_PAD_REFLECT, "
                     "TARN_PAD_REPLICATE or TARN_PAD_CIRCULAR",
                     layer, name, mode);
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

/* Of all weights that belong to the same element of the last dimension. */
static tarn_tensor *lengths_of(const tarn_tensor *weight)
{
    const int64_t size = tarn_size(weight), count = tarn_dim(weight, tarn_ndim(weight) - 1);
    const tarn_real *values = tarn_values((tarn_tensor *)weight);
    tarn_tensor *lengths = tarn_zeros(tarn_shape(count));
    for (int64_t k = 0; lengths && k < count; k++) {
        double sum = 0;
        for (int64_t i = k; i < size; i += count)
            sum += (double)values[i] * (double)values[i];
        tarn_values(lengths)[k] = (tarn_real)sqrt(sum);
    }
    return lengths;
}

tarn_module *tarn__nn_with_lengths(tarn_module *layer, bool weight_norm, tarn__nn_weights *weights)
{
    if (!layer || !weight_norm)
        return layer;
    weights->length = lengths_of(weights->weight);
    if (tarn_nn_add_parameter(layer, "weight_g", weights->length))
        return layer;
    tarn_nn_free(layer);
    return NULL;
}

tarn_tensor *tarn__nn_weight(const tarn__nn_weights *own)
{
    if (!own->length)
        return own->weight;
    tarn_axes all_but_last = {.count = tarn_ndim(own->weight) - 1};
    for (int i = 0; i < all_but_last.count; i++)
        all_but_last.axis[i] = i;
    tarn_tensor *length = tarn_norm_axes(own->weight, all_but_last);
    return tarn_mul(own->weight, tarn_div(own->length, length));
}

bool tarn__nn_add_affine(tarn_module *module, int channels, bool shifts, bool trained,
                         tarn__nn_affine *affine)
{
    *affine = (tarn__nn_affine){.constant = !trained};
    affine->weight = tarn_full(tarn_shape(channels), 1);
    affine->bias = shifts ? tarn_zeros(tarn_shape(channels)) : NULL;
    if (affine->constant)
        return affine->weight && (affine->bias || !shifts);
    /* Goes on after a failure, so that both tensors end up owned or freed. */
    bool complete = tarn_nn_add_parameter(module, "weight", affine->weight);
    if (shifts)
        complete &= tarn_nn_add_parameter(module, "bias", affine->bias);
    return complete;
}

void tarn__nn_free_affine(tarn__nn_affine *affine)
{
    if (!affine->constant)
        return;
    tarn_free(affine->weight);
    tarn_free(affine->bias);
}
