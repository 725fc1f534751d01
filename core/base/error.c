#include "core/base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/error_internal.h"
#include "core/base/format.h"

static _Thread_local char last_error[1024];

static void print_and_abort(const char *message, void *context)
{
    (void)context;
    fprintf(stderr, "tarn: %s\n", message);
    abort();
}

static tarn_error_handler *handler = print_and_abort;
static void *handler_context;

/* Whom last_error still has to reach, should a NULL be where it matters. */
typedef enum standing {
    SETTLED, /* nobody: there is none, or the program has read it or was told by false */
    UNHEARD, /* one of the world's, of which nobody knows yet */
    HEARD    /* the handler knows, and need not hear of the NULLs that follow */
} standing;

static _Thread_local standing last_is;

const char *tarn_error(void)
{
    if (last_is == UNHEARD)
        last_is = SETTLED;
    return last_error;
}

const char *tarn__error_unread(void)
{
    return last_error;
}

bool tarn__told(bool done)
{
    if (!done && last_is == UNHEARD)
        last_is = SETTLED;
    return done;
}

void tarn__recovered(void)
{
    if (last_is == HEARD)
        last_is = SETTLED;
}

void tarn_set_error_handler(tarn_error_handler *new_handler, void *context)
{
    handler = new_handler ? new_handler : print_and_abort;
    handler_context = context;
}

tarn_error_handler *tarn_error_handler_now(void)
{
    return handler == print_and_abort ? NULL : handler;
}

/* Formats aside first, since an argument may be tarn_error() itself. */
static void record(const char *format, va_list arguments)
{
    char message[sizeof last_error];
    tarn__format_list(message, sizeof message, format, arguments);
    memcpy(last_error, message, sizeof message);
}

static void call_handler(void)
{
    last_is = HEARD;
    handler(last_error, handler_context);
}

static _Thread_local bool caught;

bool tarn__catch_mistakes(bool all)
{
    const bool before = caught;
    caught = all;
    return before;
}

void *tarn_fail(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    record(format, arguments);
    va_end(arguments);
    if (caught)
        last_is = UNHEARD;
    else
        call_handler();
    return NULL;
}

bool tarn_fail_null(const char *what)
{
    return tarn__fail_of(what ? what : "what was given", "is NULL");
}

bool tarn__fail_of(const char *what, const char *is)
{
    if (last_is == UNHEARD && !caught)
        call_handler();
    else if (last_is == SETTLED)
        tarn_fail("%s %s", what, is);
    return false;
}

bool tarn_set_error(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    record(format, arguments);
    va_end(arguments);
    last_is = UNHEARD;
    return false;
}
