/* What several layers need, beside what every module has. */
#ifndef TARN_NN_LAYER_H
#define TARN_NN_LAYER_H

#include "nn/module.h"

/* What a layer that normalizes multiplies by and adds. bias is NULL of a layer that has none. */
typedef struct tarn__nn_affine {
    tarn_tensor *weight, *bias;
    bool constant; /* no parameters: the layer's own, to be freed by tarn__nn_free_affine() */
} tarn__nn_affine;

/* Gives such a layer its parameters: "weight", at first 1, and, if it shifts, "bias", at first 0;
   or constants in their place. False when memory runs out; what there is then goes with the layer.
 */
bool tarn__nn_add_affine(tarn_module *module, int channels, bool shifts, bool trained,
                         tarn__nn_affine *affine);
void tarn__nn_free_affine(tarn__nn_affine *affine);

/* Whether a layer's number is large enough; if not, reports it as a mistake. */
bool tarn__nn_at_least(const char *layer, const char *name, int value, int least);

/* The same of the numbers for the height and the width, "stride" and "stride_w". One for the width
   that says nothing new becomes TARN_AS_HEIGHT, so that equal layers have equal numbers. */
bool tarn__nn_pair_at_least(const char *layer, const char *name, int height, int *width, int least);

/* Whether a layer's number is a tarn_pad_mode; if not, reports it as a mistake. */
bool tarn__nn_is_pad_mode(const char *layer, const char *name, int mode);

/* The number for the width. */
static inline int tarn__nn_width(int width, int height)
{
    return width == TARN_AS_HEIGHT ? height : width;
}

typedef struct tarn__nn_weights {
    tarn_tensor *weight, *bias; /* bias may be NULL */
    tarn_tensor *length;        /* of the weights of each output; NULL without weight norm */
} tarn__nn_weights;

/* The weight to compute with: the parameter, or, with weight norm, length weight / |weight|. */
tarn_tensor *tarn__nn_weight(const tarn__nn_weights *own);

/* Gives a new layer the parameters "weight" and, unless outputs is 0, "bias" (outputs), both
   uniform in +-1/sqrt(fan_in). Returns the layer, or frees it and returns NULL. */
tarn_module *tarn__nn_with_weights(tarn_module *layer, tarn_shape shape, int outputs, double fan_in,
                                   tarn__nn_weights *weights);

/* Gives it "weight_g" as well, at first the lengths that the weights have, if weight_norm. layer
   may be NULL, and weights is not looked at then. Returns the layer, or frees it and returns NULL.
 */
tarn_module *tarn__nn_with_lengths(tarn_module *layer, bool weight_norm, tarn__nn_weights *weights);

/* The numbers of a layer's constructor as a table, for those that have a struct of arguments and
   for others. TARN__NUMBER is for lists of options, TARN_NN_LINEAR_OPTIONS(TARN__NUMBER); the
   constructor looks at their ranges. */
#define TARN__NUMBER(type, name, ...)                                                              \
    {#name, TARN_OPTION_##type, offsetof(tarn_option_args, name), TARN__FIRST(__VA_ARGS__, ),      \
     TARN_RANGE_ANY},
#define TARN__FIRST(value, ...) value
#define TARN__MANDATORY(type, name) TARN__NUMBER(type, name, 0)

/* Defines make(): `call` is of the constructor, with `args` pointing to the struct. */
#define TARN__MAKE(call)                                                                           \
    static tarn_module *make(const void *numbers_, int count, tarn_module *const *children)        \
    {                                                                                              \
        const tarn_option_args *args = numbers_;                                                   \
        (void)count, (void)children;                                                               \
        return call;                                                                               \
    }

/* The types of all layers: tarn__nn_linear and so on. To be rebuilt from a file, a layer of the
   library stands here. */
#define TARN__LAYERS(LAYER)                                                                        \
    LAYER(linear)                                                                                  \
    LAYER(conv2d)                                                                                  \
    LAYER(conv_transpose2d)                                                                        \
    LAYER(max_pool2d)                                                                              \
    LAYER(avg_pool2d)                                                                              \
    LAYER(adaptive_avg_pool2d)                                                                     \
    LAYER(adaptive_max_pool2d)                                                                     \
    LAYER(global_avg_pool2d)                                                                       \
    LAYER(global_max_pool2d)                                                                       \
    LAYER(upsample2d)                                                                              \
    LAYER(pad2d)                                                                                   \
    LAYER(relu)                                                                                    \
    LAYER(sigmoid)                                                                                 \
    LAYER(tanh)                                                                                    \
    LAYER(gelu)                                                                                    \
    LAYER(silu)                                                                                    \
    LAYER(softplus)                                                                                \
    LAYER(leaky_relu)                                                                              \
    LAYER(elu)                                                                                     \
    LAYER(relu6)                                                                                   \
    LAYER(softmax)                                                                                 \
    LAYER(log_softmax)                                                                             \
    LAYER(flatten)                                                                                 \
    LAYER(dropout)                                                                                 \
    LAYER(dropout2d)                                                                               \
    LAYER(batch_norm2d)                                                                            \
    LAYER(group_norm)                                                                              \
    LAYER(residual)                                                                                \
    LAYER(graph)                                                                                   \
    LAYER(recompute)                                                                               \
    LAYER(sequential)                                                                              \
    LAYER(concat)                                                                                  \
    LAYER(sum)                                                                                     \
    LAYER(stochastic_depth)

/* Those of nn/extras.h. */
#define TARN__LAYERS_EXTRA(LAYER)                                                                  \
    LAYER(pixel_shuffle)                                                                           \
    LAYER(pixel_unshuffle)                                                                         \
    LAYER(gelu_tanh)                                                                               \
    LAYER(log_sigmoid)                                                                             \
    LAYER(mish)                                                                                    \
    LAYER(selu)                                                                                    \
    LAYER(softsign)                                                                                \
    LAYER(hardsigmoid)                                                                             \
    LAYER(hardswish)                                                                               \
    LAYER(glu)                                                                                     \
    LAYER(celu)                                                                                    \
    LAYER(prelu)                                                                                   \
    LAYER(layer_norm)                                                                              \
    LAYER(rms_norm)                                                                                \
    LAYER(embedding)                                                                               \
    LAYER(local_response_norm)

#define TARN__LAYER_DECLARE(name) extern const tarn_module_type tarn__nn_##name;
TARN__LAYERS(TARN__LAYER_DECLARE)
TARN__LAYERS_EXTRA(TARN__LAYER_DECLARE)

#endif
