/*
 * Tapes that are watched: how long each operation takes, and which makes the first NaN or infinity.
 */
#ifndef TARN_CORE_INSPECT_WATCH_H
#define TARN_CORE_INSPECT_WATCH_H

#include <stdbool.h>

#include "core/tape.h"

TARN_API_BEGIN

/* From now on measures, or no longer, how long each operation takes forward and backward. An
   operation lasts until the next one begins, so what the program does between the two counts too.
   Not measuring, as at first, costs nothing. Safe on NULL; the tape must be open on this thread. */
void tarn_tape_time(tarn_tape *tape, bool on);

/* Whether tapes begun from now on, on any thread, look at all that is computed, and report the
   first operation that makes a NaN or an infinity out of numbers, forward or backward, with its
   shapes and the operations that led there. It is a mistake, so the program stops, or if the
   handler returns, tarn_backward() gives false, or the next operation NULL: an operation is looked
   at when the next one begins, in tarn_backward() or at the end of the tape. A tape is reported
   once, with all that is begun within it. The minus infinities of a mask, a tensor of the program's
   own that requires no gradient, are meant, and so is a result that holds them still, but not a NaN
   or a plus infinity made of them. Who makes infinities on purpose (the logarithm of 0) gets a
   report. Off at first; it costs a pass or two over memory for each operand when on, and nothing
   when off. */
void tarn_set_anomaly(bool on);

TARN_API_END

#endif
