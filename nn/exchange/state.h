/*
 * A training that began in PyTorch and goes on here: beside the weights, which tarn_nn_load()
 * reads, what the optimizer remembers. docs/export_optimizer.py writes it there:
 *
 *     export_optimizer(model, optimizer, "optimizer.safetensors")
 *
 *     tarn_nn_load(model, "model.safetensors", .layout = TARN_LAYOUT_TORCH);
 *     tarn_optim *optimizer = tarn_optim_adam(tarn_nn_parameters(model), .lr = 1e-3);
 *     tarn_nn_load_optim(optimizer, model, "optimizer.safetensors");
 *
 * And one that began here and goes on there, by docs/import_optimizer.py:
 *
 *     tarn_nn_save(model, "model.safetensors", .layout = TARN_LAYOUT_TORCH);
 *     tarn_nn_save_optim(optimizer, model, "optimizer.safetensors");
 *
 *     import_optimizer(model, optimizer, "optimizer.safetensors")
 */
#ifndef TARN_NN_EXCHANGE_STATE_H
#define TARN_NN_EXCHANGE_STATE_H

#include "nn/nn.h"
#include "optim/optim.h"

TARN_API_BEGIN

/* Reads it: of sgd with momentum, adam and adamw; the numbers, such as the rate, are those that the
   optimizer was made with. The EMA form of momentum is what PyTorch calls a dampening as large as
   the momentum, which the file must say; a file that says nothing has none. Its parameters must be
   the module's, all or some. One of which the file knows nothing (it never had a gradient, or was
   frozen) begins anew. Everything is checked, and all data read, before anything changes; false
   with tarn_error() set otherwise. The options are those of tarn_nn_load(). A parameter that is not
   the module's is a mistake. */
typedef struct tarn_nn_load_optim_args {
    tarn_optim *optimizer;
    const tarn_module *module;
    const char *path;
    TARN_OPTIONS(TARN_NN_LOAD_OPTIONS)
} tarn_nn_load_optim_args;
bool tarn_nn_load_optim_with(tarn_nn_load_optim_args args);
#define tarn_nn_load_optim(optimizer_, module_, ...)                                               \
    TARN_CALL(tarn_nn_load_optim_with, tarn_nn_load_optim_args, TARN_NN_LOAD_OPTIONS,              \
              .optimizer = (optimizer_), .module = (module_), .path = __VA_ARGS__)

/* Writes it, in PyTorch's layout, of those optimizers; the file is replaced as a whole or not at
   all. False with tarn_error() set for another optimizer, and where tarn_nn_save() would give
   false. A parameter that is not the module's is a mistake, and so is a name of no part. */
#define TARN_NN_SAVE_OPTIM_OPTIONS(OPTION)                                                         \
    OPTION(const tarn_nn_name *, names, NULL)                                                      \
    OPTION(int, flattened, -1)
typedef struct tarn_nn_save_optim_args {
    const tarn_optim *optimizer;
    const tarn_module *module;
    const char *path;
    TARN_OPTIONS(TARN_NN_SAVE_OPTIM_OPTIONS)
} tarn_nn_save_optim_args;
bool tarn_nn_save_optim_with(tarn_nn_save_optim_args args);
#define tarn_nn_save_optim(optimizer_, module_, ...)                                               \
    TARN_CALL(tarn_nn_save_optim_with, tarn_nn_save_optim_args, TARN_NN_SAVE_OPTIM_OPTIONS,        \
              .optimizer = (optimizer_), .module = (module_), .path = __VA_ARGS__)

TARN_API_END

#endif
