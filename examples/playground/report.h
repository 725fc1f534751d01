/* Mistakes and errors of Tarn's as sentences for the page, in the place of the end of the program.
 */
#ifndef TARN_PLAYGROUND_REPORT_H
#define TARN_PLAYGROUND_REPORT_H

#include <stdbool.h>

/* At the beginning of each call from the page: nothing is wrong yet. */
void report_begin(void);

void report(const char *message);

/* Whether something was reported since then. */
bool report_any(void);

/* "" if ok; else what was reported, or Tarn's last error. Valid until the next report_begin(). */
const char *report_text(bool ok);

#endif
