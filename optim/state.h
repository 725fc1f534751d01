/* What must be saved of optimizers, averages and schedules with a state, for checkpoints. */
#ifndef TARN_OPTIM_STATE_H
#define TARN_OPTIM_STATE_H

#include "core/state.h"
#include "optim/optim.h"
#include "optim/schedule.h"

/* Add to the state what the object needs, its slots called "<prefix>:...". Its options, and what
   its parameters are called, their shapes and groups, are settings. */
void tarn__optim_state(tarn_optim *optimizer, const char *prefix, tarn__state *state);
void tarn__plateau_state(tarn_plateau *plateau, const char *prefix, tarn__state *state);
void tarn__early_stopping_state(tarn_early_stopping *stopping, const char *prefix,
                                tarn__state *state);

#endif
