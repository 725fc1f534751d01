/*
 * Tapes that are watched: how long each operation takes, and whether it makes a NaN or an infinity.
 * A tape that is not has .watch.what == 0, which is all that core/tape.c asks.
 */
#ifndef TARN_CORE_WATCH_H
#define TARN_CORE_WATCH_H

#include "core/internal.h"

/* What a new tape is watched for. */
int tarn__watch_at_first(void);

/* An operation begins, so the one before has ended. Returns false after reporting that the result
   of that one is not finite. */
bool tarn__watch_forward(tarn_tape *tape);

/* It has been recorded; false when memory runs out. */
bool tarn__watch_recorded(tarn_tape *tape, tarn_node *node);

/* Runs the node's backward function. Returns false after reporting that a gradient it made is not
   finite. */
bool tarn__watch_backward(tarn_tape *tape, const tarn_node *node);

#endif
