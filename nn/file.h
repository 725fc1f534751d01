/*
 * Networks in files. What tarn_nn_save() writes says of which modules the network is made, so that
 * it can be rebuilt from the file alone, and what one must know to use it:
 *
 *     tarn_nn_describe(model, .input = tarn_shape(28, 28, 1), .class_count = 10,
 *                      .class_names = names);
 *     tarn_nn_save(model, "digits.safetensors");
 *     ...
 *     tarn_module *model = tarn_nn_from_file("digits.safetensors");
 *
 * docs/saving.md tells how, and how training goes on where it stopped: nn/checkpoint.h.
 */
#ifndef TARN_NN_FILE_H
#define TARN_NN_FILE_H

#include "nn/nn.h"

TARN_API_BEGIN

/* The shape of what is not known, the only one with an ndim below 0: -1. */
extern const tarn_shape tarn_nn_unknown_shape;

/* What is known of a network beside its modules. Inputs are (N, input), and were, channel c being
   the last dimension, (value - mean[c]) / deviation[c] of what the data holds (for pictures,
   numbers from 0 to 1). */
#define TARN_NN_DESCRIPTION_OPTIONS(OPTION)                                                        \
    OPTION(tarn_shape, input, tarn_nn_unknown_shape) /* of one sample: (28, 28, 1) */              \
    OPTION(int, class_count, 0)                                                                    \
    OPTION(const char *const *, class_names, NULL) /* so many texts in UTF-8 */                    \
    OPTION(int, channels, 0)                                                                       \
    OPTION(const double *, mean, NULL) /* so many numbers */                                       \
    OPTION(const double *, deviation, NULL)
typedef struct tarn_nn_description {
    TARN_OPTIONS(TARN_NN_DESCRIPTION_OPTIONS)
} tarn_nn_description;

/* Gives the module a description, in the place of an earlier one; all is copied. It goes into the
   files that are saved of this module. A shape that is no shape, a count below 0, a count without
   its arrays, and a deviation that is not above 0 are mistakes. False with tarn_error() set for a
   class name that is not UTF-8, and when memory runs out; the earlier one is then kept. */
typedef struct tarn_nn_describe_args {
    tarn_module *module;
    TARN_OPTIONS(TARN_NN_DESCRIPTION_OPTIONS)
} tarn_nn_describe_args;
bool tarn_nn_describe_with(tarn_nn_describe_args args);
#define tarn_nn_describe(...)                                                                      \
    TARN_CALL(tarn_nn_describe_with, tarn_nn_describe_args, TARN_NN_DESCRIPTION_OPTIONS,           \
              .module = __VA_ARGS__)

/* The module's description, as tarn_nn_describe() was told or as the file said that it was loaded
   from. Never NULL: of a module without one all is unknown. The module's, until it is described
   anew, loaded or freed. */
const tarn_nn_description *tarn_nn_info(const tarn_module *module);

/* Rebuilds the network that the file describes and reads its parameters and buffers. It is as the
   one that was saved, outputs to the bit, in training mode, and draws no random numbers; the caller
   frees it. Modules of a type that is not the library's are made by what tarn_nn_register()
   (nn/module.h) was told, and named in the error if that is not known. Reads a checkpoint
   (nn/checkpoint.h) as well: the model in it. NULL with tarn_error() set otherwise; a file of
   another program, or of an earlier version of Tarn, describes nothing and is for tarn_nn_load().
   The options are those of tarn_nn_load(); a file that was saved with names needs them again. */
typedef struct tarn_nn_from_file_args {
    const char *path;
    TARN_OPTIONS(TARN_NN_LOAD_OPTIONS)
} tarn_nn_from_file_args;
tarn_module *tarn_nn_from_file_with(tarn_nn_from_file_args args);
#define tarn_nn_from_file(...)                                                                     \
    TARN_CALL(tarn_nn_from_file_with, tarn_nn_from_file_args, TARN_NN_LOAD_OPTIONS,                \
              .path = __VA_ARGS__)

/* What of a module's tensors a file has. */
typedef struct tarn_nn_fit {
    int fitting;    /* in the file, with the same shape and type */
    int missing;    /* not in the file */
    int unexpected; /* in the file, not in the module */
    int different;  /* in both, with another shape or type */
} tarn_nn_fit;

/* For fine-tuning: loads of a file what fits, tensor by tensor. Nothing changes, and the call only
   reports, unless .apply is set.

       tarn_nn_load_partial(model, "pretrained.safetensors", .skip = "6.*", .report = stdout);
       tarn_nn_load_partial(model, "pretrained.safetensors", .skip = "6.*", .apply = true);

   True if the file could be read and, with .apply, the fitting tensors were loaded, all of them.
   False with tarn_error() set, and nothing changed, for a file of another layout, and with .apply
   also if no tensor fits. A checkpoint's other parts are not looked at. .from comes before what the
   names make of the module's. With it, or where the file has
   convolutions and the module none, the module is a part of the file's network, and one that begins
   with a linear layer or a normalization is refused in PyTorch's layout until .flattened tells what
   comes to it. */
#define TARN_NN_LOAD_PARTIAL_OPTIONS(OPTION)                                                       \
    OPTION(bool, apply, false)                                                                     \
    OPTION(const char *, skip, NULL) /* pattern, see fnmatch(3), of the module's names to leave */ \
    OPTION(const char *, from, "")   /* the file's names begin with this, the module's do not */   \
    OPTION(tarn_nn_fit *, fit, NULL) /* set if it is true */                                       \
    OPTION(FILE *, report, NULL) /* gets a line for each tensor that does not fit, and a sum */    \
    TARN_NN_LOAD_OPTIONS(OPTION) /* as tarn_nn_load() has them */
typedef struct tarn_nn_load_partial_args {
    tarn_module *module;
    const char *path;
    TARN_OPTIONS(TARN_NN_LOAD_PARTIAL_OPTIONS)
} tarn_nn_load_partial_args;
bool tarn_nn_load_partial_with(tarn_nn_load_partial_args args);
#define tarn_nn_load_partial(module_, ...)                                                         \
    TARN_CALL(tarn_nn_load_partial_with, tarn_nn_load_partial_args, TARN_NN_LOAD_PARTIAL_OPTIONS,  \
              .module = (module_), .path = __VA_ARGS__)

TARN_API_END

#endif
