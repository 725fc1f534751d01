/* Shared between the files of the nn folder. */
#ifndef TARN_NN_INTERNAL_H
#define TARN_NN_INTERNAL_H

#include "nn/module.h"

/* Where a part stands in the tree: its name, and the names above it. NULL for the outermost. */
typedef struct tarn__place {
    const struct tarn__place *above;
    const char *name;
} tarn__place;

/* Writes the names with dots between, "0.weight", cut to size; the full length, as snprintf(). */
size_t tarn__place_text(const tarn__place *place, char *text, size_t size);

/* The parameters of the module and all below, and the buffers if asked, in one block that the
   caller frees: free(.tensors). tensors is NULL, the count -1 and tarn_error() set when
   memory runs out. */
tarn_params tarn__nn_list(const tarn_module *module, bool with_buffers);

/* Appends ", .name = value" to a layer's description, unless the value is the usual one. */
void tarn__describe_option(char *text, size_t size, const char *name, double value, double usual);

/* The same for a list of options: TARN_CONV_OPTIONS(TARN__DESCRIBE), where args points to them. */
#define TARN__DESCRIBE(type, name, value)                                                          \
    tarn__describe_option(text, size, #name, args->name, value);

/* False for NULL, and after a report to the handler if the tensor has no fans or the gain is wrong,
   see nn/init.h. */
bool tarn__has_fans(const char *function, const tarn_tensor *t, double gain);

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

/* tarn_nn_forward() of a module that does what follows it as well: at most what its type takes. */
tarn_tensor *tarn__nn_forward_fused(tarn_module *module, tarn_tensor *x, tarn_epilogue after);

/* From now on every forward on this thread is told to the observer, until that is NULL. Each module
   has an output of its own then: none is taken over by another. output is NULL if it failed. */
typedef void tarn__nn_observer(void *context, const tarn_module *module, const tarn_tensor *output);
void tarn__nn_observe(tarn__nn_observer *observer, void *context);
bool tarn__nn_is_observed(void);

/* For metrics: the index of the largest, as nn/metrics.h defines it; whether logits and labels fit
   together, false for NULL and after a report to the handler. */
int64_t tarn__guess(const tarn_real *row, int64_t classes);
bool tarn__check_guesses(const char *name, const tarn_tensor *logits, tarn_labels labels);

/* The safetensors format: the length of the header in 8 bytes, little-endian; the header in JSON,
   {"__metadata__": {...}, "0.weight": {"dtype", "shape", "data_offsets": [begin, end]}, ...};
   then the data, little-endian, to which the offsets refer.
   https://github.com/huggingface/safetensors */
#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "nn/save.c and nn/load.c copy numbers as they are, which needs a little-endian machine"
#endif
#define TARN__METADATA "__metadata__"
/* What the metadata of Tarn's files say under "layout". */
#define TARN__LAYOUT "images NHWC, convolution weights HWIO, linear weights (in, out)"
#ifdef TARN_DOUBLE
#define TARN__DTYPE "F64"
#else
#define TARN__DTYPE "F32"
#endif

#endif
