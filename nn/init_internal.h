/* Shared by the initializers. */
#ifndef TARN_NN_INIT_INTERNAL_H
#define TARN_NN_INIT_INTERNAL_H

#include "core/tensor.h"

/* False for NULL, and after a report to the handler if the tensor has no fans or the gain is wrong,
   see nn/init.h. */
bool tarn__has_fans(const char *function, const tarn_tensor *t, double gain);

#endif
