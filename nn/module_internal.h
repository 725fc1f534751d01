/* Modules from inside the library, beside nn/module.h. */
#ifndef TARN_NN_MODULE_INTERNAL_H
#define TARN_NN_MODULE_INTERNAL_H

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

/* tarn_nn_forward() of a module that does what follows it as well: at most what its type takes. */
tarn_tensor *tarn__nn_forward_fused(tarn_module *module, tarn_tensor *x, tarn_epilogue after);

/* Who looks on at the modules that run on a tape: is told of each forward when it has ended. output
   is NULL if it failed. Each module has an output of its own then: none is taken over by another.
 */
typedef void tarn__nn_note(void *context, const tarn_module *module, const tarn_tensor *input,
                           const tarn_tensor *output);
typedef struct tarn__nn_onlooker {
    tarn__nn_note *note;
    void *context;
} tarn__nn_onlooker;

/* That of the innermost tape, or of those around it; NULL for nobody. */
const tarn__nn_onlooker *tarn__nn_onlooker_now(void);

#endif
