/* A forward that somebody looks on at and that leaves no trace. */
#ifndef TARN_NN_LOOK_H
#define TARN_NN_LOOK_H

#include "nn/module_internal.h"

/* The modes of the module and all below, and these set back and freed. NULL with tarn_error() set
   when memory runs out. */
bool *tarn__nn_modes(tarn_module *module);
void tarn__nn_set_modes(tarn_module *module, bool *modes);

/* Runs the module once on x before an onlooker, in evaluation and without a gradient, and draws no
   random numbers; modes are as before afterwards. False if x is NULL, the forward failed, or memory
   ran out. */
bool tarn__nn_look(tarn_module *module, tarn_tensor *x, tarn__nn_note *note, void *context);

#endif
