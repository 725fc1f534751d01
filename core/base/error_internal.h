/* Errors from inside the library, beside core/base/error.h. */
#ifndef TARN_CORE_BASE_ERROR_INTERNAL_H
#define TARN_CORE_BASE_ERROR_INTERNAL_H

#include "core/base/error.h"

/* While true, a mistake on this thread is recorded as one of the world's, and no handler hears of
   it: what is called was told its arguments by a file, not by a programmer. Returns what it was. */
bool tarn__catch_mistakes(bool caught);

/* tarn_error() for the library itself, which does not count as the program's having read it. */
const char *tarn__error_unread(void);

/* For what gives false, not NULL: `return tarn__told(saved);`. If it failed, the program knows by
   that, and the error is not the cause of a NULL that comes later. So it is where something bad is
   left out and the call goes on: `tarn__told(false)`. Returns done. */
bool tarn__told(bool done);

/* A training step has run to its end: a NULL after it is not one of those that followed from a
   mistake which the handler heard of before. */
void tarn__recovered(void);

/* tarn_fail_null() for what is of no use although it is not NULL: "the gradients", "are ...". */
bool tarn__fail_of(const char *what, const char *is);

#endif
