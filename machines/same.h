/* Whether the processes are alike: in what they run, compute and train on. */
#ifndef TARN_MACHINES_SAME_H
#define TARN_MACHINES_SAME_H

#include "machines/team.h"

/* All: ends all processes if one runs another program or library, or a processor computes other
   bits. */
void tarn__same_build(void);

#endif
