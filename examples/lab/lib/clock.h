/* What the time is, for measuring. */
#ifndef TARN_LAB_CLOCK_H
#define TARN_LAB_CLOCK_H

/* Seconds of the monotonic clock. */
double seconds_now(void);

#endif
