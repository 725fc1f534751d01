/*
 * Errors are of two classes.
 *
 * A programmer's mistake (a wrong shape, no open tape, a label out of range) goes to the error
 * handler. The default handler prints one sentence to stderr and aborts. A handler that returns
 * makes the failed call return NULL (or false); every operation accepts NULL and returns NULL
 * without another report, so that one mistake gives one report and no crash.
 *
 * The world's mistakes (files, formats, memory, disk) never abort: the call returns NULL or false,
 * and tarn_error() says what was wrong, where, and what would have been right.
 */
#ifndef TARN_CORE_ERROR_H
#define TARN_CORE_ERROR_H

#include <stdbool.h>

#include "core/base/api.h"

TARN_API_BEGIN

/* The last error of this thread, of either class, as one sentence without a final full stop.
   "" if there was none. Valid until the next error of this thread; owned by Tarn. */
const char *tarn_error(void);

/* Called with the sentence of a programmer's mistake and the context given at installation. */
typedef void tarn_error_handler(const char *message, void *context);

/* Replaces the handler, for all threads; NULL restores the default (print and abort). */
void tarn_set_error_handler(tarn_error_handler *handler, void *context);

/* For authors of operations, modules and optimizers. */

/* Reports a programmer's mistake to the handler. Returns NULL: `return tarn_fail("...");` Cold:
   what leads here is compiled for size, beside the way that is taken. */
void *tarn_fail(const char *format, ...) TARN_PRINTF(1, 2) __attribute__((cold));

/* Records a mistake of the world for tarn_error(). Returns false: `return tarn_set_error("...");`
 */
bool tarn_set_error(const char *format, ...) TARN_PRINTF(1, 2) __attribute__((cold));

TARN_API_END

#endif
