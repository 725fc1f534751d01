/* What several layers need, beside what every module has. */
#ifndef TARN_NN_LAYER_H
#define TARN_NN_LAYER_H

#include "nn/module.h"

/* Gives a layer that normalizes its parameters: "weight", at first 1, and "bias", at first 0. */
bool tarn__nn_add_scale_and_shift(tarn_module *module, int channels, tarn_tensor **weight,
                                  tarn_tensor **bias);

/* Whether a layer's number is large enough; if not, reports it as a mistake. */
bool tarn__nn_at_least(const char *layer, const char *name, int value, int least);

typedef struct tarn__nn_weights {
    tarn_tensor *weight, *bias; /* bias may be NULL */
} tarn__nn_weights;

/* Gives a new layer the parameters "weight" and, unless outputs is 0, "bias" (outputs), both
   uniform in +-1/sqrt(fan_in). Returns the layer, or frees it and returns NULL. */
tarn_module *tarn__nn_with_weights(tarn_module *layer, tarn_shape shape, int outputs, double fan_in,
                                   tarn__nn_weights *weights);

/* Appends ", .name = value" to a layer's description, unless the value is the usual one. */
void tarn__describe_option(char *text, size_t size, const char *name, double value, double usual);

/* The same for a list of options: TARN_CONV_OPTIONS(TARN__DESCRIBE), where args points to them. */
#define TARN__DESCRIBE(type, name, value)                                                          \
    tarn__describe_option(text, size, #name, args->name, value);

#endif
