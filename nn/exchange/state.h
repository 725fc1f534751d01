/*
 * A training that began in PyTorch and goes on here: beside the weights, which tarn_nn_load()
 * reads, what the optimizer remembers. docs/export_optimizer.py writes it there:
 *
 *     export_optimizer(model, optimizer, "optimizer.safetensors")
 *
 *     tarn_nn_load(model, "model.safetensors", .layout = TARN_LAYOUT_TORCH);
 *     tarn_optim *optimizer = tarn_optim_adam(tarn_nn_parameters(model), .lr = 1e-3);
 *     tarn_nn_load_optim(optimizer, model, "optimizer.safetensors");
 */
#ifndef TARN_NN_EXCHANGE_STATE_H
#define TARN_NN_EXCHANGE_STATE_H

#include "nn/nn.h"
#include "optim/optim.h"

TARN_API_BEGIN

/* Reads it: of sgd with momentum (not of its EMA form), adam and adamw; the numbers, such as the
   rate, are those that the optimizer was made with. Its parameters must be the module's, all or
   some. One of which the file knows nothing (it never had a gradient, or was frozen) begins anew.
   Everything is checked, and all data read, before anything changes; false with tarn_error() set
   otherwise. The options are those of tarn_nn_load(). A parameter that is not the module's is a
   mistake. */
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

TARN_API_END

#endif
