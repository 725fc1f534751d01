/* A progress bar with the time that is left, on a terminal only; nothing is drawn elsewhere. */
#ifndef TARN_LAB_PROGRESS_H
#define TARN_LAB_PROGRESS_H

#include <stdbool.h>

typedef struct progress {
    const char *label; /* printed before the bar */
    double start;      /* seconds, of the monotonic clock */
    double last_drawn;
    bool on_terminal;
} progress;

/* Seconds of the monotonic clock. */
double seconds_now(void);

progress progress_begin(const char *label);

/* Draws the bar for the done part of total, at most ten times a second; a loss of NaN is left out.
 */
void progress_show(progress *p, long done, long total, double loss);

/* Takes the bar away. */
void progress_end(progress *p);

#endif
