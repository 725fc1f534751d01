/* Parameters from inside optim/. */
#ifndef TARN_OPTIM_PARAMS_INTERNAL_H
#define TARN_OPTIM_PARAMS_INTERNAL_H

#include "optim/rule.h"

/* Adds the parameters of the list, which were checked, with their state and pieces. False when
   memory runs out, and nothing has changed. */
bool tarn__optim_add_params(tarn_optim *self, tarn_params params);

/* Frees what the parameters hold, not their array. */
void tarn__optim_free_params(tarn_optim_param *params, int count);

#endif
