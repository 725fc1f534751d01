/*
 * Panels of pairs of bfloat16 numbers (core/kernels/pairs.h) by AMX, whose tiles are matrices in
 * registers: TDPBF16PS multiplies 16 rows of 16 pairs by 16 pairs of 16 columns, and takes as long
 * as 16 vectors of multiply-adds, which would do a sixteenth of it. Intel's processors from
 * Sapphire Rapids on have it.
 */
#ifndef TARN_CORE_KERNELS_AMX_H
#define TARN_CORE_KERNELS_AMX_H

#include <stdbool.h>

/* Whether the processor has AMX for bfloat16, and Linux lets this process use it, which this asks
   for; from then on tarn__panel_of_pairs is that of amx.c. */
bool tarn__amx_begin(void);

#endif
