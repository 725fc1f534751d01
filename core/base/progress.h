/*
 * How far a loop is, as a bar on the terminal with the time that is left:
 *
 *     tarn_progress bar = tarn_progress_begin("epoch 1/2");
 *     for (...)
 *         tarn_progress_show(&bar, done, total, loss);
 *     tarn_progress_end(&bar);
 *
 *     epoch 1/2 [##########....................]  33%  loss 0.3817  ETA 0:02
 *
 * Where standard output is no terminal, such as in a file, nothing is written.
 */
#ifndef TARN_CORE_BASE_PROGRESS_H
#define TARN_CORE_BASE_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/api.h"

TARN_API_BEGIN

typedef struct tarn_progress {
    const char *label; /* before the bar; must stay as long */
    double begin;      /* seconds, of the monotonic clock */
    double drawn;      /* when it was drawn last */
    bool on_terminal;
} tarn_progress;

tarn_progress tarn_progress_begin(const char *label);

/* Draws the bar for `done` of `total` rounds, at most ten times a second, so that it may be called
   in each. A loss that is NaN is left out; nothing is drawn before the first round, or of none. */
void tarn_progress_show(tarn_progress *progress, int64_t done, int64_t total, double loss);

/* Takes the bar away. */
void tarn_progress_end(tarn_progress *progress);

TARN_API_END

#endif
