/* Averages of weights from inside the library, beside optim/optim.h. */
#ifndef TARN_OPTIM_EMA_INTERNAL_H
#define TARN_OPTIM_EMA_INTERNAL_H

#include "core/state.h"
#include "optim/optim.h"

/* Adds to the state what must be saved of them, see optim/state.h. */
void tarn__ema_state(tarn_ema *ema, const char *prefix, tarn__state *state);

#endif
