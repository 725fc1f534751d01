/* Shared between the files of optim/, not part of the interface. */
#ifndef TARN_OPTIM_INTERNAL_H
#define TARN_OPTIM_INTERNAL_H

#include "core/tensor.h"

/* Whether the list has tensors, each once, that live longer than a tape and, if they are to be
   trained, require a gradient. Reports a mistake that begins with who otherwise. */
bool tarn__check_params(const char *who, tarn_params params, bool trained);

#endif
