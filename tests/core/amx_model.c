/* core/kernels/amx.c on the model of its instructions, under other names than in the library. */
#define _DEFAULT_SOURCE /* syscall() */
#include "tests/core/amx_model.h"
#undef _DEFAULT_SOURCE /* amx.c defines it again */

#define tarn__amx_begin amx_model_begin
#define tarn__panel_of_pairs amx_model_panel_of_pairs
#include "core/kernels/amx.c"

extern panel_function *const amx_model_panel;
panel_function *const amx_model_panel = run;
