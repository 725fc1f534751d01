/* Errors from inside the library, beside core/base/error.h. */
#ifndef TARN_CORE_ERROR_INTERNAL_H
#define TARN_CORE_ERROR_INTERNAL_H

#include <stdbool.h>

/* While true, a mistake on this thread is recorded as one of the world's, and no handler hears of
   it: what is called was told its arguments by a file, not by a programmer. Returns what it was. */
bool tarn__catch_mistakes(bool caught);

#endif
