/*
 * Errors are of two classes.
 *
 * A programmer's mistake (a wrong shape, no open tape, a label out of range) goes to the error
 * handler. The default handler prints one sentence to stderr and aborts. A handler that returns
 * makes the failed call return NULL (or false); every operation accepts NULL and returns NULL
 * without another report, so that one mistake gives one report and no crash.
 *
 * The world's mistakes (files, formats, memory, disk) do not abort: the call returns NULL or false,
 * and tarn_error() says what was wrong, where, and what would have been right.
 *
 * A program that checks nothing does not go on as if nothing had happened. What gives back a
 * tensor, a module or an optimizer passes a NULL on; what ends there (tarn_backward(), the step and
 * zero_grad of an optimizer, clipping, averaging, saving and loading, tarn_loader_next(),
 * tarn_item() and the metrics) makes it a mistake, and the handler gets the sentence that nobody
 * has read yet. So does tarn_optim_step() after a tarn_backward() that ran out of memory. A program
 * that handles errors itself checks results, and then passes no NULL on; or it sets a handler.
 *
 * An error that was dealt with is not taken for the cause of a NULL that comes later: neither one
 * that the program has read with tarn_error(), nor one that a call has told of by false.
 */
#ifndef TARN_CORE_BASE_ERROR_H
#define TARN_CORE_BASE_ERROR_H

#include <stdbool.h>

#include "core/base/api.h"

TARN_API_BEGIN

/* The last error of this thread, of either class, as one sentence without a final full stop.
   "" if there was none. Valid until the next error of this thread; owned by Tarn. Who asks is
   taken to deal with it. */
const char *tarn_error(void);

/* Called with the sentence of a programmer's mistake and the context given at installation. */
typedef void tarn_error_handler(const char *message, void *context);

/* Replaces the handler, for all threads; NULL restores the default (print and abort). */
void tarn_set_error_handler(tarn_error_handler *handler, void *context);

/* The handler that was set; NULL for the default. */
tarn_error_handler *tarn_error_handler_now(void);

/* For authors of operations, modules and optimizers. */

/* Reports a programmer's mistake to the handler. Returns NULL: `return tarn_fail("...");` Cold:
   what leads here is compiled for size, beside the way that is taken. */
void *tarn_fail(const char *format, ...) TARN_PRINTF(1, 2) __attribute__((cold));

/* Records a mistake of the world for tarn_error(). Returns false: `return tarn_set_error("...");`
 */
bool tarn_set_error(const char *format, ...) TARN_PRINTF(1, 2) __attribute__((cold));

/* For functions that nothing comes back from, when they are given NULL: `what` ("backward: the
   loss") is NULL. The handler gets the last error if it is one of the world's that nobody knows of
   yet; nothing if it has heard of a mistake, and no tarn_backward() has succeeded since; and
   "<what> is NULL" if the last error was dealt with, or there was none. Returns false. */
bool tarn_fail_null(const char *what) __attribute__((cold));

TARN_API_END

#endif
