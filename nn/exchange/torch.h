/* PyTorch's layout, for nn/exchange/layout.c. */
#ifndef TARN_NN_EXCHANGE_TORCH_H
#define TARN_NN_EXCHANGE_TORCH_H

#include "nn/exchange/layout.h"

/* For tarn__slots_for(): gives the slots of the module their forms. forms has as many. */
bool tarn__torch_forms(const char *who, const tarn_module *module, tarn__travel how,
                       const tarn__slots *slots, struct tarn__form *forms);

#endif
