/* The types of modules by name: the library's, and those that tarn_nn_register() was told. */
#ifndef TARN_NN_MODULE_REGISTRY_H
#define TARN_NN_MODULE_REGISTRY_H

#include "nn/module.h"

bool tarn__type_is_of_library(const tarn_module_type *type);

/* Of one's own, or of the library's; NULL if there is none. */
const tarn_module_type *tarn__type_called(const char *name, bool own);

#endif
