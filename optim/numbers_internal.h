/* Numbers of the rule from inside optim/. */
#ifndef TARN_OPTIM_NUMBERS_INTERNAL_H
#define TARN_OPTIM_NUMBERS_INTERNAL_H

#include "core/state.h"
#include "optim/rule.h"

/* The arguments of a group whose numbers a text names, in `to`, where they stay as long as a
   parameter has them; NULL without a text. False after a mistake of the function, or with
   tarn_error() set when memory runs out. */
bool tarn__optim_group_args(tarn_optim *self, const char *function, const char *text, void **to);

/* Adds to the state the numbers that tarn_optim_set() may change, see optim/state.h. */
void tarn__optim_numbers_state(tarn_optim *optimizer, const char *prefix, tarn__state *state);

#endif
